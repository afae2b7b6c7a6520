"""A stock in one number: it fades as it should, adds up, and is still right after years."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.consumers.fading import NOTHING, Fading
from models.response.adstock import carry_over, retained

DAY = 86_400.0


@settings(max_examples=60, deadline=None)
@given(
    st.floats(2 * DAY, 60 * DAY),
    st.lists(st.tuples(st.integers(0, 40), st.floats(0.5, 60)), min_size=1, max_size=12),
)
def test_it_is_the_stock_that_is_moved_every_hour(half_life, events):
    fading, stock, plain, hours = Fading(half_life), np.full(3, NOTHING), 0.0, 0
    for wait, added in events:
        plain *= retained(half_life, 3600.0 * wait) if wait else 1.0
        hours += wait
        fading.add(stock, np.array([1]), np.array([added]), np.array([float(hours)]))
        plain += added
    now = np.full(3, hours + 5.0)
    level = fading.level(stock, now)
    assert level[1] == pytest.approx(plain * retained(half_life, 5 * 3600.0), rel=1e-4)
    assert level[0] == level[2] == 0


def test_it_is_right_to_a_ten_thousandth_after_five_years():
    fading, hours = Fading(2 * DAY), 5 * 8766.0
    stock = fading.of(np.array([0.01, 3.0, 50.0]), hours)
    assert stock.dtype == np.float32
    assert fading.level(stock, np.full(3, hours)) == pytest.approx([0.01, 3.0, 50.0], rel=1e-4)


def test_nothing_stays_nothing():
    assert Fading(DAY).level(np.full(2, NOTHING), np.zeros(2)).tolist() == [0.0, 0.0]
    assert Fading(DAY).of(np.zeros(2), 7.0).tolist() == [-np.inf, -np.inf]
    assert carry_over(np.zeros(1), np.zeros(1), DAY, 60.0) == 0
