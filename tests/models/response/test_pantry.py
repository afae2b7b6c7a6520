"""The full pantry: nothing appears, nothing is lost, and what was borrowed is missed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import pantry

DAY = 86_400.0


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 5)), min_size=1, max_size=40))
def test_a_stock_is_never_negative_and_never_more_than_was_bought(steps):
    stock, bought_so_far = np.zeros(1), 0.0
    for bought, used in steps:
        before = stock
        stock = pantry.stocked(stock, np.array([bought]), used)
        bought_so_far += bought
        assert 0 <= stock[0] <= bought_so_far + 1e-9
        assert stock[0] >= before[0] + bought - used - 1e-9


def test_a_full_pantry_makes_buying_less_likely():
    worth = pantry.utility(np.linspace(0, 10, 11))
    assert worth[0] == 0
    assert (np.diff(worth) < 0).all()
    assert pantry.utility(np.array([5.0]), kappa=0.0)[0] == 0


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=30),
    st.floats(0, 1),
    st.floats(3600, 40 * DAY),
    st.sampled_from([3600.0, DAY, 7 * DAY]),
)
def test_what_was_borrowed_is_missing_or_still_owed(bumps, share, half_life, dt):
    debt, missing = np.zeros(1), 0.0
    for bump in bumps:
        debt, dip = pantry.borrowed(debt, np.array([bump]), dt, share, half_life)
        missing += dip[0]
        assert debt[0] >= 0
        assert dip[0] >= 0
    assert missing + debt[0] == pytest.approx(share * sum(bumps), rel=1e-9, abs=1e-9)


def test_a_lift_kept_up_is_worth_less_than_it_shows_and_its_end_shows_a_dip():
    bump, debt, net = np.full(2, 100.0), np.zeros(2), []
    share = np.array([0.04, 0.25])
    for week in range(60):
        now = bump if week < 40 else np.zeros(2)
        debt, dip = pantry.borrowed(debt, now, 7 * DAY, share)
        net.append(now - dip)
    assert net[0].tolist() == [100.0, 100.0]
    assert np.allclose(net[39], 100 * (1 - share), rtol=1e-4)
    assert (net[40] < -0.29 * 100 * share).all()
    assert np.allclose(net[59], 0, atol=0.1)
    assert np.allclose(pantry.settled(bump, 7 * DAY, share), 100 * share / (1 - 0.5**0.5))


def test_the_range_is_the_published_one_and_disputed():
    assert (pantry.SHARE.low, pantry.SHARE.high, pantry.SHARE.contested) == (0.04, 0.25, True)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="bought must be"):
        pantry.stocked(np.zeros(1), np.array([-1.0]), 1.0)
    with pytest.raises(ValueError, match="kappa"):
        pantry.utility(np.zeros(1), -1.0)
    for share in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            pantry.borrowed(np.zeros(1), np.zeros(1), DAY, share)
