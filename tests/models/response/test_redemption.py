"""Coupons: how many are redeemed, and when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import redemption as r

DAY = 86_400.0
SHARES = st.floats(0.001, 0.9)
TIMES = st.fixed_dictionaries(
    {
        "life": st.floats(DAY, 90 * DAY),
        "half_life": st.floats(3600, 60 * DAY),
        "rush": st.floats(0, 1),
        "width": st.floats(3600, 20 * DAY),
    }
)


def test_the_channels_redeem_as_published():
    """Quotients of the published counts, in per cent: 530 M of 240 bn inserts, 1.74 of 267 bn in all."""
    assert pytest.approx(530e6 / 240e9, rel=0.01) == r.INSERT.value
    assert pytest.approx(1.74 / 267, rel=0.01) == r.ALL.value
    assert (r.PRINT_AT_HOME.value, r.LOAD_TO_CARD.value) == (0.145, 0.073)
    assert all(p.contested for p in (r.INSERT, r.ALL, r.PRINT_AT_HOME, r.LOAD_TO_CARD))


@given(SHARES, st.floats(0, 1), st.floats(0, 3))
def test_a_base_gives_back_the_share_it_was_made_from(share, relative, effort):
    base = r.base_of(share, relative, effort)
    assert r.share(np.array([relative]), effort, base)[0] == pytest.approx(share, rel=1e-9)


@given(st.floats(-8, 2))
def test_more_is_redeemed_of_what_is_worth_more_and_less_of_what_takes_effort(base):
    worth = r.share(np.linspace(0, 2, 50), 0.5, base)
    effort = r.share(np.full(50, 0.25), np.linspace(0, 5, 50), base)
    assert (np.diff(worth) > 0).all()
    assert (np.diff(effort) < 0).all()
    assert ((worth > 0) & (worth < 1)).all()


@given(SHARES, TIMES)
def test_by_the_end_the_share_has_come_and_no_more(share, times):
    age = np.linspace(0, 1.5 * times["life"], 400)
    come = r.come(age, **times)
    assert come[0] == 0
    assert (np.diff(come) >= -1e-12).all()
    assert come[age >= times["life"]] == pytest.approx(1.0)
    left = r.left(age, share, **times)
    assert ((left >= 1 - share - 1e-12) & (left <= 1)).all()
    assert left[-1] == pytest.approx(1 - share)


@given(SHARES, TIMES, st.integers(1, 40))
def test_however_time_is_cut_the_same_share_is_redeemed(share, times, steps):
    dt = times["life"] / steps
    ages = np.arange(steps) * dt
    chances = r.redeem_chance(ages, dt, share, **times)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert 1 - np.prod(1 - chances) == pytest.approx(share, rel=1e-6)
    assert r.redeem_chance(np.array([times["life"]]), dt, share, **times)[0] == pytest.approx(0.0, abs=1e-12)


@given(SHARES, TIMES, st.floats(0.05, 0.95))
def test_the_hazard_is_the_slope_of_what_is_left(share, times, part):
    age, dt = part * times["life"], times["life"] * 1e-6
    sides = r.left(np.array([age - dt, age + dt]), share, **times)
    slope = -np.log(sides[1] / sides[0]) / (2 * dt)
    assert r.hazard(np.array([age]), share, **times)[0] == pytest.approx(
        slope, rel=1e-3, abs=1e-6 / times["life"]
    )


def test_there_is_a_rush_before_the_end_and_none_without_it():
    age = np.linspace(0, 27.99, 300) * DAY
    rushed, plain = r.hazard(age, 0.1), r.hazard(age, 0.1, rush=0.0)
    lowest = rushed.argmin()
    assert 0 < lowest < 299
    assert rushed[-1] > 2 * rushed[lowest]
    assert (np.diff(plain) < 0).all()
    assert r.hazard(np.array([28 * DAY, 40 * DAY]), 0.1).tolist() == [0.0, 0.0]


def test_the_fall_after_the_peak_is_that_of_the_mailed_coupons():
    """Redemptions of the weeks 2 to 8 of Complete Journey's type A fall by half in about 2.5 weeks."""
    weekly = np.array([14.9, 11.5, 9.2, 6.5, 5.0, 4.1, 2.3])
    slope = np.polyfit(np.arange(7.0), np.log2(weekly), 1)[0]
    assert -1 / slope == pytest.approx(r.HALF_LIFE.value / (7 * DAY), rel=0.1)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="age must be zero"):
        r.come(np.array([-1.0]))
    with pytest.raises(ValueError, match="life must be above zero"):
        r.come(np.array([1.0]), life=0.0)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        r.left(np.array([1.0]), 1.5)
    with pytest.raises(ValueError, match="between none and all"):
        r.base_of(0.0, 0.2, 0.0)
    with pytest.raises(ValueError, match="effort must be"):
        r.share(np.array([0.2]), -1.0, 0.0)
    with pytest.raises(ValueError, match="step"):
        r.redeem_chance(np.array([0.0]), 0.0, 0.1)
    assert r.redeem_chance(np.array([30 * DAY]), DAY, 1.0)[0] == 0
