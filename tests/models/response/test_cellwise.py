"""Carry-over, fatigue and the disturbance with one parameter a cell: each cell as if it were alone, to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import adstock, disturbance, fatigue

HALF_LIVES = st.lists(st.one_of(st.just(0.0), st.floats(1.0, 1e7)), min_size=1, max_size=30)


@given(HALF_LIVES, st.sampled_from([1.0, 60.0, 3600.0, 86_400.0, 12_345.678]))
def test_an_array_of_half_lives_keeps_what_each_would(half_lives, dt):
    got = adstock.retained(np.array(half_lives), dt)
    assert got.tolist() == [adstock.retained(each, dt) for each in half_lives]
    assert ((got >= 0) & (got < 1)).all()


@given(HALF_LIVES)
def test_stocks_move_as_each_alone_would(half_lives):
    h = np.array(half_lives)
    cells = len(h)
    stock, dose = np.linspace(0, 5, cells), np.linspace(3, 1, cells)
    together = adstock.carry_over(stock, dose, h, 600.0)
    tired = fatigue.remembered(stock, dose, h, 600.0)
    for i in range(cells):
        one = slice(i, i + 1)
        assert together[i] == adstock.carry_over(stock[one], dose[one], half_lives[i], 600.0)[0]
        assert tired[i] == fatigue.remembered(stock[one], dose[one], half_lives[i], 600.0)[0]


@given(HALF_LIVES, st.floats(0, 0.5))
def test_the_disturbance_moves_as_each_alone_would(half_lives, sd):
    h = np.array(half_lives)
    cells = len(h)
    state, u, sds = np.linspace(-0.2, 0.2, cells), np.linspace(0, 0.999, cells), np.full(cells, sd)
    sds[0] = 0.07
    together = disturbance.ar1(state, u, sds, h, 1800.0)
    factors = disturbance.factor(together, sds)
    for i in range(cells):
        one = slice(i, i + 1)
        alone = disturbance.ar1(state[one], u[one], float(sds[i]), half_lives[i], 1800.0)
        assert together[i] == alone[0]
        assert factors[i] == disturbance.factor(alone, float(sds[i]))[0]


def test_numbers_in_are_numbers_out_and_bad_cells_are_refused():
    assert isinstance(adstock.retained(3600.0, 60.0), float)
    assert adstock.retained(np.full((2, 3), 60.0), 60.0).tolist() == [[0.5] * 3] * 2
    for bad in (np.array([60.0, -1.0]), -1.0):
        with pytest.raises(ValueError, match=r"received -1\.0"):
            adstock.retained(bad, 60.0)
    with pytest.raises(ValueError, match="dt above zero"):
        adstock.retained(np.array([60.0]), 0.0)
