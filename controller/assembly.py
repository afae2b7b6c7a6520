"""From a plan to a loop: the one place where live and simulated runs part.

Called by the daemon with real ports and by the simulator with a market's; calls the registry for policies and
guardrails, never for sensors or actuators, which are handed in. What the plan asks for and the engine does not carry
yet is refused here by name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from controller import paces
from controller.about import about
from controller.cells import Array, Cells
from controller.errors import NotAvailable
from controller.loop import Loop
from controller.loop.approach import Approach
from controller.loop.authority import Authority
from controller.loop.calendar import Calendar
from controller.loop.cascade import Led, links_of, outer_first, target_channels
from controller.loop.dispatch import Dispatcher, Epochs
from controller.loop.execution import Declared, Execution
from controller.loop.facts import Facts
from controller.loop.guards import Guards
from controller.loop.pace import paces_of
from controller.loop.parts import Parts, Span
from controller.loop.selection import Selection
from controller.loop.setpoints import Setpoint
from controller.loop.split import EFFORT, Split
from controller.loop.totals import totals_of
from controller.loop.validation import Rules, Validator
from controller.loop.week import weeks_of
from controller.plan import TARGET, Campaign, LoopPlan
from controller.plan import Actuator as ActuatorPlan
from controller.plan import Sensor as SensorPlan
from controller.ports import (
    Actuator,
    BudgetScope,
    Gate,
    GuardrailScope,
    PolicyScope,
    Sensor,
    Store,
    Tolerance,
)
from controller.quantities.units import Unit
from controller.registry import find
from controller.signals import Channel, Mode
from models.draws import Draws

EFFECT = {"raises": 1.0, "lowers": -1.0, "either": 0.0}


def assemble(
    campaign: Campaign,
    *,
    sensors: Mapping[str, Sensor],
    actuators: Mapping[str, Actuator],
    draws: Draws,
    store: Store,
    gate: Gate,
    cells: Cells | None = None,
    digest: str = "",
    owner: str = "setpoint",
    epochs: Epochs | None = None,
) -> Loop:
    """Build the loop of a campaign on the ports that are handed in; takes the store's lock, unless given `epochs`.

    Raises NotAvailable where the plan asks for what this version does not carry, StoreBusy where another daemon has it.
    """
    refuse_what_is_not_there(campaign)
    cells = cells or cells_of(campaign)
    turned = {name: channel_of(name, plan) for name, plan in campaign.actuators.items()}
    targets = target_channels(campaign)
    channels, budgets, links = turned | targets, budgets_of(campaign), links_of(campaign, EFFECT)
    scope = GuardrailScope(cells, turned, budgets, *_span(campaign))
    approaches = approaches_of(campaign, cells)
    parts = Parts(
        campaign=campaign.campaign,
        digest=digest,
        cells=cells,
        sensors=_in_order(sensors),
        validators={
            n: Validator(n, rules_of(campaign, n, plan), cells) for n, plan in campaign.sensors.items()
        },
        setpoints={name: setpoint_of(campaign, name, cells) for name in campaign.loops},
        executions={name: _execution(campaign, name, cells, channels) for name in outer_first(campaign)},
        approaches=approaches,
        paces=paces_of(campaign),
        links=links,
        shared=bool(links or approaches) or any(len(plan.channels) > 1 for plan in campaign.loops.values()),
        selections={name: _selection(campaign, name, cells) for name in channels},
        dispatchers={
            name: Dispatcher(channels[name], actuators[name], cells, plan.lease, campaign.campaign)
            for name, plan in campaign.actuators.items()
        }
        | {name: Led(channel, cells, campaign.campaign) for name, channel in targets.items()},
        guards=Guards.of(campaign, scope, targets),
        facts=Facts(cells, channels, budgets, totals_of(campaign), weeks_of(campaign, cells)),
        authority=Authority(Mode[campaign.mode.upper()], channels, cells),
        gate=gate,
        draws=draws,
        store=store,
        epochs=epochs or Epochs(store.claim(owner)),
        span=Span(*_span(campaign), campaign.runs.afterwards == "safe"),
        about=about(campaign, cells, budgets, targets),
    )
    return Loop(parts)


def cells_of(campaign: Campaign) -> Cells:
    """The campaign's cells; one, named after what it is divided by, where none are named."""
    names = campaign.cells.names or (campaign.campaign,)
    zones = tuple(campaign.cells.timezones.get(name, campaign.runs.timezone) for name in names)
    return Cells(names, zones=zones, by=campaign.cells.by)


def channel_of(name: str, plan: ActuatorPlan) -> Channel:
    """An actuator's numbers as policies and guardrails see them."""
    values = (plan.low, plan.high, plan.start, plan.safe)
    return Channel(name, plan.unit, *values, plan.resolution, plan.levels, plan.max_step, plan.dwell)


