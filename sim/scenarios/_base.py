"""What a scenario is: something that happens to a market, and what good means when it does.

Each file beside this one holds one, as SCENARIO; its name is the kind. A scenario turns the world of a run into
another one (`world`), says on which campaigns it makes sense (`applies`), and what a policy must do in it to be let
near real money (`gates`). Found by sim.scenarios._family; played by the evidence; pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from controller.cells import Array, Cells
from controller.certificates import GateResult
from controller.errors import SetpointError
from controller.plan import Campaign, LoopPlan, Market
from controller.sensors.formula import Formula
from models.plants.base import Plant
from sim.market.world import World
from sim.runs.allowance import due_in, total_of
from sim.runs.scores import Scores

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """What a scenario is played on."""

    campaign: Campaign
    cells: Cells
    """Cells of the run: the campaign's own, once a future."""
    plant: Plant
    """The campaign's plant, before any twist."""
    starts: float
    """UTC seconds at which the run starts to count, and at which it ends."""
    ends: float

    @property
    def seconds(self) -> float:
        """Length of the run."""
        return self.ends - self.starts

    def moment(self, share: float) -> float:
        """UTC seconds of a full hour at a share of the run: 0 its start, 1 its end."""
        return self.starts + round(share * self.seconds / 3600.0) * 3600.0

    @property
    def levers(self) -> tuple[str, ...]:
        """The market's levers that the campaign's loops move."""
        return levers_of(self.campaign)

    @property
    def measured(self) -> tuple[str, ...]:
        """The market's signals that the campaign's loops measure, those in a formula among them."""
        return measured_of(self.campaign)

    def span(self, lever: str) -> tuple[float, float]:
        """Lowest and highest value that the campaign may give a lever of the market."""
        return span_of(self.campaign, lever)


def market_in(campaign: Campaign) -> Market:
    """The campaign's `market:` block; a campaign without one has no scenario."""
    if campaign.market is None:
        raise SetpointError(f"{campaign.campaign}: no market in this file; add market: {{kind: ...}}")
    return campaign.market


def levers_of(campaign: Campaign) -> tuple[str, ...]:
    """The market's levers that a campaign's loops move."""
    market = market_in(campaign)
    return tuple(dict.fromkeys(lever for loop in campaign.loops.values() for lever in _moved(market, loop)))


def _moved(market: Market, loop: LoopPlan) -> list[str]:
    return [market.levers[channel] for channel in loop.channels if channel in market.levers]


def measured_of(campaign: Campaign, lever: str = "") -> tuple[str, ...]:
    """The market's signals that a campaign's loops measure, or those of them that move one lever of the market.

    The signals in a formula are among them.
    """
    market, found = market_in(campaign), list[str]()
    names = [loop.sensor for loop in campaign.loops.values() if not lever or lever in _moved(market, loop)]
    while names:
        name = names.pop(0)
        if name in market.signals:
            found.append(market.signals[name])
        elif campaign.sensors[name].kind == "formula":
            names += Formula.parse(campaign.sensors[name].settings.value).names
    return tuple(dict.fromkeys(found))


def span_of(campaign: Campaign, lever: str) -> tuple[float, float]:
    """Lowest and highest value that a campaign may give a lever of the market."""
    actuator = campaign.actuators[actuator_of(campaign, lever)]
    return actuator.low, actuator.high


def actuator_of(campaign: Campaign, lever: str) -> str:
    """The actuator that stands for a lever of the market."""
    return next(name for name, mapped in market_in(campaign).levers.items() if mapped == lever)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What a gate looks at: scores of the same futures under the policy in question and under simpler ones."""

    campaign: Campaign
    weeks: float
    own: Scores
    still: Scores
    """The start value, left alone."""
    oracle: Scores | None = None
    """The true plant's own answer, without its luck."""

    @property
    def budget(self) -> float | None:
        """All budgets together; None where there is none."""
        return total_of(self.campaign) or None

    @property
    def share_of_budget(self) -> Array | None:
        """What the policy spends beyond doing nothing, as a share of the budget of so many weeks; shape (futures,)."""
        if self.budget is None:
            return None
        return (self.own.spend - self.still.spend) / due_in(self.campaign, self.weeks)


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that must hold before a policy is let near real money."""

    asks: str
    """What it asks for, in a few words of a manager's."""
    judge: Callable[[Judged], GateResult]

    def __call__(self, judged: Judged) -> GateResult:
        """What it saw, and whether that will do."""
        return self.judge(judged)


def everywhere(campaign: Campaign, plant: Plant) -> str:
    """A scenario that makes sense on every campaign."""
    return ""


def as_it_is(campaign: Campaign) -> Campaign:
    """A scenario that leaves the campaign alone."""
    return campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Something that happens, and what good means.

    Parameters
    ----------
    about: what happens, in one sentence of a manager's words.
    good: what a good policy does then, in one sentence.
    world: the world of a run, turned into that of the scenario.
    gates: what must hold for a certificate; see `_gates`.
    source: what its figures rest on; `proposal` where they are judgements.
    applies: empty, or why the scenario makes no sense on a campaign.
    campaign: the campaign as the scenario needs it (many stores); everybody in the comparison gets the same.
    least_weeks: shorter runs do not show it, or not all of it.
    core: part of every report, also the shortest.
    """

    about: str
    good: str
    world: Callable[[Stage, World], World]
    gates: Sequence[Gate]
    source: str = "proposal"
    applies: Callable[[Campaign, Plant], str] = everywhere
    campaign: Callable[[Campaign], Campaign] = as_it_is
    least_weeks: float = 2.0
    core: bool = False
