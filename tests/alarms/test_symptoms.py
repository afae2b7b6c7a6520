"""What no single turn shows: late turns, leases near their end, money that runs ahead, outputs at their limit."""

from dataclasses import replace

import numpy as np
import pytest

from controller.alarms import symptoms
from controller.alarms.symptoms import Health, Purse, Strain
from controller.ports import BudgetScope
from controller.signals import Channel
from tests.support import turns

ODDS = Channel("win_rate", "share", 0.03, 0.12, 0.03, 0.03, resolution=0.0001)


def codes(conditions):
    return [condition.code for condition in conditions]


def test_a_healthy_daemon_says_nothing():
    assert (
        codes(
            symptoms.of_daemon(
                Health(60.0, lateness=1.0, append_seconds=0.05, free_megabytes=900.0, least_free=500.0)
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("ill", "code"),
    [
        ({"lateness": 121.0}, "tick_late"),
        ({"skipped": 2}, "ticks_skipped"),
        ({"stepped": -3600.0}, "clock_stepped"),
        ({"append_seconds": 16.0}, "journal_slow"),
        ({"free_megabytes": 499.0, "least_free": 500.0}, "disk_low"),
        ({"reload_failed": "campaign.yaml:3:1 loops: unknown key"}, "reload_failed"),
        ({"reload_widened": "win_rate may go to 15%"}, "reload_widened"),
    ],
)
def test_each_illness_has_its_code_and_says_its_figures(ill, code):
    (condition,) = symptoms.of_daemon(Health(60.0, **ill))
    assert condition.code == code
    assert len(condition.text) > 10


def test_a_lease_in_its_last_quarter_was_not_renewed():
    turn = turns.turn(1)
    assert codes(symptoms.of_leases(turn, {"win_rate": 3600.0})) == []
    late = replace(turn, tick=replace(turn.tick, time=2701.0))
    assert codes(symptoms.of_leases(late, {"win_rate": 3600.0})) == ["lease_near_end"]
    assert codes(symptoms.of_leases(late, {"win_rate": None})) == []


def test_money_that_goes_faster_than_time_is_ahead():
    scope = BudgetScope("prizes", "CNY", 1000.0, "paid", None, ("win_rate",))
    purse = Purse(scope, 0.0, 1000.0)
    half = replace(turns.turn(1), facts={"spent.prizes": np.array([300.0, 300.0])})
    half = replace(half, tick=replace(half.tick, time=500.0))
    assert purse.pace(half.facts, 500.0) == pytest.approx(1.2)
    assert codes(symptoms.of_budgets(half, {"prizes": purse})) == ["budget_ahead"]
    assert purse.pace(half.facts, 560.0) == pytest.approx(600 / 560)
    assert np.isnan(purse.pace({}, 500.0))
    assert np.isnan(purse.pace({"spent.prizes": np.array([15.0])}, 10.0))
    assert np.isnan(Purse(scope, -np.inf, np.inf).pace(half.facts, 500.0))


def test_an_output_at_its_costly_limit_for_hours_is_strained_and_one_at_its_safe_value_is_not():
    strain = Strain({"win_rate": ODDS}, after=600.0)
    found = [codes(strain.take(turns.turn(index, 0.12, 0.12))) for index in range(20)]
    assert found[:10] == [[]] * 10
    assert found[10] == ["saturated_long"]
    assert codes(strain.take(turns.turn(20, 0.12, 0.11))) == []
    assert codes(strain.take(turns.turn(21, 0.12, 0.12))) == []
    calm = Strain({"win_rate": ODDS}, after=600.0)
    assert [codes(calm.take(turns.turn(index))) for index in range(20)] == [[]] * 20
