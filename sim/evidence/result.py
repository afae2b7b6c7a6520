"""What the evidence is made of: plain frozen data, from a single line of a fan chart up to the whole.

Filled by sim.evidence.gather; read by the terminal's table (words), the HTML report (page), JSON and the certificate.
Futures are numbered draw by draw, mechanism by mechanism, seed by seed; arrays over them have shape (futures,).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.cells import Array
from controller.certificates import GateResult
from controller.plan import Campaign
from sim.runs.scores import Scores

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The levels of every fan, over futures."""


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """How something went over time, over all futures."""

    seconds: Array
    """Since the start of the run, shape (points,), ascending."""
    levels: Array
    """Its quantiles at QUANTILES, shape (5, points)."""
    unit: str
    """As a person writes it: share, CNY, units/h."""


@dataclass(frozen=True, slots=True, eq=False)
class RowResult:
    """One policy in one scenario."""

    name: str
    """config, fixed, best fixed, updown, simple_pid or oracle."""
    about: str
    scores: Scores
    kpi: Mapping[str, Fan] = field(default_factory=dict)
    """Loop -> the measured value's truth as a share of its reference (1 = on target), over the window of its band."""
    levers: Mapping[str, Fan] = field(default_factory=dict)
    """Actuator -> value in force."""
    spend: Fan | None = None
    """Money paid and owed since the start; None without a budget."""
    bound: Mapping[str, Array] = field(default_factory=dict)
    """Guardrail -> share of the cells and turns of each day at which it was the bound that the policy met, (days,)."""


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioResult:
    """All policies in one scenario."""

    kind: str
    about: str
    good: str
    starts: float
    """UTC seconds at which the runs start."""
    bands: Mapping[str, float]
    """Loop -> half-width of its band as a share of the reference."""
    rows: tuple[RowResult, ...]
    gates: tuple[GateResult, ...]
    skipped: str = ""
    """Why it makes no sense on this campaign; then there are no rows."""

    def row(self, name: str) -> RowResult | None:
        """The row of a policy; None where it was not run."""
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Feasible:
    """What can be kept at all, with the actuators' range and the budget."""

    loop: str
    unit: str
    """As the target is written: units/week, opens/day."""
    low: float
    high: float
    """Levels that can be kept in nine of ten futures; NaN where nothing can."""
    asked: float
    within: bool
    """Whether the level asked for lies between them."""
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that a report says."""

    campaign: Campaign
    statement: str
    """What is recorded, what is fitted, what is modelled."""
    weeks: float
    seed: int
    seeds: int
    draws: int
    """Posterior draws of the market; 1 where it is not calibrated."""
    mechanisms: tuple[str, ...]
    """Contested ways to answer that were tried; empty where the market has none."""
    scenarios: tuple[ScenarioResult, ...]
    gates: tuple[GateResult, ...]
    """Gates of the whole: those of every scenario that was played, and those of the market."""
    feasible: tuple[Feasible, ...]
    calibrated: str
    """Name of the calibrated market, or empty."""
    version: str
    """Released version of setpoint."""

    @property
    def futures(self) -> int:
        """Number of futures each policy met in each scenario."""
        return self.draws * max(len(self.mechanisms), 1) * self.seeds

    @property
    def passed(self) -> bool:
        """Whether every gate is passed."""
        return all(gate.passed for gate in self.gates)

    def scenario(self, kind: str) -> ScenarioResult | None:
        """The result of a scenario; None where it was not played."""
        return next((one for one in self.scenarios if one.kind == kind), None)
