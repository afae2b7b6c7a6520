"""Opt-out and fatigue at their ends, and the cliff."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import fatigue, opt_out

STOCK = np.linspace(0, 40, 401)
ONE = np.ones(401)


@given(st.floats(1, 30), st.floats(0.05, 3), st.floats(0, 20), st.floats(0, 0.4))
def test_with_a_cliff_the_chance_still_rises_and_lies_between_the_two_levels(factor, width, threshold, kappa):
    got = opt_out.cliff_chance(STOCK, ONE, kappa=kappa, threshold=threshold, factor=factor, width=width)
    plain = opt_out.opt_out_chance(STOCK, ONE, kappa=kappa)
    high = opt_out.opt_out_chance(STOCK, ONE, hazard=opt_out.HAZARD.value * factor, kappa=kappa)
    assert (np.diff(got) >= 0).all()
    assert (got >= plain).all()
    assert (got <= high * (1 + 1e-12)).all()


def test_the_hazard_jumps_by_the_factor_across_the_threshold():
    below, above = opt_out.cliff_chance(np.array([3.0, 9.0]), np.ones(2), kappa=0.0)
    assert below == pytest.approx(opt_out.HAZARD.value, rel=1e-3)
    assert above / below == pytest.approx(opt_out.FACTOR.value, rel=5e-3)


def test_without_a_factor_there_is_no_cliff():
    got = opt_out.cliff_chance(STOCK, ONE, factor=1.0)
    assert (got == opt_out.opt_out_chance(STOCK, ONE)).all()


@given(st.floats(0, 1e6), st.floats(0, 0.5), st.floats(0, 0.4))
def test_however_much_is_remembered_chances_stay_chances(stock, weight, kappa):
    at = np.array([stock])
    opened = fatigue.open_chance(at, weight=weight)[0]
    assert 0 < opened < 1
    for chance in (opt_out.opt_out_chance, opt_out.cliff_chance):
        assert 0 <= chance(at, np.ones(1), kappa=kappa)[0] <= 1
        assert chance(at, np.zeros(1), kappa=kappa)[0] == 0


@pytest.mark.parametrize("bad", [{"factor": 0.5}, {"width": 0.0}, {"factor": np.nan}])
def test_a_cliff_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="factor must be one or more and width above zero"):
        opt_out.cliff_chance(STOCK, ONE, **bad)


def test_nan_stays_nan():
    nan = np.array([np.nan])
    assert np.isnan(opt_out.opt_out_chance(nan, np.ones(1))).all()
    assert np.isnan(opt_out.cliff_chance(nan, np.ones(1))).all()
    assert np.isnan(fatigue.open_chance(nan)).all()
