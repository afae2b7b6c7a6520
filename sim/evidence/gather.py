"""From a campaign to its evidence: the tasks, who does them, and what their results say together.

Called by `simulate`; calls an executor of sim.sweep with tasks of sim.evidence.play. First simple_pid is tuned in the
calm market, on luck of its own; then every policy meets every scenario.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from controller.assembly import cells_of
from controller.certificates import GateResult
from controller.certificates.envelope import released
from controller.config.canonical import journalled
from controller.plan import Campaign
from models.draws import Draws
from sim.evidence.ask import Ask
from sim.evidence.feasible import feasible
from sim.evidence.margins import margin_gates
from sim.evidence.play import PLACE, Task, calibrated_of
from sim.evidence.result import Evidence, Fan, Feasible, RowResult, ScenarioResult
from sim.market.build import simulated
from sim.runs.futures import ASSUMED, Futures, thinned
from sim.runs.runner import first_moment
from sim.runs.scores import Scores
from sim.runs.scoring import aim_of
from sim.runs.today import Today, today
from sim.scenarios._base import Judged
from sim.scenarios._family import scenario as scenario_of
from sim.sweep.executor import Executor
from sim.sweep.progress import Tell
from sim.sweep.runs import run

if TYPE_CHECKING:
    from sim.calibration import Calibrated

CALM = "steady"


def gather(ask: Ask, executor: Executor, folder: Path | None = None, tell: Tell | None = None) -> Evidence:
    """Run it all; raises SweepError where tasks fail, SetpointError where what is asked for can't be played.

    folder: where finished tasks are kept, so that an evidence that was stopped goes on from there; None: nowhere.
    """
    from sim.calibration import read

    calibrated = None if ask.market is None else read(ask.market)
    draws = thinned(ask.draws, len(ASSUMED) if calibrated is None else calibrated.draws)
    now = _today(ask, draws, calibrated)
    ask.check(first_moment(ask.campaign) if now is None else now.moment)
    first = Task(
        config=journalled(ask.campaign),
        scenario=CALM,
        row="simple_pid",
        weeks=ask.weeks,
        seed=ask.seed,
        seeds=tuple(range(ask.seeds)),
        draws=draws,
        mechanisms=ask.mechanisms,
        market="" if ask.market is None else str(ask.market.resolve()),
        market_digest="" if calibrated is None else calibrated.digest,
        today="" if now is None else now.text(),
    )
    gains: tuple[float, float] | None = None
    if "simple_pid" in ask.played:
        (tuned,) = run(executor, PLACE, [first.plain()], folder, None)
        gains = (float(tuned["gains"][0]), float(tuned["gains"][1]))
    tasks = [
        replace(first, scenario=kind, row=row, gains=gains if row == "simple_pid" else None)
        for kind in ask.scenarios
        for row in ask.played
    ]
    results = list(run(executor, PLACE, [task.plain() for task in tasks], folder, tell))
    return _evidence(ask, first, now, results)


def _today(ask: Ask, draws: tuple[int, ...], calibrated: "Calibrated | None") -> Today | None:
    """Where the runs start, played on the base demand that they go on with."""
    if ask.journal is None:
        return None
    world = Futures(draws[:1], (), (0,)).world(cells_of(ask.campaign), calibrated)
    return today(ask.campaign, ask.journal, world)


def _evidence(ask: Ask, first: Task, now: Today | None, results: Sequence[Mapping[str, Any]]) -> Evidence:
    calibrated = calibrated_of(first.market, first.market_digest)
    size, rest = len(ask.played), ask.campaign if now is None else now.rest(ask.campaign)
    scenarios = tuple(
        _scenario(ask, rest, kind, results[n * size : (n + 1) * size]) for n, kind in enumerate(ask.scenarios)
    )
    own = [GateResult(f"{one.kind}: {g.name}", g.passed, g.said) for one in scenarios for g in one.gates]
    return Evidence(
        campaign=ask.campaign,
        statement=_statement(ask, first, now),
        weeks=ask.weeks,
        seed=ask.seed,
        seeds=ask.seeds,
        draws=len(first.draws),
        mechanisms=ask.mechanisms,
        scenarios=scenarios,
        gates=(_market_gate(calibrated), *margin_gates(ask.campaign, calibrated, len(first.draws)), *own),
        feasible=_feasible(ask, rest, results),
        calibrated="" if calibrated is None else calibrated.source,
        version=released(),
    )


def _market_gate(calibrated: Any) -> GateResult:
    if calibrated is None:
        said = "the market's answer is assumed, not fitted to data: see `setpoint calibrate`"
        return GateResult("market: calibrated", False, said)
    if calibrated.certifies():
        return GateResult("market: calibrated", True, "the fitted market passed its hold-out")
    failed = ", ".join(calibrated.failed)
    return GateResult("market: calibrated", False, f"the fitted market failed its hold-out: {failed}")


def _scenario(ask: Ask, rest: Campaign, kind: str, results: Sequence[Mapping[str, Any]]) -> ScenarioResult:
    """rest: the campaign with what is left of its budgets and its span where the runs start."""
    scenario = scenario_of(kind)
    skipped = str(results[0]["skipped"])
    if skipped:
        return ScenarioResult(kind, scenario.about, scenario.good, 0.0, {}, (), (), skipped)
    campaign = scenario.campaign(rest)
    rows = tuple(_row(campaign, name, told) for name, told in zip(ask.played, results, strict=True))
    by_name = {row.name: row for row in rows}
    gates: tuple[GateResult, ...] = ()
    if {"config", "fixed"} <= by_name.keys():
        oracle = by_name["oracle"].scores if "oracle" in by_name else None
        judged = Judged(
            campaign=campaign,
            weeks=ask.weeks,
            own=by_name["config"].scores,
            still=by_name["fixed"].scores,
            oracle=oracle,
        )
        gates = tuple(gate(judged) for gate in scenario.gates)
    bands = {name: _band(campaign, name) for name in campaign.loops}
    return ScenarioResult(
        kind, scenario.about, scenario.good, float(results[0]["starts"]), bands, rows, gates
    )


def _band(campaign: Campaign, loop: str) -> float:
    """Half-width of a loop's band as a share of its reference."""
    label = (campaign.cells.names or (campaign.campaign,))[0]
    aim = aim_of(campaign, loop, (label,), counted=True)
    return float(aim.band[0] / aim.level[0]) if aim.level[0] else 0.0


