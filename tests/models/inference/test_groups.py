"""Groups: who is held out, whether the split is right, what CUPED and a switchback make of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.draws import Draws
from models.inference import cuped, holdout, sample_ratio, switchback

KEY = b"a key of 32 bytes, never printed"
PEOPLE = [f"person-{n}" for n in range(40_000)]


# -- holdout --------------------------------------------------------------------------------------------------------


def test_the_hash_is_hmac_sha_256():
    """Of the purpose, a NUL and the name; the first 8 bytes of it, highest first."""
    import hashlib
    import hmac

    wanted = hmac.new(KEY, b"holdout\0Anna", hashlib.sha256).digest()[:8]
    assert int(holdout.hashes(["Anna"], KEY)[0]) == int.from_bytes(wanted, "big")


@settings(max_examples=20, deadline=None)
@given(st.permutations(PEOPLE[:60]), st.floats(0.0, 0.99))
def test_who_is_held_out_does_not_depend_on_order(order, share):
    before = dict(zip(PEOPLE[:60], holdout.held_out(PEOPLE[:60], KEY, share), strict=True))
    assert dict(zip(order, holdout.held_out(order, KEY, share), strict=True)) == before
    cells = dict(zip(PEOPLE[:60], holdout.held_cells(PEOPLE[:60], KEY, share * 0.98), strict=True))
    assert dict(zip(order, holdout.held_cells(order, KEY, share * 0.98), strict=True)) == cells


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_share_is_met_within_its_noise(share):
    held = holdout.held_out(PEOPLE, KEY, share)
    assert abs(held.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(PEOPLE))


def test_a_larger_share_keeps_those_who_were_held_out():
    small, large = (holdout.held_out(PEOPLE, KEY, share) for share in (0.05, 0.1))
    assert (large[small]).all()
    few, more = (holdout.held_cells(PEOPLE[:50], KEY, share) for share in (0.1, 0.2))
    assert (few.sum(), more.sum()) == (5, 10)
    assert more[few].all()


def test_another_key_or_purpose_is_an_independent_choice():
    one = holdout.held_out(PEOPLE, KEY, 0.5)
    for other in (holdout.held_out(PEOPLE, KEY[::-1], 0.5), holdout.held_out(PEOPLE, KEY, 0.5, "prizes")):
        assert abs((one == other).mean() - 0.5) < 4 * 0.5 / np.sqrt(len(PEOPLE))


def test_a_cell_more_moves_one_other_cell_at_most():
    names = PEOPLE[:41]
    before, after = holdout.held_cells(names[:40], KEY, 0.1), holdout.held_cells(names, KEY, 4 / 41)
    assert (before != after[:40]).sum() <= 1


# -- sample ratio ---------------------------------------------------------------------------------------------------


def test_the_evidence_of_a_split_is_a_fair_game():
    shares = np.array([0.6, 0.3, 0.1])
    mean = 0.0
    for path in itertools.product(range(3), repeat=6):
        sizes = np.bincount(path, minlength=3)
        mean += np.prod(shares[list(path)]) * np.exp(sample_ratio.evidence(sizes, shares, 5.0))
    assert mean == pytest.approx(1.0)


def test_chi_square_is_that_of_scipy():
    sizes = np.array([[510, 490, 250], [400, 400, 200]])
    shares = np.array([0.4, 0.4, 0.2])
    wanted = [stats.chisquare(row, row.sum() * shares).pvalue for row in sizes]
    np.testing.assert_allclose(sample_ratio.once(sizes, shares), wanted)


def test_a_wrong_split_is_found_and_a_right_one_is_not():
    rng = np.random.default_rng(3)
    right, wrong = (np.cumsum(rng.multinomial(500, [p, 1 - p], (500, 50)), axis=1) for p in (0.5, 0.52))
    limit = np.log(1000)
    assert (sample_ratio.evidence(right, [0.5, 0.5]) > limit).any(axis=1).mean() < 0.005
    assert (sample_ratio.evidence(wrong, [0.5, 0.5]) > limit).any(axis=1).mean() > 0.9


# -- cuped ----------------------------------------------------------------------------------------------------------


def test_a_covariate_takes_out_its_squared_correlation_and_keeps_the_level():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2, 2000, 400))
    y = 0.8 * x + 0.6 * rng.standard_normal(x.shape)
    found = cuped.cuped(y[0] + 0.1, x[0], y[1], x[1])
    assert np.median(found.removed) == pytest.approx(0.64, abs=0.02)
    covers = (found.lift.low <= 0.1) & (found.lift.high >= 0.1)
    assert covers.mean() == pytest.approx(0.95, abs=0.015)
    assert found.lift.estimate.std() == pytest.approx(0.6 * found.plain.estimate.std(), rel=0.06)


def test_theta_is_the_slope_of_least_squares_with_a_level_for_each_group():
    rng = np.random.default_rng(6)
    x1, x0, y1, y0 = rng.standard_normal((4, 30))
    group = np.r_[np.ones(30), np.zeros(30)]
    design = np.stack([group, 1 - group, np.r_[x1, x0]], axis=1)
    fitted = np.linalg.lstsq(design, np.r_[y1, y0], rcond=None)[0]
    found = cuped.cuped(y1, x1, y0, x0)
    assert found.theta == pytest.approx(fitted[2])
    assert found.lift.estimate == pytest.approx(fitted[0] - fitted[1])


# -- switchback -----------------------------------------------------------------------------------------------------


def played(pairs, seed, truth=1.0, lag=0.0):
    """Buckets of four periods: base, effect, and what the bucket before left behind in the first period."""
    rng = np.random.default_rng(seed)
    on = switchback.coins(pairs, Draws(seed))
    y = 10 + rng.standard_normal((2 * pairs, 1)) + 0.2 * rng.standard_normal((2 * pairs, 4))
    y += truth * on[:, None]
    y[1:, 0] += lag * (on[:-1].astype(float) - on[1:])
    return y, on


def test_the_interval_rests_on_the_coins_alone():
    """Fixed outcomes of six pairs, an effect of 2: over all coins, the exact 90 % interval holds it 90 % or more."""
    base, covers = np.array([1.0, 5.0, 2.0, 2.5, 90.0, 0.0, 3.0, 3.1, 7.0, 1.0, 4.0, 9.0]), []
    for coins in itertools.product([False, True], repeat=6):
        on = np.stack([coins, ~np.array(coins)], axis=1).ravel()
        found = switchback.effect((base + 2.0 * on)[:, None], on, 0, Draws(1), level=0.9).interval
        covers.append(found.low <= 2.0 <= found.high)
    assert 0.9 <= np.mean(covers) <= 0.97


def test_an_interval_of_many_pairs_covers():
    covers = []
    for seed in range(150):
        y, on = played(20, seed)
        found = switchback.effect(y, on, 1, Draws(seed)).interval
        covers.append(found.low <= 1.0 <= found.high)
    assert np.mean(covers) > 0.9


def test_the_same_draws_give_the_same_interval():
    y, on = played(20, 3)
    one, other = (switchback.effect(y, on, 1, Draws(8)).interval for _ in range(2))
    assert one == other


def test_wash_out_takes_away_what_lingers_and_carry_over_shows_it():
    y, on = played(400, 1, lag=0.8)
    bare, washed = (switchback.effect(y, on, wash, Draws(2)).interval for wash in (0, 1))
    assert bare.estimate < washed.estimate
    lingers, gone = (switchback.carry_over(y, on, period) for period in (0, 2))
    assert lingers.low > 0.3
    assert gone.low < 0 < gone.high


def test_too_few_pairs_say_nothing():
    y, on = played(4, 2)
    assert np.isinf(switchback.effect(y, on, 0, Draws(1)).interval.high)


def test_what_lingers_cannot_be_told_from_strict_turns():
    y = np.random.default_rng(1).standard_normal((20, 3))
    assert np.isinf(switchback.carry_over(y, np.tile([True, False], 10), 0).high)


ON = np.array([True, False])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: holdout.held_out(["a"], b"short", 0.1), "key: received 5 bytes"),
        (lambda: holdout.held_out(["a", ""], KEY, 0.1), r"names: received an empty name at \(1,\)"),
        (lambda: holdout.held_out(["a"], KEY, 1.0), "share: received 1.0"),
        (lambda: holdout.held_out(["a"], KEY, float("nan")), "share: received nan"),
        (lambda: holdout.held_out(["a"], KEY, 0.1, "a\0b"), "purpose"),
        (lambda: holdout.held_cells(["a", "a"], KEY, 0.1), "names: received 2 of which 1 differ"),
        (lambda: holdout.held_cells(["a"], KEY, 0.1), "allowed is one that leaves a cell treated"),
        (lambda: sample_ratio.once([0, 0], [0.5, 0.5]), "sizes: received no one"),
        (lambda: sample_ratio.evidence([1, 2], [0.5, 0.6]), "shares: received"),
        (lambda: sample_ratio.evidence([1, 2, 3], [0.5, 0.5]), "allowed are"),
        (lambda: sample_ratio.evidence([1, -2], [0.5, 0.5]), "sizes: received -2"),
        (lambda: sample_ratio.evidence([1, 2], [0.5, 0.5], 0.0), "concentration: received 0"),
        (
            lambda: cuped.cuped([1.0, 2.0], [1.0, 1.0], [1.0, 2.0], [2.0, 2.0]),
            "before: received the same value",
        ),
        (lambda: cuped.cuped([1.0], [1.0], [1.0, 2.0], [2.0, 2.0]), "treated: received outcomes"),
        (lambda: cuped.cuped([1.0, np.nan], [1.0, 2.0], [1.0, 2.0], [2.0, 3.0]), "treated: received nan"),
        (lambda: switchback.buckets(np.ones((2, 3)), ON, 3), "wash: received 3 of 3"),
        (lambda: switchback.buckets(np.ones((2, 3)), ~ON[[0, 0]], 0), "on: received pair 0 alike"),
        (lambda: switchback.buckets(np.ones((3, 3)), ON, 0), "outcome, on: received"),
        (lambda: switchback.buckets(np.full((2, 3), np.nan), ON, 0), "outcome: received nan"),
        (lambda: switchback.coins(0, Draws(1)), "pairs: received 0"),
        (lambda: switchback.carry_over(np.ones((2, 3)), ON, 0), "outcome: received 2 buckets"),
        (lambda: switchback.carry_over(np.ones((8, 3)), np.tile(ON, 4), 3), "period: received 3 of 3"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
