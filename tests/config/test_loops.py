"""The sixteen loops of the trade parse; what has no engine yet is refused by name and by place."""

import dataclasses
from pathlib import Path

import pytest

from controller import registry
from controller.config import check_text, load, loads
from controller.config.canonical import canonical
from controller.config.reserved import KINDS
from controller.errors import ConfigError

LOOPS = sorted(Path(__file__).with_name("loops").glob("*.yaml"))


def test_there_are_sixteen():
    assert [path.name[:2] for path in LOOPS] == [f"{n:02d}" for n in range(1, 17)]


@pytest.mark.parametrize("path", LOOPS, ids=lambda path: path.stem)
def test_each_parses_whole(path):
    plan = load(path, allow_reserved=True)
    assert plan.loops
    assert all(entry.settings is not None for entry in [*plan.sensors.values(), *plan.actuators.values()])
    again = loads(canonical(plan), allow_reserved=True)
    assert dataclasses.replace(again, cells=plan.cells) == plan
    assert again.cells.names == plan.cells.names


@pytest.mark.parametrize("path", LOOPS, ids=lambda path: path.stem)
def test_each_runs_or_says_what_is_not_there(path):
    """A reserved kind is refused by its own name and family, at its own place, and never as an unknown key."""
    problems = check_text(path.read_text(), folder=str(path.parent))
    assert all("available" in problem.text for problem in problems), problems
    plan = load(path, allow_reserved=True)
    policies = {("policy", loop.policy.kind) for loop in plan.loops.values()}
    sensors = {("sensor", sensor.kind) for sensor in plan.sensors.values()}
    actuators = {("actuator", actuator.kind) for actuator in plan.actuators.values()}
    guardrails = {("guardrail", guardrail.kind) for guardrail in plan.guardrails.values()}
    told = " ".join(problem.text for problem in problems)
    for family, kind in policies | sensors | actuators | guardrails:
        there = kind in registry.kinds(family)
        assert there or kind in KINDS[family]
        assert there or f"{family} kind {kind!r} is not available in this version" in told
    if problems:
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.problems == problems


def test_loops_that_this_version_carries_load_without_leave():
    carried = {path.stem for path in LOOPS if not check_text(path.read_text(), folder=str(path.parent))}
    assert {"01_win_rate", "05_traced_coupon", "07_recall", "12_pressure", "13_spam", "15_support"} <= carried


DESIGN = """\
campaign: summer-cap-lottery
runs: {from: 2026-06-01, to: 2026-09-30, timezone: Asia/Shanghai, scan: 1m, afterwards: safe}
sensors:
  units: {kind: prometheus, url: "${env:PROM_URL}", query: 'sum(increase(units_scanned_total[1h]))', unit: units/h,
          window: 1h, settle: 5m, stale_after: 3h, plausible: [0, 200000], empty_means: zero, alive: 'up{job="scans"}'}
  paid: {kind: prometheus, url: "${env:PROM_URL}", query: 'sum(prize_paid_cny_total)', unit: CNY, counter: true,
         settle: 10m}
actuators:
  win_rate: {kind: http, url: "https://lottery.example/odds", unit: share, start: 3%, safe: 3%, limits: [3%, 12%],
             max_step: 1 point, resolution: 0.01 points, lease: 3h, lease_by: target}
budgets: {prizes: {total: 500000 CNY, plan: even, paid: paid, worst_per_hour: 4000 CNY}}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 28000 units/day, shape: week.csv, band: 5%, over: 1d},
          move: {win_rate: raises}, pays_from: prizes, policy: {kind: pid, gain: 0.5, integral_time: 6h}}
guardrails: {terms: {kind: published_terms, profile: cn, published_win_rate: 3%},
             calm: {kind: reversals, at_most: 6 per day}}
market: {kind: cap_lottery, signals: {units: units_scanned, paid: prizes_paid}, levers: {win_rate: win_probability}}
mode: advise
"""


def test_a_whole_campaign_in_base_units(tmp_path):
    (tmp_path / "week.csv").write_text("1\n" * 168)
    plan = loads(DESIGN, folder=str(tmp_path))
    units, win_rate, sales = plan.sensors["units"], plan.actuators["win_rate"], plan.loops["sales"]
    assert (units.window, units.settle, units.stale_after, units.plausible) == (
        3600.0,
        300.0,
        10800.0,
        (0.0, 200000.0),
    )
    assert (win_rate.start, win_rate.low, win_rate.high) == (0.03, 0.03, 0.12)
    assert (win_rate.max_step, win_rate.resolution, win_rate.lease) == (0.01, 0.0001, 10800.0)
    assert (sales.every, sales.sensor, sales.channels) == (3600.0, "units", ("win_rate",))
    assert plan.level("sales") == pytest.approx(28000 / 24)
    assert sales.target.band_in(units, 1000.0) == pytest.approx(50.0)
    assert sales.policy.settings.integral_time == 21600.0
    assert plan.budgets["prizes"].total.amount == 500000.0
    assert plan.runs.ends_at() - plan.runs.starts_at() == 122 * 86400.0
    assert plan.guardrails["terms"].settings.published_win_rate == 0.03
