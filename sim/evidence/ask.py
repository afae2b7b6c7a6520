"""What evidence is asked for, and what can't be asked.

Made by `simulate` and notebooks; read by sim.evidence.gather. Whatever can't be played is refused here by name, before
anything runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from controller.clock import iso
from controller.errors import SetpointError
from controller.paces import VERBS
from controller.plan import Campaign
from controller.quantities import write_duration
from models.response.mechanisms import MECHANISMS
from sim.evidence.rows import ROWS
from sim.market.build import market_of
from sim.runs.evenly import EvenDraws, by_cells
from sim.runs.runner import WEEK, first_moment
from sim.scenarios._base import market_in

LOTTERY = "win_probability"
ORACLE = "oracle"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What evidence is asked for."""

    campaign: Campaign
    scenarios: tuple[str, ...]
    weeks: float
    seeds: int
    draws: int
    """Posterior draws of a calibrated market; without one, at most the assumed effects."""
    seed: int = 1
    """Root of all luck."""
    market: Path | None = None
    """A calibrated market's file."""
    journal: Path | None = None
    """A journal whose end is where the runs start; None: as if the start values had stood for ever."""
    rows: tuple[str, ...] = ROWS

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The contested ways to answer that concern this campaign: those of the lottery, where it moves one."""
        mapped = market_in(self.campaign).levers
        moved = {mapped[c] for name in self.campaign.loops for c in self.campaign.turned_by(name)}
        return MECHANISMS if LOTTERY in moved else ()

    @cached_property
    def played(self) -> tuple[str, ...]:
        """The rows that can be played: an oracle tries the market ahead, which can't be done with single people."""
        market, _ = market_of(self.campaign, EvenDraws(0), start=first_moment(self.campaign))
        ahead = by_cells(market.state, len(market.cells))
        return self.rows if ahead else tuple(name for name in self.rows if name != ORACLE)

    def check(self, starts: float) -> None:
        """Raise SetpointError with a line for everything that can't be played in a run from a UTC moment on."""
        faults = [*self._unmeasured(), *self._currencies(), *self._too_short(), *self._too_long(starts)]
        faults += self._totals(starts)
        if faults:
            raise SetpointError("\n".join(faults))

    def _unmeasured(self) -> Iterator[str]:
        signals = market_in(self.campaign).signals
        for name, loop in self.campaign.loops.items():
            if loop.sensor not in signals:
                known = ", ".join(sensor for sensor in self.campaign.sensors if sensor in signals)
                yield (
                    f"loops.{name}.measure: {loop.sensor} is worked out of other sensors, and evidence holds a loop to "
                    f"what the market itself says of a signal; allowed: {known}"
                )

    def _currencies(self) -> Iterator[str]:
        found = sorted({budget.currency for budget in self.campaign.budgets.values()})
        if len(found) > 1:
            yield f"budgets: money in {' and '.join(found)} can't be added up, allowed: budgets of one currency"

    def _too_short(self) -> Iterator[str]:
        for name, loop in self.campaign.loops.items():
            window = loop.target.over or self.campaign.sensors[loop.sensor].window or 0.0
            if self.weeks * WEEK < window:
                yield (
                    f"weeks: runs of {self.weeks:g} weeks hold no full window of loops.{name}, which is judged over "
                    f"{write_duration(window)}; allowed: {window / WEEK:.3g} or more"
                )

    def _totals(self, starts: float) -> Iterator[str]:
        """A total is scored as what its plan keeps, which a run must not outlast, and a cell has no plan of its own."""
        for name, loop in self.campaign.loops.items():
            if loop.target.verb not in VERBS:
                continue
            if len(self.campaign.cells.names) > 1:
                yield (
                    f"loops.{name}.target: a total of {len(self.campaign.cells.names)} cells can't be played in "
                    "this version, allowed: a campaign of one cell"
                )
            left = (self.campaign.pace(name).ends_at - starts) / WEEK
            if 0 < left < self.weeks - 1e-9 and loop.target.by is not None:
                yield f"weeks: loops.{name} is due in {left:.3g} weeks, received {self.weeks:g}"

    def _too_long(self, starts: float) -> Iterator[str]:
        left = weeks_left(self.campaign, starts)
        if left <= 0:
            yield f"runs.to: at {iso(starts)}, where the runs would start, the campaign is over"
        elif self.weeks > left + 1e-9:
            yield (
                f"weeks: the campaign has {left:.3g} weeks left at {iso(starts)}, where the runs start; "
                f"received {self.weeks:g}"
            )


def weeks_left(campaign: Campaign, starts: float) -> float:
    """Weeks from a UTC moment to the campaign's end; inf where it has none.

    >>> weeks_left(Campaign(campaign="a"), 0.0)
    inf
    """
    ends = campaign.runs.ends_at()
    return float("inf") if ends is None else (ends - starts) / WEEK
