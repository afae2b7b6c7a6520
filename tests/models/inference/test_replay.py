"""What a replay says: which discount would have been best, and whether wins agree with the odds in force."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.inference.forgetting import forgetting, scores
from models.inference.odds import Wins
from models.inference.saved import restored, saved


def journal(seed, epochs=300, plays=40, turns=None):
    """Two arms of 30 % and 20 %, that change places every `turns` epochs."""
    rng = np.random.default_rng(seed)
    rate = np.tile([0.3, 0.2], (epochs, 1))
    if turns:
        rate[(np.arange(epochs) // turns) % 2 == 1] = [0.2, 0.3]
    n = rng.multinomial(plays, [0.5, 0.5], epochs)
    return rng.binomial(n, rate), n


# -- forgetting -----------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1.0))
def test_scores_are_beta_binomial_of_a_plain_loop(seed, discount):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, 6, (12, 2))
    s = rng.binomial(n, 0.4)
    sums, wanted = np.zeros((2, 2)), []
    found = scores(s, n, discount)
    for won, of in zip(s, n, strict=True):
        wanted.append(sum(stats.betabinom.logpmf(won, of, 1.0 + sums[0], 1.0 + sums[1])))
        sums = discount * sums + np.array([won, of - won])
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_without_forgetting_the_score_is_the_whole_likelihood():
    """The chain of one-step predictions of Bernoulli trials is B(1 + s, 1 + f) in any order."""
    for path in itertools.permutations([1, 1, 0, 0, 0]):
        s = np.array(path, float)[:, None]
        assert scores(s, np.ones_like(s), 1.0).sum() == pytest.approx(np.log(1 / 60))


def test_drift_is_seen_and_a_steady_market_never_called_drifting():
    drifting = [forgetting(*journal(seed, plays=100, turns=50)) for seed in range(10)]
    assert sum(found.verdict == "forget" for found in drifting) >= 9
    assert all(0.5 < found.best < 0.999 for found in drifting)
    steady = [forgetting(*journal(seed)).verdict for seed in range(60)]
    assert steady.count("forget") <= 3
    assert steady.count("keep") + steady.count("cannot tell") >= 57


def test_few_epochs_cannot_tell():
    assert forgetting(*journal(1, epochs=10, turns=5)).verdict == "cannot tell"


def test_no_forgetting_gains_nothing_over_itself():
    found = forgetting(*journal(2))
    at = int(np.flatnonzero(found.discounts == 1.0)[0])
    assert (found.gain[at], found.error[at]) == (0.0, 0.0)


# -- odds -----------------------------------------------------------------------------------------------------------


def test_wins_at_true_odds_are_a_fair_game_whatever_sets_the_odds():
    """Odds that answer to wins: doubled after a loss, halved after a win; all 2^9 paths."""
    mean = 0.0
    for path in itertools.product([0, 1], repeat=9):
        p, odds, weight = 0.2, [], 1.0
        for won in path:
            odds.append(p)
            weight *= p if won else 1 - p
            p = p / 2 if won else min(2 * p, 0.8)
        mean += weight * np.exp(Wins.none((1,)).seen([odds], [path]).evidence()[0])
    assert mean == pytest.approx(1.0)


def test_false_alarms_stay_under_their_level_and_a_broken_draw_is_found():
    rng = np.random.default_rng(9)
    p = rng.uniform(0.01, 0.1, (400, 4000))
    fair, generous, mean = (Wins.none((400,)) for _ in range(3))
    for part in np.split(np.arange(4000), 40):
        q = p[:, part]
        luck = rng.random(q.shape)
        fair, generous, mean = (
            fair.seen(q, luck < q),
            generous.seen(q, luck < 1.3 * q),
            mean.seen(q, luck < 0.7 * q),
        )
    assert (fair.p_value() <= 0.05).mean() <= 0.05
    assert (generous.p_value() <= 0.05).mean() > 0.9
    assert (mean.p_value() <= 0.05).mean() > 0.9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50), st.integers(0, 2**32 - 1))
def test_draws_may_come_in_any_cut_and_the_state_through_json(cut, seed):
    rng = np.random.default_rng(seed)
    p = rng.random((2, 50))
    won = rng.random((2, 50)) < p
    whole = Wins.none((2,)).seen(p, won)
    part = restored(Wins, json.loads(json.dumps(saved(Wins.none((2,)).seen(p[:, :cut], won[:, :cut])))))
    part = part.seen(p[:, cut:], won[:, cut:])
    np.testing.assert_allclose(part.evidence(), whole.evidence(), atol=1e-9)
    np.testing.assert_allclose(part.expected, p.sum(axis=1))


def test_what_is_impossible_needs_no_statistics():
    assert Wins.none((1,)).seen([[0.0, 0.5]], [[1, 0]]).p_value()[0] == 0.0
    assert Wins.none((1,)).seen([[1.0, 0.5]], [[0, 0]]).evidence()[0] == np.inf
    assert Wins.none((1,)).seen([[0.0, 1.0]], [[0, 1]]).evidence()[0] == 0.0


S, N = journal(0, epochs=30)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: forgetting(0 * S, 0 * N), "plays: received an empty log"),
        (lambda: forgetting(np.zeros((0, 2)), np.zeros((0, 2))), "plays: received an empty log"),
        (lambda: forgetting(N + 1, N), "wins: received"),
        (lambda: forgetting(S * np.nan, N), "wins: received nan"),
        (lambda: forgetting(S[0], N[0]), "wins, plays: received"),
        (lambda: forgetting(S, N, discounts=(0.9, 0.95)), "1.0 among them"),
        (lambda: forgetting(S, N, discounts=(0.0, 1.0)), "discount: received 0.0"),
        (lambda: forgetting(S, N, prior=(0.0, 1.0)), "prior: received"),
        (lambda: forgetting(S, N, level=0.0), "level: received 0.0"),
        (lambda: Wins.none((1,)).seen([[1.2]], [[1]]), "odds: received 1.2"),
        (lambda: Wins.none((1,)).seen([[np.nan]], [[1]]), "odds: received nan"),
        (lambda: Wins.none((1,)).seen([[0.5]], [[0.5]]), "won: received a number between"),
        (lambda: Wins.none((1,)).seen([[0.5, 0.5]], [[1]]), "odds, won: received"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
