"""The state machine around every sensor, tick by tick; named regressions are fallback bugs published elsewhere."""

import numpy as np
import pytest

from controller.assembly import rules_of
from controller.cells import Cells
from controller.loop.validation import Rules, Validator
from controller.plan import Campaign, Sensor
from controller.signals import Latch, Quality, Reading, Verdict, codes

ONE = Cells(("all",))
T0 = 1_750_000_000.0
SCAN = 60.0


def reading(now, value=100.0, *, quality=Quality.GOOD, at=None, samples=50.0, alive=None, window=0.0):
    end = now if at is None else at
    return Reading(
        "units", "units/h", np.array([value]), end - window, end, np.array([end]), np.array([samples]),
        codes(1, quality), alive,
    )  # fmt: skip


class Run:
    """A validator driven along a grid of ticks."""

    def __init__(self, **rules):
        self.rules = Rules(**{"stale_after": 600.0, "fallback_after": 1200.0, "recover_after": 3} | rules)
        self.validator = Validator("units", self.rules, ONE)
        self.now = T0

    def step(self, value=100.0, **about):
        self.now += SCAN
        given = None if value is None else reading(self.now, value, **about)
        return self.validator.take(given, self.now)

    def steps(self, count, value=100.0, **about):
        return [self.step(value, **about) for _ in range(count)]


def test_a_good_sample_is_believed_at_once():
    signal = Run().step(120.0)
    assert (signal.value[0], signal.verdict[0], signal.latch[0], signal.fresh[0]) == (
        120.0,
        Verdict.OK,
        Latch.LIVE,
        True,
    )


@pytest.mark.parametrize(
    ("value", "about", "word"),
    [
        (np.nan, {}, "not_finite"),
        (np.inf, {}, "not_finite"),
        (-5.0, {}, "implausible"),
        (1e9, {}, "jump"),
        (10_000.0, {}, "jump"),
        (100.0, {"at": T0 - 7200}, "out_of_order"),
        (100.0, {"at": T0 + 1e6}, "from_the_future"),
        (100.0, {"quality": Quality.BAD}, "bad_quality"),
    ],
)
def test_bad_data_holds_at_once_and_leaves_only_after_good_samples(value, about, word):
    run = Run()
    run.steps(5)
    bad = run.step(value, **about)
    assert bad.verdict[0] == Verdict.BAD_DATA
    assert word in bad.why
    assert bad.latch[0] == Latch.HOLD
    assert bad.value[0] == 100.0
    assert [s.latch[0] for s in run.steps(4)] == [Latch.HOLD, Latch.HOLD, Latch.LIVE, Latch.LIVE]


def test_a_missed_sample_is_no_fault_until_the_value_is_stale():
    run = Run()
    run.steps(3)
    silent = run.steps(10, None)
    assert [s.verdict[0] for s in silent] == [Verdict.NO_DATA] * 10
    assert {s.latch[0] for s in silent} == {Latch.LIVE}
    assert run.step(None).latch[0] == Latch.HOLD


def test_no_data_bad_data_and_too_few_are_three_verdicts():
    run = Run(min_count=20)
    run.step()
    assert run.step(None).verdict[0] == Verdict.NO_DATA
    assert run.step(np.nan).verdict[0] == Verdict.BAD_DATA
    assert run.step(90.0, samples=3.0).verdict[0] == Verdict.TOO_FEW


def test_too_few_samples_never_raise_a_fallback():
    run = Run(min_count=20)
    run.steps(3)
    assert {s.latch[0] for s in run.steps(200, 90.0, samples=3.0)} == {Latch.LIVE}


def test_an_unreachable_source_falls_back_like_a_failing_one():
    """keda 8056, 6475, 7411, 7239: the fallback never fired when the source could not be reached."""
    unreachable, frozen = Run(), Run()
    unreachable.steps(3)
    frozen.steps(3)
    gone = [s.latch[0] for s in unreachable.steps(40, None)]
    still = [s.latch[0] for s in frozen.steps(40, 100.0, at=frozen.now)]
    assert gone == still
    assert gone[-1] == Latch.SAFE


def test_a_fallback_does_not_flap_when_the_source_flickers():
    """keda 5666, 4249: one good answer ended the fallback, the next failure began it again."""
    run = Run()
    run.steps(3)
    run.steps(40, None)
    flicker = [run.step(100.0 if n % 2 else None).latch[0] for n in range(60)]
    assert set(flicker) == {Latch.SAFE}


def test_a_fallback_waits_for_its_threshold():
    """keda 6053: the fallback began before the number of failures it was set to."""
    run = Run()
    run.steps(3)
    latches = [s.latch[0] for s in run.steps(40, None)]
    assert latches.index(Latch.HOLD) == 10
    assert latches.index(Latch.SAFE) == 30


def test_one_dead_sensor_says_nothing_about_another():
    """keda 6659: a dead signal overrode a healthy one."""
    dead, healthy = Run(), Run()
    dead.steps(40, None)
    assert {s.latch[0] for s in healthy.steps(40)} == {Latch.LIVE}


def test_a_frozen_source_is_seen_by_its_stamps_not_by_equal_values():
    """kubernetes 119788, 109214: a frozen value was shown as live."""
    steady, frozen = Run(), Run()
    assert {s.latch[0] for s in steady.steps(100, 100.0)} == {Latch.LIVE}
    frozen.steps(3)
    stamp = frozen.now
    assert frozen.steps(12, 100.0, at=stamp)[-1].latch[0] == Latch.HOLD


def test_no_traffic_is_neither_healthy_nor_failed():
    """flagger 1011, 1035: no traffic was a failure; argo-rollouts 1905: it was a success."""
    run = Run(min_count=1)
    run.steps(3)
    idle = run.steps(100, 0.0, samples=0.0)
    assert {s.verdict[0] for s in idle} == {Verdict.TOO_FEW}
    assert {s.latch[0] for s in idle} == {Latch.LIVE}
    assert idle[-1].value[0] == 100.0


