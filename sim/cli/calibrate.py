"""`setpoint calibrate`: a market from somebody's own data, tested on months that the fit has not seen.

Called by its entry point; calls sim.calibration. Reads files, writes one, touches no address. The exit code is 0 where
the hold-out was passed, 1 where it was not (the file is written all the same, and says so), 3 where the data can't be
used: every fault stands on stderr with its line.
"""

from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from controller.cli import options
from controller.cli.exits import FOUND
from controller.cli.output import emit, progress

if TYPE_CHECKING:
    from sim.calibration.asked import Asked
    from sim.calibration.report import Found, Order

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
RECORDED = "recorded"
HOUSEHOLDS = 2469
"""Behind the package's own tables."""


class Day(click.ParamType[date]):
    """A day as 2026-06-01."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A date."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            self.fail(f"not a day, received {value!r}, allowed: such as 2026-06-01", param, ctx)


class Span(click.ParamType[tuple[date, date]]):
    """A day or a span of days, as 2026-11-20..2026-11-26."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        """First and last day."""
        if isinstance(value, tuple):
            return value
        first, _, last = value.partition("..")
        found = Day().convert(first, param, ctx), Day().convert(last or first, param, ctx)
        if found[1] < found[0]:
            self.fail(f"ends before it begins, received {value!r}", param, ctx)
        return found


class Interval(click.ParamType[tuple[float, float]]):
    """Two numbers, as 0:2."""

    name = "interval"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Lower and upper end."""
        if isinstance(value, tuple):
            return value
        try:
            low, high = (float(end) for end in value.split(":"))
        except ValueError:
            low, high = 1.0, 0.0
        if not -10 <= low <= high <= 10:
            self.fail(
                f"not an interval, received {value!r}, allowed: LOW:HIGH within -10:10, such as 0:2",
                param,
                ctx,
            )
        return low, high


@click.command()
@click.argument("data", metavar="DATA")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("market.json"),
    show_default=True,
    help="The market's file.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@click.option("--only-if-passed", is_flag=True, help="Write no file where the hold-out fails.")
@click.option("--time", metavar="COLUMN", help="Column of the stamps; found where there is one candidate.")
@click.option("--value", metavar="COLUMN", help="Column of the counts; of a journal, the sensor.")
@click.option("--timezone", metavar="ZONE", help="Where the shops are: America/New_York.")
@click.option("--utc", is_flag=True, help="Stamps that say no offset are UTC, not local; needs --timezone.")
@click.option("--unit", metavar="NAME", help="What is counted; else the column's name.")
@click.option(
    "--unit-size",
    type=click.FloatRange(1e-6, 1e12),
    default=1.0,
    metavar="N",
    help="One unit of the market is N of the column's: for money, or goods by the case.",
)
@click.option(
    "--kind", type=click.Choice(["hourly", "daily"]), help="Found by itself; daily sums hours by the day."
)
@click.option(
    "--gaps", type=click.Choice(["zero", "unknown"]), help="What an hour without a row is.  [unknown]"
)
@click.option(
    "--duplicates",
    type=click.Choice(["refuse", "sum", "last"]),
    default="refuse",
    show_default=True,
    help="Two rows of one stamp: parts of one count, or corrections.",
)
@click.option(
    "--negative",
    type=click.Choice(["refuse", "unknown"]),
    default="refuse",
    show_default=True,
    help="What a count below zero is.",
)
@click.option("--from", "since", type=Day(), metavar="DAY", help="Read from this day on.")
@click.option("--until", type=Day(), metavar="DAY", help="Read up to this day, itself included.")
@click.option(
    "--without",
    type=Span(),
    multiple=True,
    metavar="DAY[..DAY]",
    help="Leave these days out: they are no ordinary ones. May be given several times.",
)
@click.option("--trips", type=FILE, help="CSV of persons by number of purchases: how much they differ.")
@click.option(
    "--people", type=click.IntRange(1), metavar="N", help="All persons behind --trips, buyers or not."
)
@click.option(
    "--redemptions", type=FILE, help="CSV of redemptions and reach a day: how long an answer takes."
)
@click.option(
    "--gain",
    type=Interval(),
    metavar="LOW:HIGH",
    help="How strongly sales may answer, as factors on the plant's default.  [0:2]",
)
@click.option("--holdout-from", type=Day(), metavar="DAY", help="First day of the test.  [after two thirds]")
@click.option("--draws", type=click.IntRange(4, 256), default=32, show_default=True, help="Possible markets.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Root of all chance.")
@click.option(
    "--against",
    type=click.Choice(["wrong"]),
    help="Test markets that are wrong on purpose too, to see that they are refused.",
)
@options.as_json
def calibrate(data: str, **given: Any) -> None:
    """Fit a market to sales data, and test it on the last third.

    DATA is a CSV (a column of stamps, one of counts), a Setpoint journal, or the word `recorded` for the tables that
    come with Setpoint. docs/calibration.md says what each number means and what is refused.
    """
    from controller.clock import SystemClock
    from sim.calibration import file, words
    from sim.calibration.report import calibrate as run

    out: Path = given["out"]
    if out.exists() and not given["overwrite"]:
        raise click.UsageError(f"{out} is there already, allowed: another --out, or --overwrite")
    if not out.parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}")
    path = _path(data, given)
    found = run(path, _asked(given, SystemClock().now()), _order(given), progress)
    emit(words.data(found), words.lines(found), given["as_json"])
    if found.market.passed or not given["only_if_passed"]:
        file.write(found.market, out)
        progress(_written(found, out))
    else:
        progress(f"{out} not written: the hold-out failed")
    if not found.market.passed:
        raise SystemExit(FOUND)


