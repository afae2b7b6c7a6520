"""What is left of each output after all guardrails have spoken: law before safety before process.

Called once a tick, between validation and policy, by guards, which has asked every guardrail; calls spans for the
arithmetic. Never invents a bound: it only weighs what was said.

Each class is intersected, rounded inwards to the actuator's grid, and laid upon what the classes above it left:

    law        published terms          contradicts itself, or has no grid point      -> suspend
    actuator   its own range            outside the law                               -> suspend
    safety     budget, stock, kill      empty together with the law                   -> suspend
    process    slew, reversals, bounds  empty together with what stands above         -> dropped, with its reason

Suspend means: stop offering, honour what was won. A suspended cell keeps one value, its lawful safe value. A dropped
bound is not forgotten: what is left is the one value nearest to what it wanted, so that a slew limit which the law
breaks does not set the whole range free. Two guardrails of one class that exclude each other leave the end nearest the
safe value. So the result does not depend on the order in which guardrails are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from controller.loop.grid import Grid
from controller.loop.spans import Span, Voice, complaints, meet, own_span
from controller.signals import Bound, Channel, Limits

RANKS = ("law", "actuator", "safety", "process")
"""Classes by authority; `actuator` is the channel's own range and is said by no guardrail."""
OWN = "actuator"
"""Name of the author of a channel's own range; always number 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What one guardrail said at one tick."""

    name: str
    """Its name in the config."""
    rank: str
    """`law`, `safety` or `process`; a bound may carry a softer one of its own."""
    bounds: Sequence[Bound]


def combine(said: Iterable[Said], channels: Mapping[str, Channel], cells: int) -> Limits:
    """Weigh all bounds into one interval a channel and cell; `low <= high` always, both on the actuator's grid.

    Parameters
    ----------
    said: what each guardrail said, in any order.
    channels: every channel of the campaign; one without a bound keeps its own range.
    cells: number of cells; every array given or returned has shape (cells,). NaN in a bound: it does not care.

    >>> odds = Channel("win_rate", "share", 0.0, 0.12, 0.03, 0.03, resolution=0.0001)
    >>> floor = Said("terms", "law", [Bound("win_rate", low=np.array([0.03]), why="published: at least 3%")])
    >>> cap = Said("cap", "process", [Bound("win_rate", high=np.array([0.02]), why="the cap of the house")])
    >>> limits = combine([cap, floor], {"win_rate": odds}, 1)
    >>> limits.low["win_rate"], limits.high["win_rate"], limits.names[limits.low_by["win_rate"][0]]
    (array([0.03]), array([0.03]), 'terms')
    >>> limits.dropped
    ('cap: wanted win_rate at most 0.02, but terms allows 0.03 at least',)
    """
    return weigh(said, channels, cells)[0]


def lawful_safe(said: Iterable[Said], channels: Mapping[str, Channel], cells: int) -> dict[str, Array]:
    """The safe value of each channel inside this tick's law and the actuator's range, on its grid; shape (cells,).

    The value that fallback, `safe`, the end of a campaign and the lease of a command use: process limits do not bind
    these moves, the law does.

    >>> free = Channel("win_rate", "share", 0.0, 0.12, 0.03, 0.0, resolution=0.0001)
    >>> floor = Said("terms", "law", [Bound("win_rate", low=np.array([0.03]))])
    >>> lawful_safe([floor], {"win_rate": free}, 1)
    {'win_rate': array([0.03])}
    """
    return weigh([each for each in said if each.rank == "law"], channels, cells)[2]


def weigh(
    said: Iterable[Said], channels: Mapping[str, Channel], cells: int
) -> tuple[Limits, Limits, dict[str, Array]]:
    """All limits; the hard ones (without process); the lawful safe values. See `combine`."""
    voices, names, why = _voices(said, channels, cells)
    weighed = {
        name: _weigh([voice for voice in voices if voice.bound.channel == name], channel, cells, names)
        for name, channel in channels.items()
    }
    suspend = {name: each.suspend for name, each in weighed.items()}
    dropped = tuple(text for each in weighed.values() for text in each.dropped)
    soft = _limits({name: each.soft for name, each in weighed.items()}, names, why, suspend, dropped)
    hard = _limits({name: each.hard for name, each in weighed.items()}, names, why, suspend, dropped)
    return soft, hard, {name: each.safe for name, each in weighed.items()}