def rules_of(campaign: Campaign, name: str, plan: SensorPlan) -> Rules:
    """What validation needs to know of a sensor."""
    return Rules(
        window=plan.window or 0.0,
        settle=plan.settle,
        stale_after=campaign.stale_after(name),
        fallback_after=plan.hold_for,
        recover_after=plan.recover_after,
        latched=plan.latch,
        plausible=plan.plausible or (0.0, np.inf),
        empty_means_zero=plan.empty_means == "zero",
        counter=plan.counter,
        per_window=_per_window(plan),
        min_count=float(plan.min_count),
        uncertain_is_good=plan.uncertain_counts_as == "good",
    )


def setpoint_of(campaign: Campaign, name: str, cells: Cells) -> Setpoint:
    """The level that a loop keeps in each cell, with its shape."""
    loop = campaign.loops[name]
    sensor = campaign.sensors[loop.sensor]
    level = np.array([campaign.level(name, label) for label in cells.label_of])
    weights: Array | None = None
    shape = loop.target.shape
    if shape is not None and not shape.learned:
        weights = np.array(shape.weights)
    band = np.array([loop.target.band_in(sensor, value) for value in level])
    learned = f"week.{loop.sensor}" if shape is not None and shape.learned else ""
    return Setpoint(level, weights, sensor.window or 0.0, band, learned)


def approaches_of(campaign: Campaign, cells: Cells) -> dict[str, Approach]:
    """The way to each target that has a ramp or a filter."""
    found = {}
    for name, loop in campaign.loops.items():
        target, sensor = loop.target, campaign.sensors[loop.sensor]
        if target.ramp is None and not target.filter:
            continue
        levels = [campaign.level(name, label) for label in cells.label_of]
        rate = None if target.ramp is None else np.array([target.ramp_in(sensor, level) for level in levels])
        found[name] = Approach(rate, target.filter, cells)
    return found


def tolerance_of(campaign: Campaign, name: str, cells: Cells) -> Tolerance:
    """What counts as kept of a loop's target in each cell, and whether that costs."""
    loop = campaign.loops[name]
    sensor, target = campaign.sensors[loop.sensor], loop.target
    kept = target.amount or target.verb in paces.VERBS
    level = np.array([campaign.level(name, label) if kept else 0.0 for label in cells.label_of])
    band = np.array([target.band_in(sensor, value) for value in level])
    share = np.divide(band, np.abs(level), out=np.zeros_like(band), where=level != 0)
    return Tolerance(share, target.over or sensor.window or loop.every, loop.pays_from is not None)


def budgets_of(campaign: Campaign) -> dict[str, BudgetScope]:
    """Budgets in numbers, with the channels that the loops paying from them move."""
    scopes = {}
    for name, budget in campaign.budgets.items():
        movers = [loop for loop, plan in campaign.loops.items() if plan.pays_from == name]
        channels = tuple(dict.fromkeys(turned for loop in movers for turned in campaign.turned_by(loop)))
        measured = next((campaign.loops[loop].sensor for loop in movers), None)
        scopes[name] = BudgetScope(
            name,
            budget.currency,
            budget.total.amount,
            budget.paid,
            budget.owed,
            channels,
            unit_cost=None if budget.unit_cost is None else budget.unit_cost.amount,
            measure=measured,
            measure_seconds=3600.0 if measured is None else span_of(campaign.sensors[measured]),
            lag=budget.lag,
            worst_per_hour=None if budget.worst_per_hour is None else budget.worst_per_hour.amount,
            plan=budget.plan,
            week=_week_of(campaign, movers),
        )
    return scopes


def _week_of(campaign: Campaign, movers: Sequence[str]) -> tuple[float, ...]:
    """The shape of the first loop that has one."""
    shapes = (campaign.loops[name].target.shape for name in movers)
    return next((shape.weights for shape in shapes if shape is not None and shape.weights), ())


def _per_window(plan: SensorPlan) -> float:
    """From a counter's increase over its window to the sensor's unit."""
    span = Unit.parse(plan.unit).seconds
    return span / plan.window if plan.counter and plan.window and span else 1.0


def span_of(plan: SensorPlan) -> float:
    """Seconds over which a sensor's value counts: those of its unit (units/h), else its window, else an hour."""
    return Unit.parse(plan.unit).seconds or plan.window or 3600.0


def refuse_what_is_not_there(campaign: Campaign) -> None:
    """Raise NotAvailable, naming every place at once, for what the grammar knows and this engine does not carry."""
    missing = list(_missing(campaign))
    if missing:
        raise NotAvailable("not available in this version: " + "; ".join(missing))


