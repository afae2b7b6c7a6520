"""What a campaign's market does in the long run, tried on a copy of it without luck: how scenarios find their measure.

A scenario must bite in any market: a backlash has to outweigh the lift of whatever lever there is, a pantry has to know
what is usual. So the plant is asked, with all levers at their start but those named, at steady demand, for `DAYS` days;
what counts is the mean of the last `OF`. Cells that answer alike are tried once. Used by the scenarios beside this
file; calls the plant; reads no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array
from controller.plan import Campaign
from models.plants.base import Plant
from sim.market.demand import shares
from sim.market.recorded import soft_drinks
from sim.market.settings import Settings, plant_of, settings_of
from sim.market.world import World
from sim.runs.evenly import EvenLuck
from sim.scenarios._base import DAY, Stage, actuator_of, levers_of, market_in, measured_of, span_of

DAYS, OF = 10, 3
"""Days that the market is tried, and last ones of them that count: longer than redemptions take to come in."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a market does at steady demand; arrays of shape (cells,)."""

    an_hour: Mapping[str, Array]
    """Signal -> what is counted of it in an hour, or where a level stands."""
    demand: float
    """Units an hour of base demand."""
    people: float

    def a_unit(self, signal: str) -> Array:
        """Count an hour for each unit an hour of base demand."""
        return self.an_hour[signal] / self.demand

    def a_person(self, signal: str) -> Array:
        """Count an hour for each person whom the campaign could reach."""
        return self.an_hour[signal] / self.people


def answer(stage: Stage, world: World) -> Answer:
    """What the market of every cell does in the long run with every lever at its start.

    The world's effects and mechanisms count; its twists and what happens in it do not.
    """
    return answers(stage, world, ({},))[0]


def answers(stage: Stage, world: World, settings: Sequence[Mapping[str, float]]) -> tuple[Answer, ...]:
    """The same with the levers where each of `settings` says, those not named at their start."""
    size = len(stage.cells)
    effect = np.broadcast_to(np.asarray(world.effect, np.float64), (size,))
    code = np.zeros(size) if world.mechanism is None else world.mechanism.astype(np.float64)
    kinds, place = np.unique(np.stack([effect, code]), axis=1, return_inverse=True)
    some = {"effect": kinds[0]} | ({} if world.mechanism is None else {"mechanism": kinds[1]})
    at = {name: np.tile(value, len(settings)) for name, value in some.items()}
    for lever in {lever for levers in settings for lever in levers}:
        start = stage.campaign.actuators[actuator_of(stage.campaign, lever)].start
        at[lever] = np.repeat([levers.get(lever, start) for levers in settings], kinds.shape[1])
    found, cells = tried(stage.campaign, at), place.ravel()
    own = (cells + n * kinds.shape[1] for n in range(len(settings)))
    return tuple(replace(found, an_hour={k: v[mine] for k, v in found.an_hour.items()}) for mine in own)


def tried(campaign: Campaign, at: Mapping[str, Array]) -> Answer:
    """What a market does in the long run, one cell a value of `at`: whatever else a plant is shown, levers among it.

    `keen` in it multiplies demand; the others are handed on as they are.
    """
    plant, settings = counted(campaign)
    size = len(next(iter(at.values()), np.ones(1)))
    inputs = inputs_at_start(campaign, plant, settings, size)
    demand, people = float(inputs["demand"][0]), float(inputs["people"][0])
    inputs |= {name: value for name, value in at.items() if name != "keen"}
    inputs["demand"] = inputs["demand"] * at.get("keen", np.ones(size))
    dt = _step(plant, inputs, settings.step)
    state, steps = plant.start(inputs, dt), round(DAYS * DAY / dt)
    first = steps - round(OF * DAY / dt)
    sums = {name: np.zeros(size) for name in plant.signals}
    for n in range(steps):
        state, said = plant.step(state, inputs, EvenLuck((size,), n), dt)
        if n >= first:
            sums = {name: total + said[name] for name, total in sums.items()}
    per = {name: 1.0 if kind.kind == "level" else dt / HOUR for name, kind in plant.signals.items()}
    return Answer({name: sums[name] / ((steps - first) * per[name]) for name in sums}, demand, people)


