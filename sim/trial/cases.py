"""What is played: every scenario on the first campaign on which it makes sense, and the tasks of that.

Called by sim.trial.field; calls sim.trial.entries. All entries of a case meet the same futures: a seed is the same luck
for everybody. `file` markets are what the campaign's file says; `assumed` ones are those of `simulate`: each effect and
each contested mechanism, once a seed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from controller.config import load
from controller.errors import SetpointError
from controller.plan import Campaign
from sim.evidence.ask import Ask
from sim.evidence.play import Task
from sim.market.settings import plant_of, settings_of
from sim.runs.futures import ASSUMED
from sim.runs.runner import first_moment
from sim.scenarios._base import market_in
from sim.scenarios._family import scenario as scenario_of
from sim.sweep.chunks import chunks
from sim.trial import code
from sim.trial.entries import Entry, why_not, written

CALM = "steady"
GAINS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
TIMES = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0)
GRID = tuple((gain, time) for gain in GAINS for time in TIMES)
"""Gain in % of range per % of target, and integral time in executions, among which simple_pid's are chosen."""
PRACTICE = 10
"""Seeds on which they are chosen, none of them one of the trial's."""
Markets = Literal["file", "assumed"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One scenario on one campaign."""

    scenario: str
    file: Path
    campaign: Campaign
    """As the file has it, before the scenario."""

    @property
    def name(self) -> str:
        """Of the table's row: the scenario, and the campaign where there are several."""
        return f"{self.scenario} on {self.file.stem}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """What a trial is asked for."""

    entries: tuple[Entry, ...]
    scenarios: tuple[str, ...]
    files: tuple[Path, ...]
    """Campaigns; a scenario is played on the first on which it makes sense."""
    everywhere: bool = False
    """A scenario is played on every campaign on which it makes sense."""
    weeks: float = 4.0
    seeds: int = 50
    block: int = 50
    """Seeds of one task, at most: what is lost where a run is broken off."""
    markets: Markets = "file"
    seed: int = 1
    """Root of all luck."""

    @cached_property
    def campaigns(self) -> dict[Path, Campaign]:
        """The files, read; raises SetpointError with what is wrong with one, or why it can't be played so long."""
        found = {file: load(file) for file in self.files}
        for campaign in found.values():
            ask = Ask(campaign=campaign, scenarios=(), weeks=self.weeks, seeds=self.seeds, draws=1)
            ask.check(first_moment(campaign))
        return found

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """What is played, in the order of the scenarios."""
        found = []
        for kind in self.scenarios:
            fit = [file for file, campaign in self.campaigns.items() if not unfit(kind, campaign)]
            found += [
                Case(kind, file, self.campaigns[file]) for file in (fit if self.everywhere else fit[:1])
            ]
        return tuple(found)

    @property
    def unplayed(self) -> dict[str, str]:
        """Scenarios that make no sense on any campaign, and why not on the last of them."""
        played = {case.scenario for case in self.cases}
        last = list(self.campaigns.values())[-1]
        return {kind: unfit(kind, last) for kind in self.scenarios if kind not in played}

    @cached_property
    def texts(self) -> dict[tuple[Path, str], str]:
        """Campaign and entry -> the campaign's text with the entry's policy; what can't be read is in `faults`."""
        return {key: text for key, (text, _) in self._read.items() if text}

    @property
    def faults(self) -> dict[tuple[Path, str], str]:
        """Campaign and entry -> why its text can't be read."""
        return {key: fault for key, (_, fault) in self._read.items() if fault}

    @cached_property
    def _read(self) -> dict[tuple[Path, str], tuple[str, str]]:
        return {
            (file, entry.name): _text(file, campaign, entry)
            for file, campaign in self.campaigns.items()
            for entry in self.entries
        }

    def blocks(self) -> Iterator[tuple[int, ...]]:
        """Seeds of each block."""
        for first, count in chunks(self.seeds, self.block):
            yield tuple(range(first, first + count))

    def tuning(self, file: Path) -> dict[str, Any]:
        """The task that chooses simple_pid's gains for a campaign."""
        text = written(file, (), Entry("simple_pid", ""))
        task = self._task(text, file, CALM, "simple_pid", (0,), None)
        return self._told("tuning", task)

    def task(
        self, case: Case, entry: Entry, seeds: tuple[int, ...], gains: Sequence[float] | None
    ) -> dict[str, Any]:
        """The task of an entry in a case."""
        text = self.texts[case.file, entry.name]
        pair = (gains[0], gains[1]) if entry.row == "simple_pid" and gains is not None else None
        return self._told(entry.name, self._task(text, case.file, case.scenario, entry.row, seeds, pair))

    def _task(
        self,
        text: str,
        file: Path,
        scenario: str,
        row: str,
        seeds: tuple[int, ...],
        gains: tuple[float, float] | None,
    ) -> Task:
        campaign = self.campaigns[file]
        assumed = self.markets == "assumed"
        ask = Ask(campaign=campaign, scenarios=(scenario,), weeks=self.weeks, seeds=1, draws=1)
        return Task(
            config=text,
            scenario=scenario,
            row=row,
            weeks=self.weeks,
            seed=self.seed,
            seeds=seeds,
            draws=tuple(range(len(ASSUMED))) if assumed else (ASSUMED.index(1.0),),
            mechanisms=ask.mechanisms if assumed else (),
            gains=gains,
            grid=GRID,
            practice=PRACTICE,
        )

    def _told(self, name: str, task: Task) -> dict[str, Any]:
        return {"name": name, "scenario": task.scenario, "code": code.digest(), "evidence": task.plain()}


def unfit(kind: str, campaign: Campaign) -> str:
    """Why a scenario makes no sense on a campaign; empty where it does."""
    plan = market_in(campaign)
    return scenario_of(kind).applies(campaign, plant_of(plan, settings_of(plan)))


def _text(file: Path, campaign: Campaign, entry: Entry) -> tuple[str, str]:
    try:
        return written(file, tuple(campaign.loops), entry), ""
    except SetpointError as fault:
        return "", why_not(fault)
