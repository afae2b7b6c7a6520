"""The worst tenth, paired differences, money in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from sim.runs.figures import money, paired, share, worst_decile

FUTURES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80)


@given(FUTURES, st.randoms())
def test_the_worst_tenth_is_worse_than_the_mean_and_knows_no_order(values, random):
    assert worst_decile(values) >= np.mean(values) - 1e-6
    assert worst_decile(values, high_is_bad=False) <= np.mean(values) + 1e-6
    mixed = random.sample(values, len(values))
    assert worst_decile(mixed) == pytest.approx(worst_decile(values))


@given(FUTURES)
def test_turned_around_the_worst_tenth_is_that_of_the_other_end(values):
    assert worst_decile(values) == pytest.approx(-worst_decile([-v for v in values], high_is_bad=False))


@pytest.mark.parametrize(("futures", "worst"), [(1, 0.0), (10, 9.0), (11, 9.5), (20, 18.5), (48, 45.0)])
def test_the_tenth_is_rounded_up(futures, worst):
    assert worst_decile(np.arange(futures)) == worst


def test_a_future_without_a_miss_is_the_best_not_the_worst():
    values = np.full(48, np.nan)
    values[:2] = 0.1, 0.3
    assert worst_decile(values) == pytest.approx(0.2)
    assert np.isnan(worst_decile(np.full(48, np.nan)))


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=40))
def test_a_difference_turned_around_changes_its_sign_alone(pairs):
    a, b = np.array(pairs).T
    (one, half), (other, same) = paired(a, b), paired(b, a)
    assert one == pytest.approx(-other, abs=1e-9)
    assert half == pytest.approx(same, abs=1e-9)


def test_the_interval_is_that_of_the_paired_t_test():
    a, b = np.array([5.0, 7.0, 4.0, 9.0, 6.5]), np.array([4.0, 6.5, 4.5, 7.0, 6.0])
    mean, half = paired(a, b)
    low, high = ttest_rel(a, b).confidence_interval(0.95)
    assert (mean - half, mean + half) == pytest.approx((low, high))


def test_futures_of_one_seed_count_as_one_observation():
    each, markets = np.array([1.0, 2.0, 4.0, 5.0]), np.array([-1.0, 0.0, 1.0])
    many = (markets[:, None] + each).ravel()
    assert paired(many, 0 * many, seeds=4) == pytest.approx(paired(each, 0 * each))
    assert paired(many, 0 * many)[1] < paired(many, 0 * many, seeds=4)[1]


def test_one_observation_has_no_interval():
    assert np.isnan(paired([1.0], [0.5])[1])


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    from models.draws import Draws, keys_of

    keys = keys_of(tuple(str(n) for n in range(8)))
    held = []
    for trial in range(2000):
        gap = Draws(3).uniform(keys, trial, "gap") - 0.5
        mean, half = paired(gap, 0 * gap)
        held.append(abs(mean) <= half)
    assert 0.925 <= share(held) <= 0.965


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: worst_decile([]), r"received shape \(0,\)"),
        (lambda: worst_decile(np.ones((2, 3))), r"received shape \(2, 3\)"),
        (lambda: paired([1.0, 2.0], [1.0]), "received 2 and 1"),
        (
            lambda: paired([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], seeds=2),
            "divide the 3 futures evenly, received 2",
        ),
    ],
)
def test_what_is_no_set_of_futures_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (26584.12, "CNY", "26,600 CNY"),
        (1_234_567.0, "EUR", "1,230,000 EUR"),
        (999.6, "CNY", "1,000 CNY"),
        (431.2, "JPY", "431 JPY"),
        (0.256, "KWD", "0.256 KWD"),
        (0.0, "CNY", "0 CNY"),
        (-0.0001, "CNY", "0.00 CNY"),
        (-26584.12, "CNY", "\N{MINUS SIGN}26,600 CNY"),
        (12.0, "", "12"),
        (float("nan"), "CNY", "unknown"),
    ],
)
def test_money_is_told_as_people_tell_it(amount, currency, text):
    assert money(amount, currency) == text
