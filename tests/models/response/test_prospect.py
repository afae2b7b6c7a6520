"""Cumulative prospect theory: the printed weights, and a rising appeal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import prospect

CHANCES = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 400), np.linspace(0.5, 1.0, 400)])
CHANCES.sort()


@pytest.mark.parametrize(
    ("chance", "printed"), [(0.001, 0.0145), (0.01, 0.055), (0.05, 0.132), (0.1, 0.186), (0.3, 0.318)]
)
def test_small_chances_weigh_what_follows_from_the_published_gamma(chance, printed):
    digits = 4 if printed < 0.05 else 3
    assert round(float(prospect.weight(np.array([chance]))[0]), digits) == printed


def test_losses_weigh_by_their_own_gamma_and_more():
    assert prospect.weight(np.array([0.01]), prospect.GAMMA_LOSS.value)[0] == pytest.approx(0.0394, abs=5e-4)
    gain, loss = prospect.value(np.array([50.0, -50.0]))
    assert loss == pytest.approx(-2.25 * gain)
    assert gain == pytest.approx(50**0.88)


@given(st.floats(0.28, 1.0), st.floats(0.3, 1.0), st.floats(0.5, 100))
def test_weight_and_appeal_rise_from_nothing_to_the_prize(gamma, exponent, prize):
    for curve, top in (
        (prospect.weight(CHANCES, gamma), 1.0),
        (prospect.appeal(CHANCES, prize, 1.0, gamma, exponent), prize),
    ):
        assert curve[0] == 0
        assert (np.diff(curve) >= -1e-13 * top).all()
        assert curve[-1] == pytest.approx(top)


def test_just_below_the_least_gamma_the_weight_would_fall():
    up = CHANCES**0.25
    falls = np.diff(up / (up + (1 - CHANCES) ** 0.25) ** 4)
    assert (falls < -1e-9).any()


@given(st.floats(0.05, 1.0))
def test_prelecs_weight_rises_and_crosses_at_one_over_e(alpha):
    curve = prospect.prelec(CHANCES, alpha)
    assert curve[0] == 0
    assert curve[-1] == 1
    assert (np.diff(curve) >= -1e-13).all()
    assert prospect.prelec(np.array([np.exp(-1)]), alpha)[0] == pytest.approx(np.exp(-1))


def test_without_distortion_it_is_the_expected_value():
    assert np.allclose(prospect.appeal(CHANCES, 3.0, 4.0, gamma=1.0, exponent=1.0), 3.0 * CHANCES)
    assert np.allclose(prospect.prelec(CHANCES, 1.0), CHANCES)


def test_small_chances_appeal_beyond_their_worth_and_large_ones_below():
    small, large = prospect.appeal(np.array([0.01, 0.6]), 2.0, 4.0) / np.array([0.02, 1.2])
    assert small > 3
    assert large < 1


def test_nan_stays_nan_and_what_cannot_be_is_refused():
    assert np.isnan(prospect.appeal(np.array([np.nan]), 2.0, 4.0)).all()
    for chance in (-0.1, 1.1):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            prospect.weight(np.array([chance]))
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            prospect.prelec(np.array([chance]))
    with pytest.raises(ValueError, match="rises throughout"):
        prospect.weight(np.array([0.1]), 0.25)
    with pytest.raises(ValueError, match="alpha must"):
        prospect.prelec(np.array([0.1]), 0.0)
    with pytest.raises(ValueError, match="exponent"):
        prospect.appeal(np.array([0.1]), 2.0, 4.0, exponent=0.0)