def _path(data: str, given: dict[str, Any]) -> Path:
    """The file that DATA names; `recorded` brings the tables that belong to it."""
    if data != RECORDED:
        if not Path(data).is_file():
            raise click.UsageError(
                f"DATA: there is no file {data!r}, allowed: a CSV, a journal, or {RECORDED!r}"
            )
        return Path(data)
    tables = Path(str(files("sim").joinpath("data")))
    given["trips"], given["people"] = (
        given["trips"] or tables / "cj_softdrinks_trips.csv",
        given["people"] or HOUSEHOLDS,
    )
    given["redemptions"] = given["redemptions"] or tables / "cj_daily.csv"
    return tables / "cj_softdrinks_hourly.csv"


def _asked(given: dict[str, Any], now: float) -> "Asked":
    from sim.calibration.asked import Asked
    from sim.calibration.stamps import zone_of

    if given["timezone"] is not None:
        zone_of(given["timezone"])
    if given["utc"] and given["timezone"] is None:
        raise click.UsageError("--utc needs --timezone, so that sales are booked on the shops' own days")
    names = (
        "time", "value", "timezone", "utc", "unit", "unit_size", "kind", "gaps", "duplicates", "negative", "since",
        "until", "without",
    )  # fmt: skip
    return Asked(now=now, **{name: given[name] for name in names})


def _order(given: dict[str, Any]) -> "Order":
    from sim.calibration.report import GAIN, Order

    if given["people"] is not None and given["trips"] is None:
        raise click.UsageError("--people says how many stand behind --trips, which is not given")
    names = ("trips", "people", "redemptions", "holdout_from", "draws", "seed")
    against: Literal["wrong"] | None = given["against"]
    told = {name: given[name] for name in names}
    return Order(gain=given["gain"] or GAIN, against_wrong=against == "wrong", **told)


def _written(found: "Found", out: Path) -> str:
    size = out.stat().st_size / 1024
    use = f"setpoint simulate CONFIG --market {out}"
    return f"written: {out} ({size:.0f} KB, {found.market.draws} draws, digest {found.market.digest[:12]}); use: {use}"