def _row(campaign: Campaign, name: str, told: Mapping[str, Any]) -> RowResult:
    if told["skipped"]:
        raise ValueError(f"row {name}: {told['skipped']}")
    money = next((budget.currency for budget in campaign.budgets.values()), "")
    return RowResult(
        name=name,
        about=_about(campaign, name, told),
        scores=Scores(*(np.asarray(told[f"score.{field}"], np.float64) for field in Scores.__slots__)),
        kpi={loop: _fan(told, f"kpi.{loop}", "share") for loop in campaign.loops},
        levers={n: _fan(told, f"lever.{n}", plan.unit) for n, plan in campaign.actuators.items()},
        spend=_fan(told, "spend", money) if "spend.levels" in told else None,
        bound={k.removeprefix("bound."): np.asarray(v) for k, v in told.items() if k.startswith("bound.")},
    )


def _about(campaign: Campaign, name: str, told: Mapping[str, Any]) -> str:
    """What the row is; of the best fixed value also which it is."""
    if name != "best fixed":
        return str(told["about"])
    from controller.cli.output import level

    best = float(told["grid.best"])
    values = [
        level(plan.low + best * (plan.high - plan.low), plan.unit)
        for channel, plan in campaign.actuators.items()
        if any(channel in loop.channels for loop in campaign.loops.values())
    ]
    return f"{', '.join(values)}: {told['about']}"


def _fan(told: Mapping[str, Any], name: str, unit: str) -> Fan:
    return Fan(np.asarray(told[f"{name}.seconds"]), np.asarray(told[f"{name}.levels"]), unit)


def _feasible(ask: Ask, rest: Campaign, results: Sequence[Mapping[str, Any]]) -> tuple[Feasible, ...]:
    if CALM not in ask.scenarios or "best fixed" not in ask.played:
        return ()
    told = results[ask.scenarios.index(CALM) * len(ask.played) + ask.played.index("best fixed")]
    return feasible(rest, told, ask.weeks)


def _statement(ask: Ask, first: Task, now: Today | None) -> str:
    """What is recorded, fitted and modelled, and what stands for what is not known."""
    futures = Futures(first.draws, first.mechanisms, first.seeds[:1])
    calibrated = calibrated_of(first.market, first.market_digest)
    own = cells_of(ask.campaign)
    world = futures.world(own, calibrated)
    sim = simulated(
        ask.campaign, Draws(ask.seed), start=first_moment(ask.campaign), cells=futures.cells(own), world=world
    )
    said = [sim.market.demand.statement()]
    if calibrated is None:
        effects = ", ".join(f"{ASSUMED[n]:g}" for n in first.draws)
        said.append(
            f"How strongly sales answer is not fitted: {effects} times the plant's own answer were each tried."
        )
    if now is not None:
        said.append(now.statement())
    if ask.played != ask.rows:
        said.append("There is no oracle: people act one by one, and such a market can't be tried ahead.")
    if first.mechanisms:
        ways = ", ".join(name.replace("_", " ") for name in first.mechanisms)
        said.append(f"How people answer to odds is contested; each of these was tried: {ways}.")
    return " ".join(said)
