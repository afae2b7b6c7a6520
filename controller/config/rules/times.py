"""Times: zones that exist, dates in order, periods that fit the scan, leases that outlive it.

One of the rules that load.py runs over a draft.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.errors import nearest
from controller.plan import Campaign, LoopPlan, Sensor
from controller.quantities import write_duration


def check(draft: Draft) -> Iterator[Fault]:
    """Calendar, grid and leases."""
    plan = draft.plan
    yield from _zones(plan)
    yield from _dates(plan)
    for name, sensor in plan.sensors.items():
        yield from _sensor(plan, name, sensor)
    for name, loop in plan.loops.items():
        yield from _loop(plan, loop, ("loops", name), grid="runs" not in draft.broken)
    for name in plan.actuators:
        yield from _lease(plan, name)


@cache
def zones() -> frozenset[str]:
    """Names of the IANA zones on this machine."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _zones(plan: Campaign) -> Iterator[Fault]:
    places: dict[Path, str] = {("runs", "timezone"): plan.runs.timezone}
    places |= {("cells", "timezones", cell): zone for cell, zone in plan.cells.timezones.items()}
    for path, zone in places.items():
        if zone not in zones():
            close = nearest(zone, zones()).split(" known:")[0]
            yield Fault(
                path, f"no timezone is called {zone!r}{close} allowed: an IANA name such as Asia/Shanghai"
            )


def _dates(plan: Campaign) -> Iterator[Fault]:
    runs = plan.runs
    if runs.from_ is not None and runs.to is not None and _first(runs.from_) >= _last(runs.to):
        yield Fault(
            ("runs", "to"),
            f"the campaign ends before it begins, received {runs.to}, allowed: after {runs.from_}",
        )
    for name, event in plan.events.items():
        if _first(event.from_) >= _last(event.to):
            yield Fault(("events", name, "to"), f"the event ends before it begins, received {event.to}")
    for name, budget in plan.budgets.items():
        if budget.plan != "none" and budget.renews == "never" and (runs.from_ is None or runs.to is None):
            how = "evenly" if budget.plan == "even" else "by a forecast"
            text = f"money can't be spread {how} over a campaign without end"
            yield Fault(("budgets", name, "plan"), f"{text}, allowed: `runs` with from and to, or plan: none")


def _first(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)


def _last(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.max)


def _sensor(plan: Campaign, name: str, sensor: Sensor) -> Iterator[Fault]:
    youngest = (sensor.window or 0.0) + sensor.settle
    stale = plan.stale_after(name)
    if sensor.stale_after is not None and stale < youngest + plan.runs.scan:
        allowed = f"at least {write_duration(youngest + plan.runs.scan)} (window + settle + scan)"
        received = write_duration(stale)
        text = f"every sample would be stale before it settles, received {received}, allowed: {allowed}"
        yield Fault(("sensors", name, "stale_after"), text)


def _loop(plan: Campaign, loop: LoopPlan, path: Path, *, grid: bool) -> Iterator[Fault]:
    scan, every = plan.runs.scan, loop.every
    if grid and abs(every / scan - round(every / scan)) > 1e-9:
        low, high = (write_duration(n * scan) for n in (int(every // scan), int(every // scan) + 1))
        allowed = f"{low} or {high}" if every > scan else write_duration(scan)
        text = f"not a multiple of runs.scan ({write_duration(scan)})"
        yield Fault((*path, "every"), f"{text}, received {write_duration(every)}, allowed: {allowed}")
    sensor = plan.sensors.get(loop.sensor)
    over = loop.target.over
    if sensor is not None and over is not None and over < (sensor.window or 0.0):
        shown = f"received {write_duration(over)}, allowed: {write_duration(sensor.window or 0.0)} or more"
        yield Fault((*path, "target", "over"), f"shorter than the sensor's window, {shown}")


def _lease(plan: Campaign, name: str) -> Iterator[Fault]:
    actuator, path = plan.actuators[name], ("actuators", name)
    scan = plan.runs.scan
    if actuator.lease is None and actuator.lease_by != "nobody":
        yield Fault((*path, "lease"), f"this key is required, since {actuator.lease_by} enforces it")
    if actuator.lease is not None and actuator.lease < 2 * scan:
        text = f"it would run out between two scans, received {write_duration(actuator.lease)}"
        yield Fault((*path, "lease"), f"{text}, allowed: {write_duration(2 * scan)} or more")
    if plan.mode == "auto" and actuator.lease_by == "nobody" and name not in plan.auto_accepts:
        text = f"nobody brings {name} back to its safe value when the daemon is gone, received mode: auto"
        yield Fault(("mode",), f"{text}, allowed: lease_by: target or watchdog, or `auto_accepts: [{name}]`")
