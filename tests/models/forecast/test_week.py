"""The learnt week: what it finds, what it leaves alone, and that cells don't know each other."""

import numpy as np
import pytest

from models.forecast.hours import HOURS, overlap, weight
from models.forecast.week import Week, learnt

FLAT = np.ones((1, HOURS))
DAYS = np.repeat([0.7, 0.8, 0.9, 1.0, 1.3, 1.4, 0.9], 24)
TRUE = DAYS * np.tile(1 + 0.6 * np.sin(np.arange(24) / 24 * 2 * np.pi), 7)
TRUE[[5 * 24 + 20, 5 * 24 + 21, 5 * 24 + 22, 6 * 24 + 3]] *= 4.0
TRUE = TRUE / TRUE.mean()


def played(hours, level=50.0, prior=FLAT, luck=None, length=1.0, every=1):
    week = Week.fresh(prior)
    for end in range(every, hours + 1, every):
        mean = weight(TRUE[None], np.array([float(end)]), length)
        value = (level(end) if callable(level) else level) * mean
        if luck is not None:
            value = luck.poisson(value).astype(float)
        new = np.full(len(prior), min(every / length, 1.0))
        week = learnt(week, prior, np.array([end % 168.0]), length, value, new)
    return week


def error(week, cell=0):
    return float(np.abs(week.shape[cell] - TRUE).mean())


def test_the_prior_stands_until_enough_of_the_week_was_seen():
    week = played(int(0.89 * HOURS))
    assert not week.learned[0]
    assert np.array_equal(week.shape, FLAT)
    assert np.isnan(week.level[0])


def test_four_weeks_of_counts_are_worth_more_than_the_prior_and_eight_more_than_four():
    four, eight = (played(n * HOURS, luck=np.random.default_rng(3)) for n in (4, 8))
    assert error(eight) < error(four) < 0.25 * float(np.abs(1 - TRUE).mean())
    assert np.allclose(four.shape.mean(axis=1), 1.0)
    assert four.level[0] == pytest.approx(50.0, rel=0.05)


def test_a_level_that_doubles_is_no_part_of_the_week():
    week = played(10 * HOURS, level=lambda end: 50.0 * (1 + (end > 5 * HOURS)))
    assert error(week) < 0.06
    assert week.level[0] == pytest.approx(100.0, rel=0.05)


def test_windows_of_any_length_up_to_a_day_tell_the_days_of_the_week_apart():
    week = played(8 * HOURS, length=6.0, every=6)
    days = week.shape[0].reshape(7, 24).mean(axis=1)
    assert np.abs(days - TRUE.reshape(7, 24).mean(axis=1)).max() < 0.06


def test_windows_that_overlap_count_each_hour_once():
    week = played(3 * HOURS, length=4.0, every=1)
    assert 0.99 < week.count.mean() / (1 + 2**-0.125 + 2**-0.25) < 1.01


def test_a_window_between_two_hours_counts_for_both_by_its_parts():
    slots, part = overlap(np.array([9.25]), 0.5)
    assert slots.tolist() == [[8, 9]]
    assert part.tolist() == [[0.25, 0.25]]


def test_readings_left_out_and_readings_that_are_no_number_change_nothing():
    week = played(2 * HOURS)
    for value, new in ((np.array([50.0]), np.zeros(1)), (np.array([np.nan]), np.ones(1))):
        assert learnt(week, FLAT, np.ones(1), 1.0, value, new) is week


def test_cells_in_one_array_learn_the_same_bits_as_alone():
    luck = np.random.default_rng(5)
    counts = luck.poisson(5.0, size=(3 * HOURS, 3)).astype(float)
    new = luck.uniform(size=counts.shape)
    new[luck.uniform(size=new.shape) < 0.2] = 0.0

    def run(chosen):
        prior = np.ones((len(chosen), HOURS))
        week = Week.fresh(prior)
        for hour in range(len(counts)):
            ends = np.array([(hour + 1.0 + cell) % HOURS for cell in chosen])
            week = learnt(week, prior, ends, 1.0, counts[hour, chosen], new[hour, chosen])
        return week

    together = run([0, 1, 2])
    for cell in range(3):
        alone = run([cell])
        assert np.array_equal(alone.shape[0], together.shape[cell])
        assert np.array_equal(alone.level[:1], together.level[cell : cell + 1], equal_nan=True)


def test_a_market_that_sells_nothing_keeps_the_prior():
    week = Week.fresh(FLAT)
    for hour in range(2 * HOURS):
        week = learnt(week, FLAT, np.array([hour + 1.0]), 1.0, np.zeros(1), np.ones(1))
    assert np.array_equal(week.shape, FLAT)
    assert not week.learned[0]


def test_a_prior_near_the_truth_is_better_than_a_flat_one_while_data_are_few():
    told = played(HOURS, prior=TRUE[None], luck=np.random.default_rng(4))
    flat = played(HOURS, luck=np.random.default_rng(4))
    assert error(told) < 0.8 * error(flat)


@pytest.mark.parametrize("length", [0.0, 25.0, np.nan])
def test_a_window_that_tells_no_hours_is_refused(length):
    with pytest.raises(ValueError, match="at most 24 hours"):
        overlap(np.ones(1), length)