def test_a_failed_metric_is_not_stored_as_zero():
    """growthbook 6679: a metric that failed was stored as zero."""
    run = Run()
    run.steps(3)
    assert run.step(np.nan, quality=Quality.MISSING).value[0] == 100.0
    assert run.step(None).value[0] == 100.0


def test_a_first_value_that_never_comes_holds_and_falls_back():
    """flagger 1581: a metric with a wrong name passed in silence."""
    run = Run()
    latches = [s.latch[0] for s in run.steps(40, np.nan, quality=Quality.MISSING)]
    assert latches[5] == Latch.LIVE
    assert latches[-1] == Latch.SAFE


def test_empty_means_zero_only_while_the_feed_is_alive():
    run = Run(empty_means_zero=True)
    quiet = run.steps(500, np.nan, quality=Quality.MISSING, alive=True)
    assert {(s.value[0], s.latch[0]) for s in quiet} == {(0.0, Latch.LIVE)}
    dead = run.steps(40, np.nan, quality=Quality.MISSING, alive=False)
    assert dead[0].verdict[0] == Verdict.NO_DATA
    assert dead[-1].latch[0] == Latch.SAFE


def test_a_window_that_has_not_settled_is_passed_over():
    run = Run(window=3600.0, settle=300.0)
    run.step(50.0, at=T0 - 3600, window=3600.0)
    early = run.step(10.0, at=run.now + SCAN - 200, window=3600.0)
    assert (early.value[0], early.fresh[0], early.verdict[0]) == (50.0, False, Verdict.OK)


def test_a_later_sample_of_the_same_window_is_a_correction():
    run = Run()
    run.step(50.0)
    corrected = run.step(55.0)
    assert (corrected.value[0], corrected.fresh[0]) == (55.0, True)


def test_a_latched_sensor_waits_for_a_person():
    run = Run(latched=True)
    run.steps(3)
    run.step(np.nan)
    assert Latch.LIVE not in {s.latch[0] for s in run.steps(50)}
    run.validator.release()
    assert run.step().latch[0] == Latch.LIVE


def test_a_counter_that_restarts_is_held_once_and_never_falls():
    run = Run(counter=True, recover_after=1)
    signals = [run.step(value) for value in (100.0, 160.0, 20.0, 50.0)]
    assert [s.value[0] for s in signals] == [100.0, 160.0, 160.0, 210.0]
    assert [s.verdict[0] for s in signals] == [Verdict.OK, Verdict.OK, Verdict.BAD_DATA, Verdict.OK]


@pytest.mark.parametrize("slip", [0.0, -40.0, 20.0, 16_000.0, 1e12, np.nan])
def test_one_wrong_sample_of_a_counter_leaves_no_trace(slip):
    run = Run(counter=True, recover_after=1)
    run.steps(3, 160.0)
    assert run.step(slip).verdict[0] == Verdict.BAD_DATA
    assert run.step(170.0).value[0] == 170.0
    assert run.step(180.0).verdict[0] == Verdict.OK


def test_a_rare_large_payment_is_believed_in_the_end():
    run = Run(counter=True, recover_after=1)
    run.steps(3, 2.0)
    assert run.step(100.0).verdict[0] == Verdict.BAD_DATA
    assert run.steps(60, 100.0)[-1].value[0] == 100.0


def test_a_night_of_single_sales_does_not_make_the_morning_a_jump():
    run = Run(jump=20.0)
    run.steps(60, 1.0, samples=1.0)
    assert run.step(60.0, samples=60.0).verdict[0] == Verdict.OK


def test_a_person_can_say_that_a_jump_is_true():
    run = Run()
    run.steps(5)
    assert run.step(5000.0).latch[0] == Latch.HOLD
    run.validator.release()
    assert run.step(5000.0).value[0] == 5000.0


def test_a_counter_over_a_window_is_its_increase():
    run = Run(counter=True, window=600.0, recover_after=1)
    signals = [run.step(7.0 * n, samples=np.nan) for n in range(30)]
    assert "warming_up" in signals[0].why
    assert signals[-1].value[0] == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("unit", "window", "value"),
    [
        ("units/h", 3600.0, 42.0),
        ("units/h", 600.0, 42.0),
        ("units/day", 3600.0, 1008.0),
        ("units", 1800.0, 21.0),
    ],
)
def test_a_counter_over_a_window_is_told_in_the_sensor_s_unit(unit, window, value):
    """0.7 a minute is 42 an hour, whatever window it is counted over; without a span it is the window's count."""
    plan = Sensor(kind="csv_file", unit=unit, window=window, counter=True)
    campaign = Campaign(campaign="a", sensors={"units": plan})
    validator, now = Validator("units", rules_of(campaign, "units", plan), ONE), T0
    for n in range(1500):
        now += 60.0
        signal = validator.take(reading(now, 0.7 * n, samples=np.nan), now)
    assert signal.value[0] == pytest.approx(value)


def test_saved_state_goes_on_bit_for_bit():
    whole, first = Run(counter=True, window=600.0), Run(counter=True, window=600.0)
    values = [3.0 * n for n in range(40)]
    for value in values[:20]:
        whole.step(value)
        first.step(value)
    second = Run(counter=True, window=600.0)
    second.now = first.now
    second.validator.restore(first.validator.state())
    for value in [*values[20:], 5.0, np.nan, 9.0]:
        a, b = whole.step(value), second.step(value)
        assert (a.value[0], a.latch[0], a.verdict[0]) == (b.value[0], b.latch[0], b.verdict[0])
