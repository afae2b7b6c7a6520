"""What /metrics shows: names from the register, figures from the turn, few series however many cells."""

from dataclasses import replace

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from controller.alarms.book import AlarmBook
from controller.alarms.symptoms import Purse
from controller.loop.turn import Condition
from controller.ports import BudgetScope
from controller.signals import Channel, Landing, Latch, Reason, Verdict
from controller.telemetry import Telemetry
from controller.telemetry import register as telemetry_register
from controller.telemetry.register import BY_NAME, REGISTER, series_names
from tests.house.places import ROOT
from tests.support import turns

ODDS = Channel("win_rate", "share", 0.03, 0.12, 0.03, 0.03, resolution=0.0001)


def telemetry(cells=("all",), **more):
    return Telemetry("summer", cells, {"win_rate": ODDS}, **more)


def shown(figures):
    """(name, labels beside the campaign) -> value, as a scraper reads it."""
    body, kind = figures.render()
    assert kind.startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("campaign") == "summer"
            key = (sample.name, tuple(sorted(labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


def value(figures, name, **labels):
    return shown(figures)[f"setpoint_{name}", tuple(sorted(labels.items()))]


def busy(size=1, **more):
    """A turn with everything in it."""
    before, after = np.full(size, 0.03), np.full(size, 0.04)
    run = turns.executed(after, {"p": after - 0.03, "i": before}, value=26300.0)
    out = turns.output(before, after, sent=True, landing=Landing.CONFIRMED)
    facts = {
        "moves.win_rate": np.full(size, 3.0),
        "reversals.win_rate": np.full(size, 1.0),
        "spent.prizes": np.full(size, 30.0 / size),
    }
    return turns.turn(10, before, after, size=size, run=run, outputs={"win_rate": out}, facts=facts, **more)


# -- names ---------------------------------------------------------------------------------------------------


def test_names_are_unique_prefixed_and_of_the_right_form():
    assert len(BY_NAME) == len(REGISTER)
    for metric in REGISTER:
        assert metric.name.startswith("setpoint_")
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert not metric.name.endswith(("_age", "_age_seconds", "_percent"))
        assert "campaign" not in metric.labels
        assert len(metric.help) > 5


def test_the_page_in_docs_is_the_register():
    assert (ROOT / "docs" / "metrics.md").read_text("utf-8").endswith(telemetry_register.markdown())


def test_every_metric_of_the_register_is_shown_by_a_full_turn_and_no_other():
    book = AlarmBook()
    book.take([Condition("held", "units", "t")], 0.0)
    purse = Purse(BudgetScope("prizes", "CNY", 100.0, "paid", None, ("win_rate",)), 0.0, 1000.0)
    figures = telemetry(
        alarms=book.alarms, webhook=lambda: (3, 1), purses={"prizes": purse}, version="0.1.0", digest="d1"
    )
    reading = replace(turns.turn().readings["units"], samples=np.array([12.0]))
    figures(replace(busy(), readings={"units": reading}, limits=turns.limits(1, high=0.04)))
    figures.timed(0.02, 1.5)
    figures.appended(0.004)
    figures.skipped(2)
    figures.room(5e9)
    figures.reloaded(True, 100.0, "d2")
    figures.led(True)
    figures.happened("raised")
    names = {name for name, _ in shown(figures)}
    created = {name for name in names if name.endswith("_created")}
    assert names - created == series_names()
    for name, labels in shown(figures):
        metric = BY_NAME.get(name)
        if metric is not None:
            assert {label for label, _ in labels} == set(metric.labels), name


# -- figures -------------------------------------------------------------------------------------------------


def test_a_turn_in_figures():
    figures = telemetry(version="0.1.0", digest="d1")
    figures(busy())
    assert value(figures, "loop_setpoint", loop="sales", cell="all") == 28000.0
    assert value(figures, "loop_process_value", loop="sales", cell="all") == 26300.0
    assert value(figures, "loop_error", loop="sales", cell="all") == 1700.0
    assert value(
        figures, "loop_term", loop="sales", channel="win_rate", term="p", cell="all"
    ) == pytest.approx(0.01)
    assert value(figures, "loop_output_applied", channel="win_rate", cell="all") == 0.04
    assert value(figures, "loop_mode", channel="win_rate", kind="actual") == 4.0
    assert value(figures, "guardrail_margin_ratio", channel="win_rate", bound="low") == pytest.approx(1 / 9)
    assert value(figures, "sensor_last_good_timestamp_seconds", sensor="units", cell="all") == 600.0
    assert value(figures, "loop_last_tick_timestamp_seconds") == 600.0
    assert value(figures, "actuator_writes_total", channel="win_rate", result="confirmed") == 1.0
    assert value(figures, "config_info", hash="d1") == 1.0


def test_between_executions_the_last_one_stays():
    figures = telemetry()
    figures(busy())
    figures(turns.turn(11, 0.04, 0.04))
    assert value(figures, "loop_process_value", loop="sales", cell="all") == 26300.0
    assert value(figures, "loop_last_execution_timestamp_seconds", loop="sales") == 600.0


def test_decisions_are_counted_by_their_reason():
    figures = telemetry()
    for index in range(3):
        figures(turns.turn(index))
    figures(
        turns.turn(3, outputs={"win_rate": turns.output(np.array([0.03]), np.array([0.03]), Reason.OVERRIDE)})
    )
    assert value(figures, "decisions_total", channel="win_rate", reason="not_due") == 3.0
    assert value(figures, "decisions_total", channel="win_rate", reason="override") == 1.0
    assert value(figures, "override_active", channel="win_rate") == 1.0
    assert value(figures, "ticks_total") == 4.0


def test_moves_and_reversals_only_grow_though_their_facts_begin_anew():
    figures = telemetry()
    for index, (moves, reversals) in enumerate([(5, 2), (6, 3), (7, 4), (8, 1)]):
        facts = {
            "moves.win_rate": np.array([float(moves)]),
            "reversals.win_rate": np.array([float(reversals)]),
        }
        figures(turns.turn(index, facts=facts))
    assert value(figures, "moves_total", channel="win_rate") == 3.0
    assert value(figures, "reversals_total", channel="win_rate") == 3.0


def test_a_guardrail_trips_once_for_as_long_as_it_binds():
    figures = telemetry()
    for index, high in enumerate([0.12, 0.04, 0.04, 0.12, 0.04]):
        figures(turns.turn(index, 0.04, 0.04, limits=turns.limits(1, high=high)))
    assert value(figures, "guardrail_trips_total", guardrail="largest_step", channel="win_rate") == 2.0
    assert value(figures, "loop_saturated", channel="win_rate", bound="high") == 1.0
    assert value(figures, "guardrail_margin_ratio", channel="win_rate", bound="high") == 0.0


def test_a_lost_sensor_shows_in_verdict_and_latch_and_its_moment_stands_still():
    lost = replace(turns.signal(verdict=Verdict.NO_DATA, latch=Latch.SAFE), good_at=np.array([60.0]))
    figures = telemetry()
    figures(turns.turn(99, signals={"units": lost}))
    assert value(figures, "sensor_quality", sensor="units", verdict="no_data") == 1.0
    assert value(figures, "sensor_latch", sensor="units", state="safe") == 1.0
    assert value(figures, "sensor_last_good_timestamp_seconds", sensor="units", cell="all") == 60.0


def test_what_is_not_known_has_no_sample():
    figures = telemetry()
    never = replace(turns.signal(value=np.nan), good_at=np.array([-np.inf]))
    figures(turns.turn(0, signals={"units": never}))
    names = {name for name, _ in shown(figures)}
    assert "setpoint_sensor_value" not in names
    assert "setpoint_sensor_last_good_timestamp_seconds" not in names
    assert "setpoint_sensor_samples" not in names


def test_times_fall_into_buckets():
    figures = telemetry()
    for seconds in (0.0005, 0.02, 0.02, 700.0):
        figures.timed(seconds, 2.0)
    assert value(figures, "loop_tick_duration_seconds_bucket", le="0.025") == 3.0
    assert value(figures, "loop_tick_duration_seconds_bucket", le="+Inf") == 4.0
    assert value(figures, "loop_tick_duration_seconds_sum") == pytest.approx(700.0405)
    assert value(figures, "loop_tick_lateness_seconds") == 2.0


def test_a_refused_reload_leaves_the_moment_of_the_last_good_one():
    figures = telemetry(digest="d1")
    figures.reloaded(True, 50.0, "d2")
    figures.reloaded(False, 90.0)
    assert value(figures, "config_reload_success") == 0.0
    assert value(figures, "config_last_reload_success_timestamp_seconds") == 50.0
    assert value(figures, "config_info", hash="d2") == 1.0


# -- how many series -----------------------------------------------------------------------------------------


def test_twenty_cells_have_names_and_more_have_a_spread():
    few, many = telemetry([f"c{i}" for i in range(20)]), telemetry([f"c{i}" for i in range(21)])
    few(turns.turn(0, 0.03, np.linspace(0.03, 0.12, 20), size=20))
    many(turns.turn(0, 0.03, np.linspace(0.03, 0.12, 21), size=21))
    assert value(few, "loop_output_applied", channel="win_rate", cell="c19") == 0.12
    spread = [
        value(many, "loop_output_applied", channel="win_rate", cell=which)
        for which in telemetry_register.SPREAD
    ]
    assert spread == pytest.approx([0.03, 0.075, 0.12])


def test_ten_thousand_cells_cost_no_more_series_than_twenty_one():
    counts = []
    for size in (21, 10_000):
        figures = telemetry([f"c{i}" for i in range(size)])
        figures(busy(size))
        counts.append(len(shown(figures)))
    assert counts[0] == counts[1] < 150


def test_a_label_from_outside_can_not_break_the_page():
    cells = ('quo"te', "new\nline", "back\\slash")
    figures = telemetry(cells)
    figures(turns.turn(0, size=3))
    found = shown(figures)
    assert {dict(labels)["cell"] for name, labels in found if name == "setpoint_sensor_value"} == set(cells)
