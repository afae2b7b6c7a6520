"""`setpoint evaluate`: what another policy would have got on a log, by several estimators, or why that can't be told.

Called by its entry point; calls sim.ope. The exit code is 0 where at least one estimator gives a value, 1 where all are
refused, 3 where the log or the policy is wrong.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.cli import options
from controller.cli.exits import FOUND
from controller.cli.output import columns, emit

if TYPE_CHECKING:
    from sim.ope._evaluate import Estimate
    from sim.ope._log import Log
    from sim.ope._support import Support


@click.command()
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--policy",
    required=True,
    metavar="OTHER",
    help="The policy asked about: uniform, fixed:ARM, or a CSV of action,probability (and position).",
)
@click.option(
    "--estimator",
    "estimators",
    multiple=True,
    metavar="KIND",
    help="Only this one; several may be given. All by default.",
)
@click.option(
    "--loop", metavar="NAME", help="The loop whose decisions are meant, where LOG is a journal with several."
)
@click.option(
    "--level",
    type=click.FloatRange(0.5, 0.999),
    default=0.95,
    show_default=True,
    help="Level of the intervals.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of folds and of replay matching.",
)
@options.as_json
def evaluate(
    log: Path, policy: str, estimators: tuple[str, ...], loop: str | None, level: float, seed: int, as_json: bool
) -> None:  # fmt: skip
    """Say what another policy would have got on a log, or refuse.

    LOG is a CSV with columns action, reward, propensity, an Open Bandit file, or a journal.
    """
    from controller.errors import ConfigError, Problem
    from sim.ope._evaluate import evaluate as ask
    from sim.ope._faults import LogError
    from sim.ope._question import Question
    from sim.ope.readers.any import log_of, target_of

    try:
        read = log_of(log, loop)
        made = ask(Question(read, target_of(read, policy)), estimators, seed=seed, level=level)
    except LogError as fault:
        raise ConfigError(str(log), [Problem(1, 1, "", str(each)) for each in fault.faults]) from fault
    emit(_data(read, policy, made), _lines(log, read, policy, made), as_json)
    if all(each.refused for each in made):
        raise SystemExit(FOUND)


def _lines(place: Path, log: "Log", policy: str, made: "Sequence[Estimate]") -> Iterator[str]:
    mean, error = _logged(log)
    yield f"log: {place}, {_counted(log)}; its rewards are {mean:.6g} +- {error:.2g} in the mean (1 standard error)"
    if log.left_out:
        yield "left out: " + ", ".join(f"{count:,} {why}" for why, count in log.left_out.items())
    yield f"asked: {policy}"
    yield from _support(made[0].support)
    head = ("estimator", "value", f"{100 * made[0].level:.4g} % interval", "standard error", "rows", "tuned")
    rows = [_row(each) for each in made if not each.refused]
    if rows:
        yield from columns([head, *rows], indent="")
    yield from _refusals(made)


def _counted(log: "Log") -> str:
    places = f", {log.positions} positions" if log.positions > 1 else ""
    return f"{len(log):,} rows, {len(log.arms)} arms{places}"


def _support(found: "Support") -> Iterator[str]:
    yield f"worth {found.effective:,.1f} of {found.rows:,} rows (effective sample size)"
    share = f"{found.largest:.2%} of all"
    yield f"largest weight {found.heaviest:,.6g}, {share}; mean weight {found.mean:.4g}, should be 1"
    if found.unseen:
        yield f"{found.unseen:.2%} of what is asked has no row"


def _row(each: "Estimate") -> tuple[str, ...]:
    tuned = ", ".join(f"{name} {value:.3g}" for name, value in each.details.items())
    interval = f"{each.low:.6f} to {each.high:.6f}"
    return (each.kind, f"{each.value:.6f}", interval, f"{each.error:.6f}", f"{each.used:,}", tuned)


def _refusals(made: "Sequence[Estimate]") -> Iterator[str]:
    """Each reason once, with those whom it stops."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    for each in made:
        if each.refused:
            reasons.setdefault(each.refused, []).append(each.kind)
    for why, who in reasons.items():
        yield f"refused: {', '.join(who)}"
        yield from (f"  {text}" for text in why)


def _logged(log: "Log") -> tuple[float, float]:
    """Mean of the logged rewards, and its standard error."""
    return float(log.reward.mean()), float(log.reward.std() / max(len(log), 1) ** 0.5)


def _data(log: "Log", policy: str, made: "Sequence[Estimate]") -> dict[str, Any]:
    from dataclasses import asdict

    mean, error = _logged(log)
    each = [{key: value for key, value in asdict(one).items() if key != "support"} for one in made]
    return {
        "log": {
            "rows": len(log), "arms": len(log.arms), "positions": log.positions, "left_out": dict(log.left_out),
            "mean": mean, "standard_error": error,
        },
        "policy": policy,
        "support": asdict(made[0].support),
        "estimates": each,
    }  # fmt: skip
