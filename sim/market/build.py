"""From a campaign to its market and the ports in front of it.

Called by the runner, the demo and the served market. `market:` maps sensors to signals and actuators to levers, so the
same file runs live and simulated; nothing of a sensor's address, query or secret is touched here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.assembly import cells_of
from controller.cells import Cells
from controller.errors import SetpointError
from controller.plan import Campaign
from controller.ports import Actuator, Sensor
from controller.registry import find
from models.draws import Draws, Uint64
from models.twists.base import Twisted
from sim.market import calendar
from sim.market.demand import Demand
from sim.market.disturbances import Disturbance
from sim.market.mapping import check
from sim.market.market import Market
from sim.market.ports import MarketActuator, MarketSensor
from sim.market.settings import Settings, plant_of, settings_of
from sim.market.world import BaseDemand, World

DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A market with its ports, ready for `assemble`."""

    market: Market
    sensors: Mapping[str, Sensor]
    actuators: Mapping[str, Actuator]
    settings: Settings


def simulated(
    campaign: Campaign,
    draws: Draws,
    *,
    start: float,
    cells: Cells | None = None,
    keys: Uint64 | None = None,
    disturbances: Iterable[Disturbance] = (),
    world: World | None = None,
) -> Simulated:
    """The market of a campaign from a UTC moment on; raises SetpointError, naming the key that is wrong.

    `cells` are the campaign's own or replicas of them; `keys` says whose luck each has (see Market); `world` is what
    the market is beside the file.
    """
    market, settings = market_of(
        campaign, draws, start=start, cells=cells, keys=keys, disturbances=disturbances, world=world
    )
    return Simulated(market, sensors_on(campaign, market), actuators_on(campaign, market), settings)


def market_of(
    campaign: Campaign,
    draws: Draws,
    *,
    start: float,
    cells: Cells | None = None,
    keys: Uint64 | None = None,
    disturbances: Iterable[Disturbance] = (),
    keep: float | None = None,
    world: World | None = None,
) -> tuple[Market, Settings]:
    """The market alone, without ports; see `simulated`.

    `keep` is how many seconds of it can be read back; None: as far as the campaign looks.
    """
    if campaign.market is None:
        raise SetpointError(
            f"{campaign.campaign}: no market in this file; add market: {{kind: ...}} to simulate it"
        )
    world = world or World()
    settings = settings_of(campaign.market)
    plant = plant_of(campaign.market, settings, world.noise)
    check(campaign, plant)
    market = Market(
        Twisted(plant, world.twists) if world.twists else plant,
        _demand(cells or cells_of(campaign), settings, world),
        draws,
        start=start,
        levers={lever: campaign.actuators[name].start for name, lever in campaign.market.levers.items()},
        timing=settings.timing(_keep(campaign, settings) if keep is None else keep),
        people=settings.people,
        disturbances=(*world.disturbances, *disturbances, *calendar.expected(campaign)),
        keys=keys,
        effect=world.effect,
        mechanism=world.mechanism,
        recorded_at_start=settings.recorded_at == "start",
        feeds=world.feeds,
        drives=world.drives,
    )
    return market, settings


def _demand(cells: Cells, settings: Settings, world: World) -> BaseDemand:
    if world.demand is not None:
        return world.demand(cells, settings.times(fitted=True), settings.spread)
    return Demand(cells, settings.times(), settings.base, settings.spread)


def sensors_on(campaign: Campaign, market: Market) -> dict[str, Sensor]:
    """The campaign's sensors on a market; sensors derived from others are the live ones."""
    assert campaign.market is not None
    built: dict[str, Sensor] = {}
    for name, plan in campaign.sensors.items():
        if name in campaign.market.signals:
            built[name] = MarketSensor(name, plan, market, campaign.market.signals[name])
        else:
            built[name] = find("sensor", plan.kind).cls(plan, plan.settings, market.cells)
    return built


def actuators_on(campaign: Campaign, market: Market) -> dict[str, Actuator]:
    """The campaign's actuators on a market."""
    assert campaign.market is not None
    return {name: MarketActuator(name, market, lever) for name, lever in campaign.market.levers.items()}


def _keep(campaign: Campaign, settings: Settings) -> float:
    """Seconds of history that the campaign's sensors, targets and reports look back on."""
    windows = [(sensor.window or 0.0) + sensor.settle for sensor in campaign.sensors.values()]
    over = [loop.target.over or 0.0 for loop in campaign.loops.values()]
    return max([DAY, *windows, *over]) + settings.paid_lag + settings.late_by + DAY
