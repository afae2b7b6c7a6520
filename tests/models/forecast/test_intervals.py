"""Intervals hold what they promise, on chance that is no bell and on recorded demand; effects and moods are careful."""

import numpy as np
import pytest

from models.forecast.ahead import Mood, forecast
from models.forecast.effects import Effect
from models.forecast.hours import HOURS
from models.forecast.intervals import Errors
from models.forecast.week import Week, learnt
from sim.market.recorded import soft_drinks


def test_recorded_soft_drinks_are_covered_as_promised_and_foretold_better_than_by_the_week_before():
    series, flat = soft_drinks().units[: 30 * HOURS], np.ones((1, HOURS))
    week, errors, hits = Week.fresh(flat), Errors.fresh(1), {0.8: [], 0.9: []}
    miss, naive = 0.0, 0.0
    for now, number in enumerate(series):
        value, usual = np.array([number]), week.level * week.shape[:, now % HOURS]
        if now >= 10 * HOURS:
            for nominal, held in hits.items():
                low, high = errors.interval(usual, nominal)
                held.append(low[0] <= number <= high[0])
                assert low[0] >= 0
            miss, naive = miss + abs(number - usual[0]), naive + abs(number - series[now - HOURS])
        if week.learned[0]:
            errors = errors.seen(value, usual)
        week = learnt(week, flat, np.array([now % HOURS + 1.0]), 1.0, value, np.ones(1))
    assert {n: abs(np.mean(held) - n) < 0.03 for n, held in hits.items()} == {0.8: True, 0.9: True}
    assert miss < 0.85 * naive


def test_intervals_hold_for_each_cell_by_its_own_errors():
    luck, errors, held = np.random.default_rng(2), Errors.fresh(2, kept=400), []
    mean = np.array([4.0, 400.0])
    for n in range(2400):
        value = luck.negative_binomial(3, 3 / (3 + mean)).astype(float)
        if n >= 400:
            low, high = errors.interval(mean, 0.9)
            held.append((low <= value) & (value <= high))
        errors = errors.seen(value, mean)
    share = np.mean(held, axis=0)
    assert (share > 0.88).all()
    assert (share < 0.96).all()


def test_too_few_errors_give_no_false_certainty():
    errors = Errors.fresh(1)
    for _ in range(8):
        errors = errors.seen(np.array([5.0]), np.array([5.0]))
    assert errors.interval(np.array([5.0]), 0.8)[1][0] == np.inf
    errors = errors.seen(np.array([5.0]), np.array([5.0]))
    assert errors.interval(np.array([5.0]), 0.8)[1][0] == 5.0


def test_errors_of_one_cell_alone_count_there_alone():
    errors = Errors.fresh(2)
    for _ in range(20):
        errors = errors.seen(np.array([5.0, np.nan]), np.array([4.0, 4.0]))
    low, high = errors.interval(np.array([4.0, 4.0]), 0.8)
    assert np.isfinite(high).tolist() == [True, False]
    assert low[1] == 0.0


@pytest.mark.parametrize("nominal", [0.0, 1.0, 80.0])
def test_a_probability_that_is_none_is_refused(nominal):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Errors.fresh(1).interval(np.ones(1), nominal)


def test_an_effect_seen_once_counts_half_and_unseen_not_at_all():
    effect = Effect.fresh(2)
    for _ in range(24):
        effect = effect.seen(np.array([6.0, np.nan]), np.array([4.0, 4.0]))
    assert effect.factor.tolist() == [1.25, 1.0]


def test_a_busy_day_fades_from_the_forecast_within_days():
    week = Week(np.ones((1, HOURS)), *np.zeros((2, 1, HOURS)), np.array([10.0]), np.ones(1))
    mood = Mood.fresh(1)
    for _ in range(48):
        mood = mood.seen(np.array([15.0]), np.array([10.0]))
    factor = mood.factor(week.level)
    coming = forecast(week, np.arange(HOURS)[:, None], factor, effect=np.full((HOURS, 1), 2.0))[:, 0]
    assert 1.2 < factor[0] < 1.5
    assert coming[0] == pytest.approx(20.0 * factor[0])
    assert coming[-1] == pytest.approx(20.0, rel=0.001)
