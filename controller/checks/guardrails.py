"""What every guardrail must keep, whatever it limits: `check_guardrail(MyGuardrail, settings)` in a plugin's own tests.

Tells it a story of a campaign (moves, spending, gaps in the data) and raises AssertionError at the first broken
promise. Called by tests; calls the guardrail through its port, and limits to weigh what it says.

    honest      its class is one of the three, its facts are ones a campaign keeps
    steady      it speaks of the same channels of its scope at every tick, in arrays of shape (cells,), and says why
    pure        two calls agree, and change no argument
    separate    pools of cells in one array equal as many separate runs, bit for bit
    cautious    data that is older never leaves more room
    weighable   what it says alone leaves a value on the actuator's grid, or suspends
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from controller.cells import Array, Cells
from controller.checks.spending import BUDGET, CHANNEL, scope_of, told
from controller.loop.facts import fact_names
from controller.loop.grid import Grid
from controller.loop.limits import Said, combine
from controller.ports import Context, Guardrail
from controller.registry import find
from controller.signals import Bound

_ENDS = ("low", "high", "suspend")


def check_guardrail(guardrail: str | type[Any], settings: object, sizes: Sequence[int] = (1, 1, 1)) -> None:
    """Check one guardrail, by kind or by class, built with these settings; raises AssertionError.

    `sizes`: number of cells in each pool; its scope has one channel `output` in share, 3 % to 12 %, and one budget
    `prizes`.

    >>> from controller.guardrails.slew import Settings
    >>> check_guardrail("slew", Settings(), sizes=(2, 1))
    """
    cls = find("guardrail", guardrail).cls if isinstance(guardrail, str) else guardrail
    names = tuple(f"shop-{pool}-{cell}" for pool, size in enumerate(sizes) for cell in range(size))
    pool = np.repeat(np.arange(len(sizes)), sizes)
    whole = _run(cls, settings, Cells(names, pool))
    for index in range(len(sizes)):
        mine = pool == index
        alone = _run(cls, settings, Cells(tuple(name for name, one in zip(names, mine, strict=True) if one)))
        for turn, (both, one) in enumerate(zip(whole, alone, strict=True)):
            _same([_part(bound, mine) for bound in both], one, f"pool {index} alone, and among others", turn)


def _run(cls: type[Any], settings: object, cells: Cells) -> list[Sequence[Bound]]:
    """Tell the story to one guardrail; returns what it said, turn by turn."""
    scope = scope_of(cells)
    guardrail: Guardrail = cls(scope, settings)
    _hold(guardrail.rank in ("law", "safety", "process"), f"its class is {guardrail.rank!r}", 0)
    strange = set(guardrail.needs) - fact_names(scope.channels, scope.budgets)
    _hold(not strange, f"needs facts that no campaign keeps: {sorted(strange)}", 0)
    said = [_said(guardrail, context, turn, len(cells)) for turn, context in enumerate(told(scope))]
    topics = [[(bound.channel, bound.rank) for bound in bounds] for bounds in said]
    for turn, topic in enumerate(topics):
        _hold(topic == topics[0], f"speaks of {topic}, at first it spoke of {topics[0]}", turn)
    return said


def _said(guardrail: Guardrail, context: Context, turn: int, cells: int) -> Sequence[Bound]:
    context = replace(context, facts={name: context.facts[name] for name in guardrail.needs})
    for array in _arrays(context):
        array.flags.writeable = False
    first, second = guardrail.limit(context), guardrail.limit(context)
    _same(first, second, "two calls", turn)
    for bound in first:
        _hold(
            bound.channel == CHANNEL.name,
            f"speaks of {bound.channel!r}, its scope has {CHANNEL.name!r}",
            turn,
        )
        _hold(bool(bound.why.strip()), "does not say why", turn)
        for name, end in _ends(bound):
            kind = np.bool_ if name == "suspend" else np.float64
            fits = end.shape == (cells,) and end.dtype == kind
            _hold(fits, f"{name} is {end.dtype}{end.shape}, it must be {np.dtype(kind)}({cells},)", turn)
    _cautious(guardrail, context, first, turn)
    _weighable(guardrail, first, turn, cells)
    return first


def _cautious(guardrail: Guardrail, context: Context, fresh: Sequence[Bound], turn: int) -> None:
    older = {
        name: replace(signal, good_at=signal.good_at - 7200.0) for name, signal in context.signals.items()
    }
    for now, then in zip(fresh, guardrail.limit(replace(context, signals=older)), strict=True):
        for name, end in _ends(now):
            stale: Array = getattr(then, name)
            more = (stale > end) if name == "high" else (stale < end)  # a suspension: False after True
            _hold(
                not more.any(),
                f"{name} is {end}, with data two hours older it leaves more room: {stale}",
                turn,
            )


def _weighable(guardrail: Guardrail, bounds: Sequence[Bound], turn: int, cells: int) -> None:
    limits = combine([Said("it", guardrail.rank, bounds)], {CHANNEL.name: CHANNEL}, cells)
    low, high = limits.low[CHANNEL.name], limits.high[CHANNEL.name]
    _hold(bool((low <= high).all() and np.isfinite(low).all()), f"leaves {low} to {high}", turn)
    grid = Grid.of(CHANNEL)
    on = np.array_equal(grid.nearest(low), low) and np.array_equal(grid.nearest(high), high)
    _hold(on, f"leaves {low} to {high}, which are not on the grid", turn)


def _arrays(context: Context) -> Iterator[np.ndarray[Any, Any]]:
    yield from context.facts.values()
    for signal in context.signals.values():
        yield from (signal.value, signal.good_at, signal.fresh, signal.verdict, signal.latch)
    yield context.tick.civil.business_date


def _ends(bound: Bound) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    for name in _ENDS:
        if getattr(bound, name) is not None:
            yield name, getattr(bound, name)


def _part(bound: Bound, mine: np.ndarray[Any, Any]) -> Bound:
    ends: Mapping[str, Any] = {name: end[mine] for name, end in _ends(bound)}
    return replace(bound, **ends)


def _same(one: Sequence[Bound], other: Sequence[Bound], what: str, turn: int) -> None:
    _hold(len(one) == len(other), f"{what}: {len(one)} bounds and {len(other)}", turn)
    for left, right in zip(one, other, strict=True):
        for name in _ENDS:
            a, b = getattr(left, name), getattr(right, name)
            same = a is b or (
                a is not None and b is not None and np.array_equal(a, b, equal_nan=name != "suspend")
            )
            _hold(same, f"{what} differ in {name}: {a} and {b}", turn)


def _hold(kept: bool, text: str, turn: int) -> None:
    if not kept:
        raise AssertionError(f"turn {turn}: {text}")


__all__ = ["BUDGET", "CHANNEL", "check_guardrail"]
