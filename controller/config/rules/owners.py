"""Who moves what: one owner for each actuator and target, and cascades without cycles.

One of the rules that load.py runs over a draft. Two loops may share an actuator through a `select` that names
both, or by seasons that never meet.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from controller.config.document import Fault
from controller.config.parse import Draft
from controller.plan import Campaign, LoopPlan
from controller.quantities import write_duration

_YEAR = tuple(date(2024, 1, 1) + timedelta(days=day) for day in range(366))


def check(draft: Draft) -> Iterator[Fault]:
    """Owners, selectors and cascades."""
    plan = draft.plan
    yield from _owners(plan)
    yield from _selects(plan)
    yield from _cascades(plan)


def movers_of(plan: Campaign) -> dict[str, list[str]]:
    """Channel -> the loops that move it, in the file's order."""
    movers = defaultdict(list)
    for name, loop in plan.loops.items():
        for channel in loop.move:
            movers[channel].append(name)
    return dict(movers)


def _owners(plan: Campaign) -> Iterator[Fault]:
    for channel, loops in movers_of(plan).items():
        chosen = plan.select[channel].loops if channel in plan.select else ()
        for first, second in combinations(loops, 2):
            if not _meet(plan.loops[first], plan.loops[second]) or {first, second} <= set(chosen):
                continue
            text = f"two owners: loops {first} and {second} both move {channel}"
            allowed = f"one loop, or `select: {{{channel}: {{lowest: [{first}, {second}]}}}}`"
            yield Fault(("loops", second, "move", channel), f"{text}, allowed: {allowed}", at_key=True)


def _meet(one: LoopPlan, other: LoopPlan) -> bool:
    """True where there is a day on which both steer."""
    if one.when is None or other.when is None:
        return True
    return any(one.when.holds(day) and other.when.holds(day) for day in _YEAR)


def _selects(plan: Campaign) -> Iterator[Fault]:
    for channel, select in plan.select.items():
        rule = "lowest" if select.lowest else "highest"
        for index, name in enumerate(select.loops):
            if name in plan.loops and channel not in plan.loops[name].move:
                text = f"loop {name} does not move {channel}, allowed: loops whose `move` names it"
                yield Fault(("select", channel, rule, index), text)
        if len(select.loops) == 1:
            yield Fault(
                ("select", channel, rule), "there is nothing to select from, allowed: two loops or more"
            )


def _cascades(plan: Campaign) -> Iterator[Fault]:
    inner_of = {name: _inner(plan, loop) for name, loop in plan.loops.items()}
    for name, inner in inner_of.items():
        for other in inner:
            path = ("loops", name, "move", f"{other}.target")
            target = plan.loops[other].target
            if target.limits is None:
                text = f"the target of {other} has no range to move in, allowed: `limits: [low, high]` in its target"
                yield Fault(path, text, at_key=True)
            if target.amount is None or isinstance(target.amount, dict):
                yield Fault(
                    path, f"the target of {other} is not one level, so it can't be moved", at_key=True
                )
            if plan.loops[name].every < plan.loops[other].every:
                pace = write_duration(plan.loops[other].every)
                text = f"an outer loop runs no faster than the loop it leads, which runs every {pace}"
                yield Fault(("loops", name, "every"), text)
    for cycle in _cycles(inner_of):
        path = ("loops", cycle[0], "move", f"{cycle[1]}.target")
        yield Fault(path, f"a cascade that leads back to itself: {' -> '.join(cycle)}", at_key=True)


def _inner(plan: Campaign, loop: LoopPlan) -> tuple[str, ...]:
    """Loops whose targets this loop moves."""
    names = (channel.removesuffix(".target") for channel in loop.move if channel.endswith(".target"))
    return tuple(name for name in names if name in plan.loops)


def _cycles(edges: dict[str, tuple[str, ...]]) -> Iterator[Sequence[str]]:
    """Each cycle once, beginning with its first loop by name."""
    seen = set()
    for start in sorted(edges):
        stack: list[tuple[str, ...]] = [(start,)]
        while stack:
            trail = stack.pop()
            for other in edges.get(trail[-1], ()):
                if other == start and frozenset(trail) not in seen:
                    seen.add(frozenset(trail))
                    yield (*trail, start)
                elif other not in trail and other > start:
                    stack.append((*trail, other))
