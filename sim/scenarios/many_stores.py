"""Many stores: the campaign in eight stores of different size, which answer from half to twice as strongly.

Sizes spread by half (standard deviation of their logarithm), the target is shared out as demand is, all pay from one
budget, and every store is steered by itself. Counts of a store are an eighth, so chance is three times as large.
Good: what was tuned on the whole holds in each of them.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from controller.assembly import cells_of
from controller.errors import SetpointError
from controller.plan import OTHERS, Campaign, LoopPlan, Sensor, Target
from controller.plan import Cells as CellsPlan
from controller.quantities import Amount
from controller.quantities.units import Unit
from models.draws import Draws, keys_of
from models.plants.base import Plant
from sim.market.demand import shares
from sim.market.world import World
from sim.runs.runner import Run, start
from sim.scenarios._base import Scenario, Stage, market_in
from sim.scenarios._gates import helps, within_budget

STORES = tuple(f"store-{n}" for n in range(1, 9))
SPREAD = 0.5
"""Standard deviation of the logarithm of their sizes."""
WEAKEST, STRONGEST = 0.5, 2.0
"""What the levers do in a store, times what they do in the whole."""
RAW = "its gains are in raw units, which were chosen for the whole and not for a store"


def campaign(whole: Campaign) -> Campaign:
    """The campaign in eight stores."""
    market = market_in(whole)
    split = replace(
        whole,
        cells=CellsPlan(by="store", names=STORES),
        market=replace(market, settings={**market.settings, "spread": SPREAD}),
    )
    share = dict(zip(STORES, (float(part) for part in shares(cells_of(split), SPREAD)), strict=True))
    smallest = min(share.values())
    return replace(
        split,
        sensors={name: _of_a_store(sensor, smallest) for name, sensor in whole.sensors.items()},
        loops={name: _shared(whole, loop, share) for name, loop in whole.loops.items()},
    )


def world(stage: Stage, before: World) -> World:
    """Each store has a strength of its own, the same in every future."""
    luck = Draws(0).uniform(keys_of(stage.cells.label_of), 0, "strength of cell")
    strength = WEAKEST * (STRONGEST / WEAKEST) ** luck
    return replace(before, effect=before.effect * strength)


def _of_a_store(sensor: Sensor, smallest: float) -> Sensor:
    """Fewer events are behind a value of a store."""
    return replace(sensor, min_count=int(np.ceil(sensor.min_count * smallest)))


def _shared(whole: Campaign, loop: LoopPlan, share: Mapping[str, float]) -> LoopPlan:
    """The loop with each store's part of the target; a target in shares is that of every store."""
    target, sensor = loop.target, whole.sensors[loop.sensor]
    if Unit.parse(sensor.unit).is_share:
        return loop
    assert isinstance(target.amount, Amount)
    level = target.level_in(sensor)
    band = None if target.band is None else Amount(target.band_in(sensor, level) / level, Unit("share"))
    parts = {name: replace(target.amount, number=target.amount.number * part) for name, part in share.items()}
    parts[OTHERS] = replace(target.amount, number=target.amount.number / len(share))
    return replace(loop, target=_with_amount(target, parts, band))


def _with_amount(target: Target, parts: dict[str, Amount], band: Amount | None) -> Target:
    if target.verb == "keep_at":
        return replace(target, keep_at=parts, band=band)
    if target.verb == "keep_above":
        return replace(target, keep_above=parts, band=band)
    return replace(target, keep_below=parts, band=band)


def _applies(whole: Campaign, plant: Plant) -> str:
    if whole.cells.names or whole.cells.from_:
        return f"this campaign has cells of its own: {whole.cells.by}"
    for name, loop in whole.loops.items():
        target = loop.target
        if (
            not isinstance(target.amount, Amount)
            or target.limits
            or target.level_in(whole.sensors[loop.sensor]) <= 0
        ):
            return f"the target of {name} is no level that could be shared out among stores"
        if loop.policy.kind == "simple_pid" or getattr(loop.policy.settings, "form", "") == "parallel":
            return f"{name} is steered by {loop.policy.kind}: {RAW}"
    return _refused(campaign(whole))


def _refused(split: Campaign) -> str:
    """Why the campaign in stores cannot be steered; empty where it can: its law, its policies and guardrails."""
    try:
        start(Run(campaign=split, seconds=0.0))
    except (SetpointError, ValueError) as refusal:
        return f"this campaign cannot be steered store by store: {refusal}"
    return ""


SCENARIO = Scenario(
    about="the campaign in eight stores of different size, which answer from half to twice as strongly",
    good="what was tuned on the whole holds in each of them",
    world=world,
    gates=(helps(), within_budget),
    applies=_applies,
    campaign=campaign,
)
