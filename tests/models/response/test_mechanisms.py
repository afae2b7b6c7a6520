"""The lottery's disputed mechanisms: one contract, one point of agreement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import expected_value, mechanisms, prospect, small_discount
from models.response.mechanisms import MECHANISMS, dose

APPEALS = {
    "expected_value": expected_value.appeal,
    "prospect": prospect.appeal,
    "small_discount": small_discount.appeal,
}
CHANCES = np.linspace(0, 1, 2001)
MONEY = st.floats(0.1, 100)


def test_every_mechanism_is_tested_here():
    assert tuple(APPEALS) == MECHANISMS
    assert [mechanisms.code_of(name) for name in MECHANISMS] == [0, 1, 2]


@pytest.mark.parametrize("name", MECHANISMS)
@given(prize=MONEY, price=MONEY)
def test_an_appeal_is_money_zero_at_zero_and_never_falls(name, prize, price):
    got = APPEALS[name](CHANCES, prize, price)
    assert got.shape == CHANCES.shape
    assert got[0] == 0
    assert (np.diff(got) >= -1e-12 * prize).all()
    twice = APPEALS[name](CHANCES, 2 * prize, price)
    assert (twice >= got * (1 - 1e-12)).all()
    assert np.isnan(APPEALS[name](np.array([np.nan]), prize, price)).all()
    for bad in (-0.01, 1.01):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            APPEALS[name](np.array([bad]), prize, price)
    with pytest.raises(ValueError, match="prize"):
        APPEALS[name](np.array([0.1]), -1.0, price)


@given(st.floats(0, small_discount.HIGHEST), st.floats(0.001, 1), MONEY, MONEY)
def test_the_premium_never_makes_a_better_chance_worth_less(premium, scale, prize, price):
    got = small_discount.appeal(CHANCES, prize, price, premium, scale)
    assert (np.diff(got) >= -1e-12 * prize).all()
    assert (got >= prize * CHANCES).all()
    assert (got <= prize * CHANCES * (1 + premium) * (1 + 1e-12)).all()


def test_beyond_the_bound_it_would_and_is_refused():
    y = np.linspace(0, 6, 601)
    assert (np.diff(y * (1 + 8 * np.exp(-y))) < 0).any()
    with pytest.raises(ValueError, match=r"e\^2"):
        small_discount.appeal(CHANCES, 1.0, 1.0, premium=7.4)
    with pytest.raises(ValueError, match="above zero"):
        small_discount.appeal(CHANCES, 1.0, 0.0)


def test_the_premium_is_there_for_small_discounts_and_gone_for_large_ones():
    small, large = small_discount.appeal(np.array([1e-6, 1.0]), 4.0, 4.0) / np.array([4e-6, 4.0])
    assert small == pytest.approx(1 + small_discount.PREMIUM.value, rel=1e-3)
    assert large == pytest.approx(1.0, abs=1e-6)


@given(st.floats(0.001, 1), MONEY, MONEY)
def test_all_agree_at_the_reference_and_at_nothing(reference, prize, price):
    code = np.arange(3)
    assert (dose(np.full(3, reference), prize, price, code, reference) == reference).all()
    assert (dose(np.zeros(3), prize, price, code, reference) == 0).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.001, 1))
def test_the_linear_mechanism_gives_the_chance_back_to_the_bit(chances, reference):
    chance = np.array(chances)
    alone = dose(chance, 0.0, 0.0, np.zeros(len(chance)), reference)
    assert (alone == chance).all()
    mixed = dose(np.append(chance, 0.5), 2.0, 4.0, np.append(np.zeros(len(chance)), 1.0), reference)
    assert (mixed[:-1] == chance).all()


@given(st.integers(0, 2), st.floats(0.005, 0.2), MONEY, MONEY)
def test_a_dose_never_falls(code, reference, prize, price):
    got = dose(CHANCES, prize, price, np.full(len(CHANCES), code), reference)
    assert (np.diff(got) >= -1e-12 * max(1.0, got.max())).all()


def test_cells_do_not_know_each_other():
    chance, code = np.linspace(0, 0.3, 9), np.arange(9) % 3
    prize, price, reference = np.linspace(1, 3, 9), np.linspace(2, 6, 9), np.linspace(0.01, 0.1, 9)
    before = chance.copy()
    whole = dose(chance, prize, price, code, reference)
    single = [
        dose(chance[i : i + 1], prize[i : i + 1], price[i : i + 1], code[i : i + 1], reference[i : i + 1])[0]
        for i in range(9)
    ]
    assert whole.tolist() == single
    assert (chance == before).all()


def test_above_the_reference_the_disputed_readings_promise_less():
    linear, weighed, fading = dose(np.full(3, 0.12), 2.0, 4.0, np.arange(3.0), 0.03)
    assert linear == 0.12
    assert max(weighed, fading) < 0.08
    below = dose(np.full(3, 0.005), 2.0, 4.0, np.arange(3.0), 0.03)
    assert below[1] > below[2] > below[0]


def test_what_cannot_be_is_refused():
    chance = np.array([0.1])
    for code in (3, -1, 0.5, np.nan):
        with pytest.raises(ValueError, match="expected_value, prospect, small_discount"):
            dose(chance, 2.0, 4.0, np.array([code]), 0.03)
    with pytest.raises(ValueError, match="prize and price"):
        dose(chance, 0.0, 4.0, np.array([1]), 0.03)
    for reference in (0.0, 1.1, np.nan):
        with pytest.raises(ValueError, match="reference"):
            dose(chance, 2.0, 4.0, np.array([2]), reference)
    with pytest.raises(ValueError, match="received 'magic'"):
        mechanisms.code_of("magic")
