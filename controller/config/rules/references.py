"""Names: what one entry calls another by must stand in the file, and be of the kind meant.

One of the rules that load.py runs over a draft. A name whose own entry is broken counts as declared: that fault is
reported where it is.
"""

from collections.abc import Iterable, Iterator

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.errors import nearest
from controller.plan import OTHERS, LoopPlan, split_measure


def check(draft: Draft) -> Iterator[Fault]:
    """Every name that is used."""
    plan = draft.plan
    yield from _budgets(draft)
    for name, loop in plan.loops.items():
        yield from _loop(draft, name, loop)
    for name, select in plan.select.items():
        yield from _in(draft.names("actuators"), name, ("select", name), "actuator", at_key=True)
        for rule in ("lowest", "highest"):
            yield from _all(draft.names("loops"), getattr(select, rule), ("select", name, rule), "loop")
    for name, guardrail in plan.guardrails.items():
        yield from _all(draft.names("actuators"), guardrail.on or (), ("guardrails", name, "on"), "actuator")
        if guardrail.kind == "certainty" and guardrail.settings is not None:
            yield from _known_by(draft, guardrail.settings.sensor, ("guardrails", name, "sensor"))
    yield from _all(draft.names("actuators"), plan.auto_accepts, ("auto_accepts",), "actuator")
    if plan.market is not None:
        yield from _keys(draft.names("sensors"), plan.market.signals, ("market", "signals"), "sensor")
        yield from _keys(draft.names("actuators"), plan.market.levers, ("market", "levers"), "actuator")
    for name, event in plan.events.items():
        yield from _all(_cells(draft), event.cells, ("events", name, "cells"), "cell")
    yield from _keys(_cells(draft), plan.cells.timezones, ("cells", "timezones"), "cell")


def _budgets(draft: Draft) -> Iterator[Fault]:
    for name, budget in draft.plan.budgets.items():
        for key in ("paid", "owed"):
            sensor = getattr(budget, key)
            if sensor is not None:
                yield from _in(draft.names("sensors"), sensor, ("budgets", name, key), "sensor")


def _loop(draft: Draft, name: str, loop: LoopPlan) -> Iterator[Fault]:
    path: Path = ("loops", name)
    sensor, cell = split_measure(loop.measure)
    yield from _in(draft.names("sensors"), sensor, (*path, "measure"), "sensor")
    if cell is not None:
        yield from _in(_cells(draft), cell, (*path, "measure"), "cell")
    yield from _keys(_channels(draft), loop.move, (*path, "move"), "channel")
    yield from _all(frozenset(loop.move), loop.order, (*path, "order"), "channel of `move`")
    if loop.order and set(loop.order) < set(loop.move):
        missing = ", ".join(sorted(set(loop.move) - set(loop.order)))
        yield Fault(
            (*path, "order"), f"not the whole order, received {len(loop.order)} names, missing: {missing}"
        )
    if loop.pays_from is not None:
        yield from _in(draft.names("budgets"), loop.pays_from, (*path, "pays_from"), "budget")
    if loop.target.spend is not None:
        yield from _in(draft.names("budgets"), loop.target.spend, (*path, "target", "spend"), "budget")
    yield from _keys(
        draft.names("sensors"), loop.target.subject_to, (*path, "target", "subject_to"), "sensor"
    )
    yield from _all(draft.names("events"), loop.events or (), (*path, "events"), "event")
    yield from _per_cell(draft, loop, (*path, "target"))


def _known_by(draft: Draft, sensor: str, path: Path) -> Iterator[Fault]:
    """A sensor that knows the width of its own value."""
    yield from _in(draft.names("sensors"), sensor, path, "sensor")
    plan = draft.plan.sensors.get(sensor)
    if plan is not None and getattr(plan.settings, "posterior", None) is None:
        yield Fault(path, f"{sensor} does not say how well it is known, allowed: a formula with `posterior:`")


def _per_cell(draft: Draft, loop: LoopPlan, path: Path) -> Iterator[Fault]:
    """A map per cell names known cells, and all of them or `others`."""
    cells, amount = _cells(draft), loop.target.amount
    if not isinstance(amount, dict):
        return
    place = (*path, loop.target.verb)
    yield from _keys(cells | {OTHERS}, amount, place, "cell")
    lacking = sorted(cells - amount.keys()) if OTHERS not in amount and loop.cell is None else []
    if lacking:
        some = ", ".join(lacking[:5])
        yield Fault(place, f"no level for every cell, missing: {some}; allowed: a level each, or {OTHERS}")


def _channels(draft: Draft) -> frozenset[str]:
    shares = {f"{name}.share" for name in draft.names("budgets")}
    targets = {f"{name}.target" for name in draft.names("loops")}
    return frozenset(draft.names("actuators") | shares | targets)


def _cells(draft: Draft) -> frozenset[str]:
    return frozenset(draft.plan.cells.names)


def _in(known: frozenset[str], name: str, path: Path, what: str, *, at_key: bool = False) -> Iterator[Fault]:
    if name not in known:
        yield Fault(path, f"no {what} is called {name!r}{nearest(name, known)}", at_key)


def _all(known: frozenset[str], names: Iterable[str], path: Path, what: str) -> Iterator[Fault]:
    for index, name in enumerate(names):
        yield from _in(known, name, (*path, index), what)


def _keys(known: frozenset[str], names: Iterable[str], path: Path, what: str) -> Iterator[Fault]:
    for name in names:
        yield from _in(known, name, (*path, name), what, at_key=True)
