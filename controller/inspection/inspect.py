"""The whole check of a campaign that could be read: every port once, every promise, and what is wrong with any of them.

Called by controller/cli/check.py with a moment that it took from the clock. Ports that do not answer within their own
time limits are asked side by side, so that a check takes as long as the slowest.
"""

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TypeVar

from controller.assembly import budgets_of, cells_of, channel_of
from controller.clock import TickMaker
from controller.config.document import Path
from controller.errors import NotAvailable, UnknownKind
from controller.inspection import actuators, promises, sensors
from controller.inspection.report import ActuatorSeen, Finding, Report, SensorSeen
from controller.inspection.sensors import Look
from controller.live import actuators_of, sensors_of
from controller.plan import Campaign
from controller.ports import GuardrailScope, Sensor
from controller.signals import Reading

Port = TypeVar("Port")
AT_ONCE = 8
"""Ports that are asked at the same time."""
STANDS_IN = (
    "no sensor of this file answers, and its `market:` stands in for all of them: fit for `setpoint simulate`, not "
    "yet for `setpoint run`; with --live this is a fault"
)


def inspect(
    campaign: Campaign, now: float, *, ask: bool = True, live: bool = False, file: FilePath | None = None
) -> Report:
    """Look at everything; `now` in UTC seconds.

    `file` is the campaign's own: a certificate is looked for beside it. `ask` False touches nothing outside. `live`
    takes ports that do not answer for faults even where a market stands in for all of them.
    """
    report = _asked(campaign, now) if ask else Report(asked=False)
    bands = list(promises.bands(campaign))
    budgets, unsound = _budgets(campaign)
    findings = [found for _, found in bands if found]
    findings += [
        *unsound,
        *promises.unpaid(campaign),
        *promises.unheeded(campaign),
        *promises.unlearnt(campaign),
        *report.findings,
    ]
    findings += [found for seen in report.sensors for found in seen.findings]
    findings += [found for seen in report.actuators for found in seen.findings]
    if ask and not live and _stands_in(campaign, report):
        findings = [replace(found, wrong=found.wrong and not found.unanswered) for found in findings]
        findings.append(Finding(("market",), STANDS_IN, wrong=False))
    return replace(
        report,
        bands=tuple(line for line, _ in bands),
        budgets=budgets,
        auto="" if file is None else promises.auto(campaign, file, now),
        findings=tuple(findings),
    )


def _asked(campaign: Campaign, now: float) -> Report:
    cells = cells_of(campaign)
    tick = TickMaker(cells, campaign.runs.scan).at(now)
    assert tick is not None  # the first of a maker always is
    look = Look(campaign, cells, replace(tick, time=now))
    failures: list[Finding] = []
    built = _built(
        campaign.sensors, lambda name: sensors_of(_only(campaign, name), cells)[name], "sensors", failures
    )
    turned = _built(
        campaign.actuators,
        lambda name: actuators_of(_only(campaign, name), cells)[name],
        "actuators",
        failures,
    )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        back = [
            pool.submit(actuators.seen, campaign, name, port, len(cells)) for name, port in turned.items()
        ]
        seen = _sensors(look, built, pool)
        acted: list[ActuatorSeen] = [future.result() for future in back]
    return Report(tuple(seen), tuple(acted), findings=tuple(failures))


def _sensors(look: Look, built: dict[str, Sensor], pool: ThreadPoolExecutor) -> list[SensorSeen]:
    """Those that ask the world first, side by side; then those that rest on them."""
    derived = {name for name, port in built.items() if hasattr(port, "read_from")}
    asked = {
        name: pool.submit(sensors.seen, look, name, built[name], {}) for name in built if name not in derived
    }
    seen: dict[str, SensorSeen] = {}
    readings: dict[str, Reading] = {}
    for name in sorted(built, key=lambda name: name in derived):
        found, reading = (
            asked[name].result() if name in asked else sensors.seen(look, name, built[name], readings)
        )
        seen[name] = found
        if reading is not None:
            readings[name] = reading
    return [seen[name] for name in built]


def _built(
    names: Iterable[str], build: Callable[[str], Port], block: str, failures: list[Finding]
) -> dict[str, Port]:
    """Ports that could be built; why the others could not goes to `failures`."""
    made: dict[str, Port] = {}
    for name in names:
        path: Path = (block, name)
        try:
            made[name] = build(name)
        except UnknownKind as fault:
            failures.append(Finding((*path, "kind"), str(fault)))
        except NotAvailable as fault:
            failures.append(Finding(path, str(fault), unanswered="environment variable" in str(fault)))
        except ValueError as fault:
            failures.append(Finding(path, str(fault)))
    return made


def _only(campaign: Campaign, name: str) -> Campaign:
    """The campaign with one port, so that a port that can't be built hides no other."""
    kept = {key: plan for key, plan in campaign.sensors.items() if key == name}
    turned = {key: plan for key, plan in campaign.actuators.items() if key == name}
    return replace(campaign, sensors=kept, actuators=turned)


def _budgets(campaign: Campaign) -> tuple[tuple[str, ...], list[Finding]]:
    starts, ends = campaign.runs.starts_at(), campaign.runs.ends_at()
    channels = {name: channel_of(name, plan) for name, plan in campaign.actuators.items()}
    scope = GuardrailScope(
        cells_of(campaign), channels, budgets_of(campaign),
        -math.inf if starts is None else starts, math.inf if ends is None else ends,
    )  # fmt: skip
    try:
        return tuple(promises.budgets(campaign, scope)), []
    except ValueError as fault:
        return (), [Finding(("budgets",), str(fault))]


def _stands_in(campaign: Campaign, report: Report) -> bool:
    """True where nothing is live yet: a market stands in for every port, and no sensor of the file answers."""
    market = campaign.market
    if market is None or not campaign.sensors:
        return False
    mapped = (
        campaign.sensors.keys() <= market.signals.keys() and campaign.actuators.keys() <= market.levers.keys()
    )
    asked = [found for seen in report.sensors for found in seen.findings]
    silent = {
        found.path[1]
        for found in (*asked, *report.findings)
        if found.unanswered and found.path[0] == "sensors"
    }
    return mapped and silent == campaign.sensors.keys()
