"""Fans as texts: what is read back is what was written, but for half a step; thinning keeps the ends."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.evidence.result import Fan
from sim.report_page.encode import FINE, coded, line, step_of, thinned, vlq

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
VALUES = st.lists(st.floats(-1e7, 1e7) | st.just(float("nan")), min_size=1, max_size=60)


def read(text, step, points):
    """Another reading of the format, by its definition."""
    values, at, shift, word = [], 0, 0, 0
    for digit in text:
        if digit == ".":
            values.append(np.nan)
            continue
        bits = DIGITS.index(digit)
        word, shift = word | (bits & 31) << shift, shift + 5
        if not bits & 32:
            at += -(word >> 1) if word & 1 else word >> 1
            values.append(at * step)
            word, shift = 0, 0
    return np.array(values * points if len(values) == 1 else values)


@given(VALUES)
@example([5e-324])
def test_what_is_read_is_what_was_written_but_for_half_a_step(values):
    values = np.array(values)
    step = step_of(values)
    found = read(line(values, step), step, len(values))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_allclose(found, values, atol=step * 0.5000001)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30))
def test_the_step_is_finer_than_a_pixel_and_no_finer_than_needed(values):
    span = max(values) - min(values)
    if span > 1e-6:
        assert FINE <= span / step_of(np.array(values)) * 1.0000001 <= 2.6 * FINE


@pytest.mark.parametrize(
    ("number", "text"), [(0, "A"), (1, "C"), (-1, "D"), (15, "e"), (16, "gB"), (-123, "3H")]
)
def test_numbers_are_those_of_the_source_map_format(number, text):
    assert vlq(number) == text


def test_a_level_line_is_one_number_and_a_gap_is_not():
    assert line(np.full(200, 0.03), 0.001) == vlq(30)
    assert read(line(np.array([np.nan, 5.0]), 1.0), 1.0, 2).tolist()[1] == 5.0
    assert line(np.full(3, np.nan), 1.0) == "..."


@given(st.integers(1, 2000), st.integers(2, 250))
def test_thinning_keeps_the_ends_and_the_order(points, most):
    chosen = thinned(points, most)
    assert len(chosen) == min(points, most)
    assert (chosen[0], chosen[-1]) == (0, points - 1)
    assert (np.diff(chosen) > 0).all()


def test_a_fan_is_cut_alike_in_all_its_lines():
    levels = np.linspace(0.8, 1.2, 5)[:, None] * np.sin(np.linspace(1, 2, 1000))
    found = coded(Fan(np.arange(1000) * 3600.0, levels, "share"), 100)
    chosen = thinned(1000, 100)
    assert found.seconds == tuple((chosen * 3600).tolist())
    for text, row in zip(found.lines, levels[:, chosen], strict=True):
        np.testing.assert_allclose(read(text, found.step, 100), row, atol=found.step)
