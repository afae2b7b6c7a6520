"""Intervals that are valid at every look: exact by enumeration, whole or in parts, and through JSON."""

import itertools
import json
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.inference import counted, lift, mixture
from models.inference.bernstein import Bernstein
from models.inference.betting import Betting, candidates
from models.inference.mixture import Moments, widening
from models.inference.running import Running, walk
from models.inference.saved import restored, saved

PATHS = np.array(list(itertools.product([0.0, 1.0], repeat=10)))
ALL = np.ones(PATHS.shape, bool)
KINDS = [Bernstein, Betting]


def chance(p):
    """Probability of each path of ten outcomes."""
    return np.prod(np.where(PATHS == 1, p, 1 - p), axis=1)


def nothing():
    return Running(*(np.zeros(len(PATHS)) for _ in range(3)))


@lru_cache
def triangle(size, level):
    """Intervals of every count that may happen in `size` trials: [trials, wins]."""
    trials, wins = np.arange(1, size + 1)[:, None], np.arange(size + 1)
    return counted.interval(np.minimum(wins, trials), trials, level=level)


def ever_alarmed(p, size, level):
    """Exact probability that the interval from counts leaves p at any of `size` looks, one a trial."""
    alive, alarmed, found = np.array([1.0]), 0.0, triangle(size, level)
    for n in range(1, size + 1):
        alive = np.append(alive * (1 - p), 0.0) + np.append(0.0, alive * p)
        out = (found.low[n - 1, : n + 1] > p) | (found.high[n - 1, : n + 1] < p)
        alarmed += alive[out].sum()
        alive = np.where(out, 0.0, alive)
    return alarmed


def repeated(looks, limit=1.959963984540054):
    """Probability that |z| passes the limit at any of so many even looks (Armitage et al., JRSS A 132 (1969) 235)."""
    x = np.linspace(-limit * np.sqrt(looks), limit * np.sqrt(looks), 1601)
    step = np.exp(-((x[:, None] - x) ** 2) / 2) / np.sqrt(2 * np.pi) * (x[1] - x[0])
    density = stats.norm.pdf(x)
    for look in range(1, looks + 1):
        edge = limit * np.sqrt(look)
        # A point on the edge counts by the part of its step that lies inside.
        inside = np.clip((edge - np.abs(x)) / (x[1] - x[0]) + 0.5, 0.0, 1.0)
        density = density * inside
        kept = density.sum() * (x[1] - x[0])
        density = step @ density
    return 1.0 - kept


@pytest.mark.parametrize(
    ("looks", "alarms"), [(1, 0.050), (2, 0.083), (5, 0.142), (10, 0.193), (20, 0.248), (50, 0.320)]
)
def test_a_fixed_test_alarms_ever_more_often_the_more_one_looks(looks, alarms):
    assert repeated(looks) == pytest.approx(alarms, abs=0.002)


@pytest.mark.parametrize("p", [0.03, 0.3, 0.5])
def test_counts_keep_their_level_at_every_single_look_exactly(p):
    assert 0.02 < ever_alarmed(p, 200, 0.8) < 0.2
    assert ever_alarmed(p, 200, 0.95) < 0.05


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_evidence_of_counts_is_a_fair_game(p):
    trials = np.arange(1, 11)
    evidence = np.exp(counted.evidence(np.cumsum(PATHS, axis=1), trials, p))
    assert chance(p) @ evidence == pytest.approx(np.ones(10))


