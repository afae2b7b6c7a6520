"""A trial in words: a table a case, one of all cases, the targets, and what was not built.

Called by benchmarks/field_trial.py; gives text, prints nothing.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sim.trial.cases import GAINS, TIMES
from sim.trial.field import Found
from sim.trial.judge import Estimate, Judged, Verdict, together
from sim.trial.targets import Target

WIDE = 14
"""Columns of a name."""
MARKS = {True: "met", False: "MISSED", None: "not judged"}


def lines(found: Found, verdicts: Sequence[Verdict], asked: Sequence[Target]) -> Iterator[str]:
    """The whole report, line by line."""
    yield from _head(found)
    for verdict in verdicts:
        yield from _case(verdict)
    yield from _total(verdicts)
    yield from _regrets(verdicts)
    yield from _targets(asked)
    yield from _missing(verdicts)
    for kind, why in found.trial.unplayed.items():
        yield f"not played: {kind}: {why}"


def _head(found: Found) -> Iterator[str]:
    trial = found.trial
    yield (
        f"{len(trial.cases)} cases x {trial.seeds} seeds x {len(trial.entries)} rows, {trial.weeks:g} weeks each, "
        f"root seed {trial.seed}; markets: "
        + (
            "as the file says"
            if trial.markets == "file"
            else "each assumed effect and contested mechanism, once a seed"
        )
    )
    yield "score: 0 as doing nothing, 1 as the oracle; +- is one standard error (delta method, seeds paired);"
    yield "miss + money + turning = J: beyond the band, lambda spend / budget, mu moves"
    yield "worst: mean of the worst tenth of futures; over: money beyond what was due, of it; turns: reversals a week"
    for entry in trial.entries:
        yield f"  {entry.name:<{WIDE}} {entry.about}"
    for file, (gain, time) in found.gains.items():
        edge = gain in (GAINS[0], GAINS[-1]) or time in (TIMES[0], TIMES[-1])
        where = ", at the edge of its grid" if edge else ""
        yield f"simple_pid on {file.stem}: gain {gain:g} % per %, integral time {time:g} executions{where}"


def _case(verdict: Verdict) -> Iterator[str]:
    yield ""
    yield f"{verdict.case.name}: {_why(verdict)}"
    words = "J +- miss money turning worst-J score +- worst regret +- over turns moves cpu-s"
    columns = [word.replace("-", " ") if len(word) > 2 else word for word in words.split()]
    yield f"  {'':<{WIDE}} " + " ".join(f"{name:>8}" for name in columns)
    for row in verdict.rows.values():
        if row.missing:
            yield f"  {row.name:<{WIDE}} {_first(row.missing)}"
        else:
            yield f"  {row.name:<{WIDE}} " + " ".join(f"{text:>8}" for text in _row(row))


def _why(verdict: Verdict) -> str:
    if verdict.won is None:
        return "not scored, since doing nothing or the oracle is missing"
    share = verdict.won.value / verdict.nothing if verdict.nothing else np.nan
    gap = f"the oracle wins {_of(verdict.won, 4)}, {share:.0%} of the J of doing nothing"
    return f"scored, {gap}" if verdict.scored else f"not scored, {gap}"


def _row(row: Judged) -> list[str]:
    score, regret = row.score, row.regret
    return [
        f"{row.loss.value:.4f}",
        f"{row.loss.error:.4f}",
        *(f"{part:.4f}" for part in row.parts),
        f"{row.worst_loss:.4f}",
        *(
            ["", "", ""]
            if score is None
            else [f"{score.value:.3f}", f"{score.error:.3f}", f"{row.worst_score:.3f}"]
        ),
        *(["", ""] if regret is None else [f"{regret.value:+.4f}", f"{regret.error:.4f}"]),
        f"{row.overspend:.1%}",
        f"{row.reversals:.1f}",
        f"{row.moves:.1f}",
        f"{row.cpu:.1f}",
    ]


def _total(verdicts: Sequence[Verdict]) -> Iterator[str]:
    scored = [verdict for verdict in verdicts if verdict.scored]
    if not scored:
        yield ""
        yield "no case is scored"
        return
    yield ""
    yield f"scores in the {len(scored)} scored cases"
    names = list(scored[0].rows)
    yield f"  {'':<40} " + " ".join(f"{name:>11}" for name in names)
    for verdict in scored:
        cells = [_cell(verdict.rows[name].score) for name in names]
        yield f"  {verdict.case.name:<40} " + " ".join(f"{text:>11}" for text in cells)
    whole = [together(verdicts, name) for name in names]
    yield f"  {'mean':<40} " + " ".join(f"{_cell(each):>11}" for each, _ in whole)
    yield f"  {'+-':<40} " + " ".join(
        f"{'' if each is None else f'{each.error:.3f}':>11}" for each, _ in whole
    )
    tables: dict[str, Callable[[Judged], float]] = {
        "worst decile": lambda row: row.worst_score,
        "overspend, % of what was due": lambda row: 100 * row.overspend,
        "futures that overspent, %": lambda row: 100 * row.overspent,
        "reversals a week": lambda row: row.reversals,
        "cpu seconds a case": lambda row: row.cpu,
    }
    for words, take in tables.items():
        means = [
            _mean([take(verdict.rows[name]) for verdict in scored if not verdict.rows[name].missing])
            for name in names
        ]
        yield f"  {words:<40} " + " ".join(f"{text:>11}" for text in means)


def _regrets(verdicts: Sequence[Verdict]) -> Iterator[str]:
    others = [verdict for verdict in verdicts if not verdict.scored]
    if not others:
        return
    names = list(others[0].rows)
    yield ""
    yield f"regret in J where nothing is to be won, {len(others)} cases; * beyond two standard errors"
    yield f"  {'':<40} " + " ".join(f"{name:>11}" for name in names)
    for verdict in others:
        cells = [_regret(verdict.rows[name].regret) for name in names]
        yield f"  {verdict.case.name:<40} " + " ".join(f"{text:>11}" for text in cells)


def _targets(asked: Sequence[Target]) -> Iterator[str]:
    if not asked:
        return
    yield ""
    yield "targets"
    for each in asked:
        value = "" if np.isnan(each.value) else f"{each.value:+.4f}"
        error = "" if np.isnan(each.error) else f"+- {each.error:.4f}"
        bar = "" if each.target is None else f"asked {each.target:.4g}"
        yield f"  {MARKS[each.met]:<10} {each.figure:<48} {value:>8} {error:<10} {bar:<14} {_first(each.said)}".rstrip()
    counts = {mark: sum(each.met is met for each in asked) for met, mark in MARKS.items()}
    yield "  " + ", ".join(f"{count} {mark}" for mark, count in counts.items() if count)


def _missing(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Every reason once, in full."""
    seen = dict.fromkeys(
        f"{row.name}: {row.missing}" for verdict in verdicts for row in verdict.rows.values() if row.missing
    )
    if seen:
        yield ""
        yield from (f"missing, {text}" for text in seen)


def _cell(score: Estimate | None) -> str:
    return "-" if score is None else f"{score.value:.3f}"


def _regret(regret: Estimate | None) -> str:
    if regret is None:
        return "-"
    mark = "*" if regret.value > 2 * regret.error else ""
    return f"{regret.value:+.4f}{mark}"


def _of(estimate: Estimate, places: int) -> str:
    return f"{estimate.value:.{places}f} +- {estimate.error:.{places}f}"


def _mean(values: Sequence[float]) -> str:
    return f"{float(np.mean(values)):.2f}" if values else "-"


def _first(text: str, most: int = 100) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
