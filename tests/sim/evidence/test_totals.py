"""Campaigns with a total in the evidence: what their plan keeps is the level, and what can't be played is refused."""

from dataclasses import replace

import numpy as np
import pytest

from controller.config import loads
from controller.errors import SetpointError
from sim.evidence.ask import Ask
from sim.evidence.feasible import feasible
from sim.runs.scoring import aim_of
from sim.runs.today import Today
from tests.sim.evidence.kit import NOW, TEXT, campaign
from tests.sim.evidence.test_feasible import grid

REACH = "{reach: 700000 units, band: 10%, over: 1d}"
SPEND = (
    TEXT.replace("{keep_at: 24000 units/day, band: 10%, over: 1d}", "{spend: prizes, over: 1d}")
    .replace("measure: units", "measure: spend")
    .replace(
        "  paid: {kind", "  spend: {kind: csv_file, file: none.csv, unit: CNY/h, window: 3h}\n  paid: {kind"
    )
    .replace("paid: prizes_paid}", "paid: prizes_paid, spend: prizes_paid}")
)


def reaching(target=REACH, text=TEXT):
    return loads(text.replace("{keep_at: 24000 units/day, band: 10%, over: 1d}", target))


def ask(plan, weeks=1.0):
    return Ask(campaign=plan, scenarios=("steady",), weeks=weeks, seeds=1, draws=1)


def test_the_level_of_a_total_is_what_its_plan_keeps():
    hours = 28 * 24
    reach = aim_of(reaching(), "sales", ("small",), counted=True)
    assert (reach.level[0], reach.band[0]) == (pytest.approx(700_000 / hours), pytest.approx(70_000 / hours))
    spend = aim_of(loads(SPEND), "sales", ("small",), counted=True)
    assert spend.level[0] == pytest.approx(100_000 / hours)


def test_what_can_be_kept_is_said_per_day():
    (one,) = feasible(reaching(), grid(), 4.0)
    assert one.unit == "units/day"
    assert one.asked == pytest.approx(25_000)
    assert "units/day" in one.sentence


@pytest.mark.parametrize("plan", [reaching(), loads(SPEND)], ids=["reach", "spend"])
def test_it_can_be_played(plan):
    ask(plan).check(NOW)


def test_a_total_of_several_cells_and_a_run_beyond_its_day_are_refused():
    cells = replace(campaign().cells, names=("north", "south"))
    with pytest.raises(SetpointError, match="a total of 2 cells can't be played in this version"):
        ask(replace(reaching(), cells=cells)).check(NOW)
    early = reaching("{reach: 100000 units, by: 2026-07-19}")
    ask(early).check(NOW)
    with pytest.raises(SetpointError, match=r"loops.sales is due in 1 weeks, received 2"):
        ask(early, weeks=2.0).check(NOW)


def test_a_paced_loop_s_gains_are_compared_on_its_plan_s_level():
    from sim.evidence.rows import with_simple_pid

    plan = with_simple_pid(reaching(), 1.0, 3.0)
    assert np.isfinite(plan.loops["sales"].policy.settings.kp)


def test_what_is_left_of_a_total_is_what_a_run_from_today_is_judged_by():
    facts = {"reached.sales": np.array([450_000.0])}
    now = Today(moment=NOW + 14 * 86_400.0, since=NOW, state={}, applied={}, facts=facts, spent={})
    rest = now.rest(reaching())
    assert rest.loops["sales"].target.reach.number == 250_000.0
    assert rest.level("sales") == pytest.approx(250_000 / (14 * 24))
