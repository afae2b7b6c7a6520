"""What a total must have in a config, and what is said by place where it has not."""

import pytest

from controller.config import loads
from tests.config.sample import TEXT, said

PACED = (
    TEXT.replace(
        "  paid: {kind",
        '  spend: {kind: "tests.config.parts:Gauge", unit: CNY/h, window: 3h}\n  paid: {kind',
    )
    .replace("{keep_at: 28000 units/day, band: 5%, over: 1d}", "{spend: prizes, band: 5%, over: 1d}")
    .replace("measure: units", "measure: spend")
    .replace("paid: prizes_paid}", "paid: prizes_paid, spend: prizes_paid}")
)
REACH = TEXT.replace("{keep_at: 28000 units/day,", "{reach: 200000 units, by: 2026-07-31,")


@pytest.mark.parametrize(
    "text", [PACED, REACH, PACED.replace("total: 500000 CNY,", "total: 500000 CNY, plan: forecast,")]
)
def test_totals_load(text):
    assert said(text) == []


def test_the_plan_s_level_is_the_total_over_its_demand_in_the_sensor_s_terms():
    days = 122
    assert loads(PACED).level("sales", "north") == pytest.approx(500000 / (days * 24) / 2)
    assert loads(REACH).level("sales", "north") == pytest.approx(200000 / (61 * 24) / 2)


def test_a_budget_that_nobody_pays_from_or_reads_is_not_spent():
    loose = said(PACED.replace("pays_from: prizes, ", ""))
    assert len(loose) == 1
    assert "nothing guards prizes on this loop, received no pays_from, allowed: pays_from: prizes" in loose[0]
    blind = said(PACED.replace("paid: paid, worst", "unit_cost: 1 CNY, worst"))
    assert "nothing tells what prizes has spent, allowed: a budget with `paid: SENSOR`" in " ".join(blind)


def test_a_total_needs_a_beginning_and_an_end():
    open_end = said(
        REACH.replace(", by: 2026-07-31", "")
        .replace("to: 2026-09-30, ", "")
        .replace("total: 500000 CNY", "plan: none, total: 500000 CNY")
    )
    assert len(open_end) == 1
    assert (
        "loops.sales.target.reach: a plan needs the day on which it ends, allowed: `runs` with to, or a day: `by`"
        in open_end[0]
    )
    unborn = said(
        REACH.replace("from: 2026-06-01, ", "").replace("total: 500000 CNY", "plan: none, total: 500000 CNY")
    )
    assert len(unborn) == 1
    assert "a plan needs the day on which it begins" in unborn[0]


def test_a_level_at_a_moment_and_a_running_total_are_no_rate():
    level = said(REACH.replace("unit: units/h, window: 1h", "unit: units"))
    assert any(
        "units at a moment adds up to nothing, received units, allowed: a rate such as units/h" in line
        for line in level
    )
    running = said(PACED.replace("measure: spend", "measure: paid"))
    assert len(running) == 1
    assert (
        "to spend by a running total is not available in this version, allowed: a sensor of the same"
        in running[0]
    )


def test_pacing_must_know_which_way_to_move():
    text = PACED.replace("kind: pid, gain: 0.5, integral_time: 6h", "kind: pacing").replace(
        "win_rate: raises", "win_rate: either"
    )
    assert any("pacing must know which way to move" in line for line in said(text))
