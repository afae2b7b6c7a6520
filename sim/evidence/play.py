"""One task of the evidence: one policy in one scenario, over all its futures at once, through the real loop.

Called by an executor of sim.sweep, in this process or another one, with a plain mapping (see `Task`); returns plain
arrays, so that results can be kept on disk and be taken up again. The config travels as its own journalled text, from
which it is read back whole; a calibrated market as a file whose digest is checked.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from controller.assembly import cells_of
from controller.cells import Array, Cells
from controller.config import loads
from controller.errors import SetpointError
from controller.plan import Campaign
from models.draws import Uint64
from sim.evidence import curves, rows
from sim.evidence.oracle import oracles
from sim.market.build import Simulated
from sim.market.settings import plant_of, settings_of
from sim.market.world import World
from sim.runs.fractions import beside
from sim.runs.futures import TUNED_ON, Futures
from sim.runs.resumed import Resumed
from sim.runs.runner import WEEK, Run, finish, first_moment, start
from sim.runs.scores import Scores, reversals, scores
from sim.runs.today import Today
from sim.runs.trace import Trace
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._family import scenario as scenario_of

if TYPE_CHECKING:
    from sim.calibration import Calibrated

PLACE = "sim.evidence.play:play"
Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one task is, as plain data; its digest is the key of its result."""

    config: str
    """The campaign's journalled text."""
    scenario: str
    row: str
    weeks: float
    seed: int
    """Root of all luck."""
    seeds: tuple[int, ...]
    draws: tuple[int, ...]
    mechanisms: tuple[str, ...]
    market: str = ""
    """Path of a calibrated market; empty: none."""
    market_digest: str = ""
    today: str = ""
    """Where the run starts, as sim.runs.today writes it; empty: the campaign's own beginning."""
    gains: tuple[float, float] | None = None
    """Gain and integral time of simple_pid, once they are chosen; None: this task chooses them."""
    grid: tuple[tuple[float, float], ...] = rows.GAINS
    """Pairs among which they are chosen."""
    practice: int = 2
    """Seeds on which they are chosen, none of them one of `seeds`."""

    def plain(self) -> dict[str, Any]:
        """The mapping that travels."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Task":
        """The task of a mapping, tuples restored."""
        return cls(**{name: _hashable(value) for name, value in plain.items()})

    @property
    def futures(self) -> Futures:
        """Its futures."""
        return Futures(self.draws, self.mechanisms, self.seeds)


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """A campaign on its stage: what all policies of one scenario share."""

    task: Task
    campaign: Campaign
    scenario: Scenario
    calibrated: "Calibrated | None"
    own: Cells
    today: Today | None

    @property
    def starts(self) -> float:
        """UTC seconds."""
        return first_moment(self.campaign) if self.today is None else self.today.moment

    @property
    def seconds(self) -> float:
        return self.task.weeks * WEEK

    def run(self, campaign: Campaign, times: int = 1, oracle: bool = False) -> tuple[Trace, curves.Bounds]:
        """One closed loop over all futures, `times` side by side."""
        futures = self.task.futures
        cells = beside(futures.cells(self.own), range(times)) if times > 1 else futures.cells(self.own)
        keys: Uint64 = np.tile(futures.keys(self.own), times)
        seconds = self.seconds

        def knowing(sim: Simulated) -> Mapping[str, Any]:
            return oracles(campaign, sim.market, seconds)

        running = start(
            Run(
                campaign=campaign,
                seconds=seconds,
                seed=self.task.seed,
                cells=cells,
                keys=keys,
                world=self.world(cells, times),
                starts=self.starts,
                resumed=self.resumed(len(cells) // len(self.own)),
                sparse=True,
                policies=knowing if oracle else None,
            )
        )
        bounds = curves.Bounds(running.trace.starts, seconds)
        return finish(running, bounds.note), bounds

    def resumed(self, times: int) -> Resumed | None:
        """What every future goes on from."""
        return None if self.today is None else self.today.resumed(self.campaign).times(times)

    def world(self, cells: Cells, times: int) -> World:
        """The world of every cell in this scenario."""
        base = self.task.futures.world(self.own, self.calibrated)
        if times > 1:
            base = _repeated(base, times)
        starts = self.starts
        plan = self.campaign.market
        assert plan is not None
        stage = Stage(
            campaign=self.campaign,
            cells=cells,
            plant=plant_of(plan, settings_of(plan)),
            starts=starts,
            ends=starts + self.seconds,
        )
        return self.scenario.world(stage, base)


def play(plain: Mapping[str, Any]) -> Result:
    """Run a task; `skipped` says why where the scenario makes no sense on the campaign."""
    task = Task.of(plain)
    scenario = scenario_of(task.scenario)
    campaign = campaign_of(task.config)
    assert campaign.market is not None
    skipped = scenario.applies(campaign, plant_of(campaign.market, settings_of(campaign.market)))
    if skipped:
        return {"skipped": skipped}
    now = Today.of(task.today) if task.today else None
    campaign = scenario.campaign(campaign if now is None else now.campaign(campaign, bool(task.market)))
    own = cells_of(campaign)
    if now is not None and len(own) != len(next(iter(now.applied.values()))):
        return {"skipped": "it divides the campaign into other cells than the journal has"}
    on = _Set(task, campaign, scenario, calibrated_of(task.market, task.market_digest), own, now)
    return {"skipped": "", "about": rows.about(task.row, campaign), "starts": on.starts, **_row(on)}


def _row(on: _Set) -> Result:
    campaign, name = on.campaign, on.task.row
    if name == "best fixed":
        return _best_fixed(on)
    if name == "simple_pid":
        return _simple_pid(on)
    other = {
        "config": campaign,
        "fixed": _left_alone(on),
        "updown": rows.all_of(campaign, "updown"),
        "oracle": rows.all_of(campaign, "fixed"),
    }[name]
    return _told(on, *on.run(other, oracle=name == "oracle"))


def _left_alone(on: _Set) -> Campaign:
    """The campaign with every output kept where it starts."""
    if on.today is None:
        return rows.all_of(on.campaign, "fixed")
    return rows.at_values(on.campaign, on.today.applied, on.task.futures.count)


def _told(on: _Set, trace: Trace, bounds: curves.Bounds) -> Result:
    """Scores and fans of a run."""
    futures, campaign = on.task.futures.count, on.campaign
    found: Result = _scores(scores(campaign, trace, futures))
    found["reversals"] = reversals(campaign, trace, futures)
    for loop in campaign.loops:
        seconds, levels = curves.kpi(campaign, loop, trace, futures)
        found |= {f"kpi.{loop}.seconds": seconds, f"kpi.{loop}.levels": levels}
    for actuator in campaign.actuators:
        seconds, levels = curves.lever(campaign, actuator, trace, futures)
        found |= {f"lever.{actuator}.seconds": seconds, f"lever.{actuator}.levels": levels}
    money = curves.spend(campaign, trace, futures)
    if money is not None:
        found |= {"spend.seconds": money[0], "spend.levels": money[1]}
    return found | {f"bound.{name}": share for name, share in bounds.shares().items()}


def _scores(found: Scores) -> Result:
    return {f"score.{name}": getattr(found, name) for name in Scores.__slots__}


def _best_fixed(on: _Set) -> Result:
    """Every value of the grid beside every other, each meeting all futures; then the best of them once more."""
    count, size = on.task.futures.count, len(on.own)
    every = rows.at_fractions(on.campaign, tuple(float(f) for f in np.repeat(rows.GRID, count * size)))
    trace, _ = on.run(every, times=len(rows.GRID))
    found = scores(on.campaign, trace, count * len(rows.GRID))
    losses = found.loss.reshape(len(rows.GRID), count).mean(axis=1)
    best = float(rows.GRID[int(losses.argmin())])
    told = _told(on, *on.run(rows.at_fractions(on.campaign, (best,) * (count * size))))
    return told | {
        "grid.fractions": np.array(rows.GRID),
        "grid.spend": found.spend.reshape(len(rows.GRID), count),
        "grid.best": best,
        **{f"grid.{loop}": _kept(on, loop, trace, count) for loop in on.campaign.loops},
    }


def _kept(on: _Set, loop: str, trace: Trace, count: int) -> Array:
    """Mean of the measured value over its reference at every value of the grid, shape (grid, futures)."""
    shares = curves.mean_share(on.campaign, loop, trace, count * len(rows.GRID))
    return shares.reshape(len(rows.GRID), count)


def _simple_pid(on: _Set) -> Result:
    if on.task.gains is not None:
        return _told(on, *on.run(rows.with_simple_pid(on.campaign, *on.task.gains)))
    grid, seeds = on.task.grid, range(TUNED_ON, TUNED_ON + on.task.practice)
    practice = replace(on, task=replace(on.task, seeds=tuple(seeds)))
    count = practice.task.futures.count
    every = rows.with_many_simple_pids(on.campaign, np.repeat(np.array(grid), count * len(on.own), axis=0))
    trace, _ = practice.run(every, times=len(grid))
    tried = scores(on.campaign, trace, count * len(grid)).loss.reshape(len(grid), count).mean(axis=1)
    return {"losses": tried, "gains": np.array(grid[int(tried.argmin())])}


def _hashable(value: Any) -> Any:
    return tuple(_hashable(inner) for inner in value) if isinstance(value, list | tuple) else value


def _repeated(world: World, times: int) -> World:
    """A world of all futures, several times side by side."""

    def again(value: Any) -> Any:
        return np.tile(value, times) if isinstance(value, np.ndarray) else value

    noise = {name: again(value) for name, value in world.noise.items()}
    return replace(world, effect=again(world.effect), mechanism=again(world.mechanism), noise=noise)


@lru_cache(maxsize=8)
def campaign_of(text: str) -> Campaign:
    """The campaign of a journalled text, in auto."""
    return replace(loads(text, file="the campaign"), mode="auto")


@lru_cache(maxsize=4)
def calibrated_of(path: str, digest: str) -> "Calibrated | None":
    """The calibrated market of a file; None without one. Raises SetpointError where the file is another one by now."""
    if not path:
        return None
    from sim.calibration import read

    found = read(path)
    if found.digest != digest:
        raise SetpointError(
            f"{path}: its digest is {found.digest[:12]}, expected {digest[:12]}: the file has changed"
        )
    return found