def test_more_plays_than_were_seen_cannot_move_an_interval_outwards():
    one = Bernstein.none((1,)).sequence(np.random.default_rng(1).random((1, 400)))
    assert (np.diff(one.low) >= 0).all()
    assert (np.diff(one.high) <= 0).all()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_both_gamblers_play_a_fair_game(p):
    won = Betting.none((len(PATHS),), on_trial=3)
    m = candidates(3)
    at = int(np.argmin(np.abs(m - p)))
    folded = won.seen(PATHS)
    if m[at] == p:
        for fortune in (folded.above, folded.below):
            assert chance(p) @ np.exp(fortune[:, at]) == pytest.approx(1.0)
    # Against any other mean than the true one, the gambler on the wrong side loses in the mean.
    assert chance(p) @ np.exp(folded.above[:, 2]) <= 1.0
    assert chance(p) @ np.exp(folded.below[:, 0]) <= 1.0


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("way", [1.0, -1.0])
def test_what_bernstein_rests_on_has_no_drift_upwards(p, way):
    before, _ = walk(nothing(), PATHS, ALL, 0.05)
    bet = np.minimum(before.bet, 0.5)
    parts = way * bet * (PATHS - p) - (PATHS - before.mean) ** 2 * (-np.log1p(-bet) - bet)
    assert (chance(p) @ np.exp(np.cumsum(parts, axis=1)) <= 1.0 + 1e-12).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bounded_outcomes_keep_their_level(kind):
    rng = np.random.default_rng(4)
    x, state, wrong = rng.beta(0.4, 0.6, (300, 400)), kind.none((300,), level=0.8), np.zeros(300, bool)
    for part in np.split(x, 20, axis=1):
        state = state.seen(part)
        found = state.interval()
        wrong |= (found.low > 0.4) | (found.high < 0.4)
    assert wrong.mean() < 0.2
    assert (found.high - found.low).max() < 0.25


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_a_fold_in_parts_is_the_fold_of_the_whole(cut, seed, kind):
    rng = np.random.default_rng(seed)
    x, taken = rng.random((3, 40)), rng.random((3, 40)) < 0.7
    empty = kind.none((3,), on_trial=21) if kind is Betting else kind.none((3,))
    whole = empty.seen(x, taken)
    part = empty.seen(x[:, :cut], taken[:, :cut])
    part = restored(kind, json.loads(json.dumps(saved(part)))).seen(x[:, cut:], taken[:, cut:])
    once, twice = whole.interval(), part.interval()
    if kind is Betting:  # it looks at the end of a part: one look more can only move an end inwards
        np.testing.assert_allclose(whole.above, part.above, atol=1e-9)
        assert (twice.low >= once.low).all()
        assert (twice.high <= once.high).all()
    else:
        np.testing.assert_allclose(once, twice, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_moments_join_in_any_cut_and_survive_json(cut, seed):
    x = np.random.default_rng(seed).normal(1e6, 1.0, (2, 30))
    whole = Moments.none((2,)).seen(x)
    part = restored(Moments, json.loads(json.dumps(saved(Moments.none((2,)).seen(x[:, :cut])))))
    part = part.joined(Moments.none((2,)).seen(x[:, cut:]))
    np.testing.assert_allclose(part.mean, x.mean(axis=1))
    np.testing.assert_allclose(part.variance, x.var(axis=1, ddof=1), rtol=1e-6)
    np.testing.assert_allclose(whole.variance, part.variance, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_streams_are_independent_of_each_other(kind):
    x = np.random.default_rng(2).random((4, 60))
    both, alone = kind.none((4,)).seen(x), kind.none((1,)).seen(x[2:3])
    assert [end[2] for end in both.interval()] == [end[0] for end in alone.interval()]


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_are_a_change_of_unit(kind):
    x = np.random.default_rng(3).random((2, 200))
    plain, money = kind.none((2,)).seen(x), kind.none((2,), between=(-10.0, 490.0)).seen(500.0 * x - 10.0)
    for one, other in zip(plain.interval(), money.interval(), strict=True):
        np.testing.assert_allclose(500.0 * one - 10.0, other)


def test_betting_is_narrower_than_bernstein_near_a_bound():
    x = np.random.default_rng(7).beta(1, 19, (20, 500))
    widths = [kind.none((20,)).seen(x).interval() for kind in KINDS]
    assert np.median(widths[1].high - widths[1].low) < np.median(widths[0].high - widths[0].low)


@settings(max_examples=40, deadline=None)
@given(st.floats(1.0, 1e6), st.floats(0.5, 0.999))
def test_the_mixture_is_narrowest_where_it_was_planned(planned, level):
    here = widening(planned, planned, level)
    for other in (0.25, 0.8, 1.25, 4.0):
        assert widening(planned, planned * other, level) >= here
    assert here > stats.norm.ppf(0.5 + level / 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.5, 0.99))
def test_counts_give_an_interval_around_the_share(won, lost, level):
    found = counted.interval(won, won + lost, level=level)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0
    for end in (found.low, found.high):
        if 0.0 < end < 1.0:
            assert counted.evidence(won, won + lost, end) == pytest.approx(-np.log(1 - level), abs=1e-6)


def test_a_lift_is_seen_and_nothing_is_not():
    rng = np.random.default_rng(8)
    same, more = rng.normal(10, 2, (2, 2000)), rng.normal(10.5, 2, (2, 2000))
    a, b, c = (Moments.none((2,)).seen(x) for x in (same, same[::-1], more))
    assert (lift.of_means(c, a, planned=1000).low > 0).all()
    nothing = lift.of_means(a, b, planned=1000)
    assert ((nothing.low < 0) & (nothing.high > 0)).all()


def test_a_lift_of_means_says_nothing_before_its_first_look():
    few = Moments.none((1,)).seen(np.zeros((1, 50)))
    found = lift.of_means(few, few, planned=1000)
    assert np.isinf([found.low, found.high]).all()
    equal = Moments.none((1,)).seen(np.zeros((1, 500)))
    assert np.isinf(mixture.interval(equal, planned=500).high).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: Bernstein.none((1,)).seen([[0.5, 1.5]]),
            r"outcomes: received 1.5 at \(0, 1\), allowed are 0 to 1",
        ),
        (lambda: Bernstein.none((1,)).seen([[np.nan]]), "received nan"),
        (lambda: Betting.none((1,)).seen([[np.inf]]), "received inf"),
        (lambda: Betting.none((1,), on_trial=2), "candidates: received 2"),
        (lambda: Bernstein.none((1,), level=1.0), "level: received 1.0"),
        (lambda: Bernstein.none((1,), between=(1.0, 0.0)), "between"),
        (lambda: Bernstein.none((1,)).seen([[0.5]], [[1]]), "taken"),
        (lambda: Moments.none((1,)).seen([[np.nan]]), "outcomes: received nan"),
        (lambda: widening(10, planned=0), "planned: received 0"),
        (lambda: mixture.interval(Moments.none((1,)), 10, deviation=-1.0), "deviation: received -1"),
        (lambda: counted.interval([5], [3]), r"successes: received 5 of 3 trials"),
        (lambda: counted.interval([-1], [3]), "successes: received -1"),
        (lambda: counted.interval([1.5], [3]), "successes: received 1.5"),
        (lambda: counted.interval([1], [3], prior=(0.0, 1.0)), "prior"),
        (lambda: lift.ratio(*[mixture.Interval(*np.full((3, 1), -1.0))] * 2), "ratio: received an interval"),
        (lambda: restored(Moments, {"kind": "Moments", "version": 2}), "version: received 2"),
        (lambda: restored(Moments, {"kind": "Moments", "version": 1, "mean": [1.0]}), "fields of Moments"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