def _limits(
    spans: Mapping[str, Span], names: tuple[str, ...], why: dict[str, str], suspend: dict[str, Bools],
    dropped: tuple[str, ...],
) -> Limits:  # fmt: skip
    return Limits(
        {name: span.low for name, span in spans.items()},
        {name: span.high for name, span in spans.items()},
        {name: span.low_by for name, span in spans.items()},
        {name: span.high_by for name, span in spans.items()},
        names, why, suspend, dropped,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """One channel: all limits, the hard ones, and what follows."""

    soft: Span
    hard: Span
    suspend: Bools
    safe: Array
    dropped: list[str]


def _weigh(voices: Sequence[Voice], channel: Channel, cells: int, names: Sequence[str]) -> _Weighed:
    """Law, actuator, safety and process in turn; then pin what is suspended."""
    grid, dropped = Grid.of(channel), list[str]()
    lawful, suspend = _law(_of(voices, "law"), channel, grid, cells)
    if suspend.any():
        dropped += complaints(_of(voices, "law"), own_span(channel, grid, cells), channel, names)
    safe = np.clip(grid.nearest(np.full(cells, channel.safe)), lawful.low, lawful.high)
    spans = [lawful]
    for rank in ("safety", "process"):
        members, above = _of(voices, rank), spans[-1]
        asked, torn = meet(members, channel, grid, cells)
        outside = asked.misses(above)
        suspend = suspend | outside if rank == "safety" else suspend
        dropped += complaints(members, above, channel, names) if (outside | torn).any() else []
        spans.append(asked.upon(above))
    for voice in voices:
        suspend = suspend if voice.bound.suspend is None else suspend | voice.bound.suspend
    hard, soft = (span.pinned(suspend, safe) for span in spans[1:])
    return _Weighed(soft, hard, suspend, safe, dropped)


def _law(voices: Sequence[Voice], channel: Channel, grid: Grid, cells: int) -> tuple[Span, Bools]:
    """The law within the actuator's range, and where that leaves nothing: there the values stay with the law."""
    own = own_span(channel, grid, cells)
    law, torn = meet(voices, channel, grid, cells)
    return own.upon(law).finite(own), torn | law.misses(own)


def _of(voices: Sequence[Voice], rank: str) -> list[Voice]:
    return [voice for voice in voices if voice.rank == rank]


def _voices(
    said: Iterable[Said], channels: Mapping[str, Channel], cells: int
) -> tuple[list[Voice], tuple[str, ...], dict[str, str]]:
    """Bounds by class and name, with the numbers of their authors."""
    why, voices = {OWN: "the range of the actuator"}, list[Voice]()
    for each in sorted(said, key=lambda one: (RANKS.index(_known(one.rank, one.name)), one.name)):
        many = len({bound.channel for bound in each.bounds}) > 1
        for bound in each.bounds:
            _check(bound, each.name, channels, cells)
            rank = _known(bound.rank or each.rank, each.name)
            name = ".".join([each.name] + [bound.channel] * many + [rank] * (rank != each.rank))
            why.setdefault(name, bound.why)
            voices.append(Voice(list(why).index(name), rank, bound))
    return voices, tuple(why), why


def _known(rank: str, name: str) -> str:
    if rank not in RANKS or rank == OWN:
        raise ValueError(f"guardrail {name}: its class must be law, safety or process, received {rank!r}")
    return rank


def _check(bound: Bound, name: str, channels: Mapping[str, Channel], cells: int) -> None:
    if bound.channel not in channels:
        raise ValueError(
            f"guardrail {name}: speaks of {bound.channel!r}, known: {', '.join(sorted(channels))}"
        )
    for end in (bound.low, bound.high, bound.suspend):
        if end is not None and end.shape != (cells,):
            raise ValueError(
                f"guardrail {name}: a bound on {bound.channel} has shape {end.shape}, not ({cells},)"
            )
