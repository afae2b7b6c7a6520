"""From a campaign to its served market.

Called by `setpoint market` and the tests; calls sim.market.build for the market itself, with the luck that `simulate`
gives it under the same seed. The market runs alone before it is served, for as long as the campaign's windows are.
"""

import math
from collections.abc import Iterable

from controller.errors import SetpointError
from controller.plan import Campaign
from controller.quantities import Unit, write_duration
from models.draws import Draws
from models.plants.base import Plant
from sim.market.build import market_of
from sim.market.disturbances import Disturbance
from sim.market.settings import Settings, settings_of
from sim.market.world import World
from sim.served.backend import Served
from sim.served.pace import HOUR, Pace

DAY = 86_400.0
LONGEST = 28 * DAY
"""No window is kept for longer than this in market time, however fast the clock: memory grows with it."""
LOOKING_BACK = 600.0
"""Seconds of the wall that can be asked about at least, within that."""


def serve(
    campaign: Campaign,
    pace: Pace,
    *,
    seed: int = 1,
    disturbances: Iterable[Disturbance] = (),
    world: World | None = None,
) -> Served:
    """The market of a campaign at a pace, in a world that may be another than the file's; raises SetpointError.

    Every sensor and actuator of the campaign must stand in the market, else a second would be a second for the ones
    and an hour for the others; the config and sim.market.build refuse it otherwise.
    """
    settings = settings_in(campaign)
    lead = _lead(campaign, pace.speed)
    market, _ = market_of(
        campaign,
        Draws(seed).spawn("market"),
        start=pace.market - lead,
        disturbances=disturbances,
        world=world,
        keep=lead + settings.paid_lag + settings.late_by + max(min(LOOKING_BACK * pace.speed, LONGEST), DAY),
    )
    market.advance_to(pace.market)
    names, money = _names(campaign, market.plant), _money(campaign, market.plant)
    return Served(market, pace, names, money, market.demand.statement())


def warnings(campaign: Campaign, pace: Pace) -> list[str]:
    """What a daemon on the wall's clock will find odd about this pace, in words."""
    if pace.speed == 1.0:
        return []
    texts = []
    for name, sensor in campaign.sensors.items():
        if (sensor.window or 0.0) * pace.speed > LONGEST:
            texts.append(
                f"sensors.{name}.window: {write_duration(sensor.window or 0.0)} at speed {pace.speed:g} is "
                f"{write_duration((sensor.window or 0.0) * pace.speed)} of this market, which keeps "
                f"{write_duration(LONGEST)}; a daemon needs seconds where the campaign says hours"
            )
    shaped = [name for name, loop in campaign.loops.items() if loop.target.shape is not None]
    texts += [f"loops.{name}.target.shape: follows the wall's hours, not this market's" for name in shaped]
    return texts


def settings_in(campaign: Campaign) -> Settings:
    """The market's own keys in a campaign; raises SetpointError."""
    if campaign.market is None:
        raise SetpointError(
            f"{campaign.campaign}: no market in this file; add market: {{kind: ...}} to serve it"
        )
    return settings_of(campaign.market)


def _lead(campaign: Campaign, speed: float) -> float:
    """Seconds that the market runs alone: full hours, a day at least."""
    longest = max([0.0, *((s.window or 0.0) + s.settle for s in campaign.sensors.values())]) * speed
    return math.ceil(max(min(longest, LONGEST), DAY) / HOUR) * HOUR


def _names(campaign: Campaign, plant: Plant) -> dict[str, str]:
    assert campaign.market is not None
    return {lever: lever for lever in plant.levers} | dict(campaign.market.levers)


def _money(campaign: Campaign, plant: Plant) -> dict[str, str]:
    """Currency by signal: its sensor's, else the campaign's, else none is known."""
    assert campaign.market is not None
    units = {
        signal: Unit.parse(campaign.sensors[name].unit) for name, signal in campaign.market.signals.items()
    }
    known = {signal: unit.noun for signal, unit in units.items() if unit.is_money}
    first = next(iter([*known.values(), *(budget.currency for budget in campaign.budgets.values())]), "money")
    return {name: known.get(name, first) for name, signal in plant.signals.items() if signal.unit == "money"}