def heard_after(campaign: Campaign, lever: str, longest: float = 4 * DAY) -> float:
    """Seconds from a lever's change to the first step of the market in which anything is another for its being felt.

    Zero where nothing is another for `longest` seconds.
    """
    plant, settings = counted(campaign)
    inputs = inputs_at_start(campaign, plant, settings, 1)
    low, high = span_of(campaign, lever)
    start = float(inputs[lever][0])
    turned = {**inputs, f"felt.{lever}": np.full(1, high if high - start >= start - low else low)}
    calm = loud = plant.start(inputs, settings.step)
    for n in range(round(longest / settings.step)):
        luck = EvenLuck((1,), n)
        calm, one = plant.step(calm, inputs, luck, settings.step)
        loud, other = plant.step(loud, turned, luck, settings.step)
        if any(not np.array_equal(one[name], other[name]) for name in one):
            return n * settings.step
    return 0.0


def people_of(stage: Stage, world: World) -> Array:
    """Whom the campaign could reach in each cell, shape (cells,)."""
    settings = settings_of(market_in(stage.campaign))
    if world.demand is None:
        return settings.people * shares(stage.cells, settings.spread)
    return settings.people * world.demand(stage.cells, settings.times(fitted=True), settings.spread).share


def follows(campaign: Campaign, what: str) -> bool:
    """Whether anything that the campaign's loops measure follows `demand`, `interest` in it (demand too), or `effect`.

    effect: what the levers add to it is a quarter less, at least, where sales do not answer to levers.
    """
    signals, more = measured_of(campaign), np.array([1.0, 1.5])
    if what in ("demand", "interest"):
        at = {"keen": more} | ({"interest": more} if what == "interest" else {})
        found = tried(campaign, at).an_hour
        return any(found[name][1] > 1.05 * found[name][0] for name in signals)
    whole, none = {"effect": np.ones(2)}, {"effect": np.zeros(2)}
    for lever in levers_of(campaign):
        start = campaign.actuators[actuator_of(campaign, lever)].start
        whole[lever] = none[lever] = np.array([start, span_of(campaign, lever)[1]])
    lift, left = (
        {k: abs(v[1] - v[0]) for k, v in tried(campaign, at).an_hour.items()} for at in (whole, none)
    )
    return any(left[name] < 0.75 * lift[name] for name in signals)


def inputs_at_start(campaign: Campaign, plant: Plant, settings: Settings, size: int) -> dict[str, Array]:
    """What `size` cells alike are shown with every lever at its start, and what is known of them there."""
    market = market_in(campaign)
    values = {name: lever.off for name, lever in plant.levers.items()}
    values |= {lever: campaign.actuators[name].start for name, lever in market.levers.items()}
    levers = {name: np.full(size, value, np.float64) for name, value in values.items()}
    demand = settings.times() * float(soft_drinks().units.mean())
    inputs = {**levers, "demand": np.full(size, demand), "people": np.full(size, settings.people)}
    reference = {f"reference.{name}": value for name, value in levers.items()}
    return {**inputs, **reference, "known": plant.settled(inputs)}


def counted(campaign: Campaign) -> tuple[Plant, Settings]:
    """The campaign's plant without moods of its own, its consumers counted, never one by one."""
    market = market_in(campaign)
    settings = replace(settings_of(market), fidelity="counts", disturbance=0.0)
    return plant_of(market, settings), settings


def _step(plant: Plant, inputs: Mapping[str, Array], own: float) -> float:
    """An hour where the plant's dead times allow it, else the market's own step."""
    try:
        plant.start(inputs, HOUR)
    except ValueError:
        return own
    return HOUR