def _missing(campaign: Campaign) -> Sequence[str]:
    found = []
    for name, loop in campaign.loops.items():
        if loop.target.verb == "maximise":
            found.append(f"target {loop.target.verb} (loops.{name}.target)")
        found += [
            f"moving {c} (loops.{name}.move)"
            for c in loop.channels
            if c not in campaign.actuators and c.removesuffix(TARGET) not in campaign.loops
        ]
        if loop.when is not None:
            found.append(f"seasons (loops.{name}.when)")
        if loop.cell is not None:
            found.append(f"measuring one cell (loops.{name}.measure: {loop.measure})")
    for name, budget in campaign.budgets.items():
        found += [f"renews: {budget.renews} (budgets.{name}.renews)"] if budget.renews != "never" else []
    found += [f"arms (actuators.{name}.arms)" for name, a in campaign.actuators.items() if a.arms]
    found += ["holdout"] if campaign.holdout else []
    return found


def _execution(campaign: Campaign, name: str, cells: Cells, channels: Mapping[str, Channel]) -> Execution:
    loop = campaign.loops[name]
    member = find("policy", loop.policy.kind)
    mine = {channel: channels[channel] for channel in loop.channels}
    direction = {channel: EFFECT[loop.move[channel]] for channel in loop.channels}
    split = split_of(loop, member.cls, channels)
    scope = policy_scope(loop, member.cls, cells, channels, tolerance_of(campaign, name, cells))
    policy = member.cls(scope, loop.policy.settings)
    version = f"{loop.policy.kind}/{policy.version}"
    declared = Declared(
        name, loop.sensor, mine, direction, loop.every, campaign.runs.timezone, version, split,
        calendar_of(campaign, name, cells),
    )  # fmt: skip
    return Execution(declared, policy, cells)


def calendar_of(campaign: Campaign, name: str, cells: Cells) -> Calendar | None:
    """The events that feed into a loop, in the zone of each cell; None where there are none."""
    loop = campaign.loops[name]
    mine = [campaign.events[key] for key in (campaign.events if loop.events is None else loop.events)]
    if not mine:
        return None
    sensor = campaign.sensors[loop.sensor]
    starts, ends, change = np.full((3, len(mine), len(cells)), -np.inf)
    for row, event in enumerate(mine):
        for cell, label in enumerate(cells.label_of):
            if not event.cells or label in event.cells:
                starts[row, cell], ends[row, cell] = event.span(cells.zone_of[cell])
            level = campaign.level(name, label) if loop.target.amount else 0.0
            change[row, cell] = loop.target.share_of(event.expected, sensor, level)
    return Calendar(starts, ends, change, sensor.window or 0.0, loop.every)


def channels_of(campaign: Campaign) -> dict[str, Channel]:
    """Everything that loops move, as channels: actuators and targets."""
    return {name: channel_of(name, plan) for name, plan in campaign.actuators.items()} | target_channels(
        campaign
    )


def policy_scope(
    loop: LoopPlan, policy: type[Any], cells: Cells, channels: Mapping[str, Channel],
    tolerance: Tolerance | None = None,
) -> PolicyScope:  # fmt: skip
    """What the policy of a loop is built for: its channels, or the one effort that is shared out among them."""
    split = split_of(loop, policy, channels)
    mine = {c: channels[c] for c in loop.channels} if split is None else {EFFORT: split.channel}
    return PolicyScope(cells, mine, loop.every, tolerance)


def split_of(loop: LoopPlan, policy: type[Any], channels: Mapping[str, Channel]) -> Split | None:
    """How a loop of several channels shares out one effort; None for one, and for a policy that takes several."""
    if len(loop.channels) == 1 or getattr(policy, "several", False):
        return None
    return Split([channels[c] for c in loop.channels], {c: EFFECT[loop.move[c]] for c in loop.channels})


def _selection(campaign: Campaign, channel: str, cells: Cells) -> Selection:
    movers = {name: loop.sensor for name, loop in campaign.loops.items() if channel in loop.channels}
    select = campaign.select.get(channel)
    rule = "only" if select is None else ("lowest" if select.lowest else "highest")
    return Selection(channel, movers, rule, cells)


def _span(campaign: Campaign) -> tuple[float, float]:
    starts, ends = campaign.runs.starts_at(), campaign.runs.ends_at()
    return (-np.inf if starts is None else starts), (np.inf if ends is None else ends)


def _in_order(sensors: Mapping[str, Sensor]) -> dict[str, Sensor]:
    """Sensors that are derived from others come after them."""
    return dict(sorted(sensors.items(), key=lambda item: hasattr(item[1], "read_from")))
