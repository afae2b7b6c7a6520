"""`setpoint export`: a journal as a table, for those who would rather not open it in Python.

Called by its entry point; calls sim/journal/journal.py. CSV goes to a file (or to stdout with `-`), JSON to stdout. The
columns are those of `sim.read_journal`; docs/journal.md lists them with their units.
"""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.cli import options
from controller.cli.output import progress
from controller.cli.why import Moment
from controller.errors import nearest
from sim.cli.journals import journal_at

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("journal", required=False, type=click.Path(path_type=Path))
@click.option("--csv", "csv", metavar="FILE", help="Write CSV to a new file; - writes to stdout.")
@click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON object to stdout: units, columns, rows."
)
@click.option("--parquet", metavar="FILE", help="Not available in this version; refused by name.")
@click.option(
    "--columns", metavar="A,B,...", help="Only these columns, beside record, time, tick, cell and channel."
)
@click.option(
    "--from", "since", type=Moment(), metavar="MOMENT", help="Ticks from then on: 2026-06-01T08:00, UTC."
)
@click.option("--to", "until", type=Moment(), metavar="MOMENT", help="Ticks before then.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@options.store
def export(
    journal: Path | None, csv: str | None, as_json: bool, parquet: str | None, columns: str | None,
    since: float | None, until: float | None, overwrite: bool, store: str | None, daemon: str | None,
) -> None:  # fmt: skip
    """Write a journal as CSV or JSON, one row per tick, cell and channel.

    Reads the journal only, also while a daemon writes it.
    """
    _refuse(csv, as_json, parquet, overwrite)
    frame = _read(journal_at(journal, store, daemon), columns, since, until)
    if as_json:
        _write_json(frame)
    else:
        _write_csv(frame, str(csv))


def _refuse(csv: str | None, as_json: bool, parquet: str | None, overwrite: bool) -> None:
    """Raise UsageError for what can't be done."""
    if parquet is not None:
        text = f"--parquet is not available in this version, received {parquet}, allowed: --csv, --json"
        raise click.UsageError(text)
    if (csv is None) == (not as_json):
        received = "both" if csv else "none"
        raise click.UsageError(f"one form is needed, received {received}, allowed: --csv, --json")
    if csv not in (None, "-") and Path(str(csv)).exists() and not overwrite:
        raise click.UsageError(f"{csv} is there already, allowed: another name, or --overwrite")


def _read(journal: Path, columns: str | None, since: float | None, until: float | None) -> "pd.DataFrame":
    from sim.journal.journal import read_journal

    wanted = None if columns is None else [name.strip() for name in columns.split(",") if name.strip()]
    begins, ends = float("-inf") if since is None else since, float("inf") if until is None else until
    frame = read_journal(journal, columns=wanted, since=begins, until=ends)
    missing = [name for name in wanted or () if name not in frame]
    if missing:
        known = read_journal(journal, since=begins, until=ends).columns
        raise click.UsageError(f"no column is called {missing[0]!r}{nearest(missing[0], known)}")
    return frame


def _write_csv(frame: "pd.DataFrame", place: str) -> None:
    shown = _moments(frame)
    if place == "-":
        shown.to_csv(sys.stdout, index=False, lineterminator="\n")
        return
    shown.to_csv(place, index=False, lineterminator="\n", encoding="utf-8")
    progress(f"{len(frame):,} rows of {len(frame.columns)} columns in {place}")


def _moments(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Times as ISO 8601 in UTC, to the microsecond where there is one."""
    if frame.empty:
        return frame
    whole = bool((frame["time"].dt.microsecond == 0).all())
    form = "%Y-%m-%dT%H:%M:%SZ" if whole else "%Y-%m-%dT%H:%M:%S.%fZ"
    return frame.assign(time=frame["time"].dt.strftime(form))


def _write_json(frame: "pd.DataFrame") -> None:
    """As one object, a row a line; numbers to the last bit, null for what is unknown, since JSON has no NaN."""
    attrs = frame.attrs
    head = {
        "campaign": attrs.get("campaign", ""),
        "units": attrs.get("units", {}),
        "columns": list(frame.columns),
    }
    click.echo(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "rows": [', nl=False)
    shown = _moments(frame)
    rows = zip(*(_values(shown[name]) for name in shown.columns), strict=True)
    for number, row in enumerate(rows):
        click.echo(
            ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False, allow_nan=False), nl=False
        )
    click.echo("]}")


def _values(column: "pd.Series[Any]") -> list[Any]:
    """A column as JSON can hold it."""
    known = column.notna().to_numpy()
    values = column.tolist()
    if column.dtype.kind == "f":
        return [value if math.isfinite(value) else None for value in values]
    if column.dtype.kind == "M":
        return [str(value.date()) if ok else None for value, ok in zip(values, known, strict=True)]
    return [value if ok else None for value, ok in zip(values, known, strict=True)]
