"""Self-excitation: each event brings n others, at any step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.counts import poisson
from models.draws import Draws, keys_of
from models.response import self_excitation as hawkes


@given(st.floats(0, 0.9), st.floats(600, 86_400), st.sampled_from([60.0, 3600.0, 86_400.0]))
def test_one_event_brings_n_others_however_time_is_cut(branching, half_life, dt):
    excess = hawkes.excited(np.zeros(1), np.ones(1), dt, branching, half_life)
    brought = 0.0
    for _ in range(400):
        brought += hawkes.expected(excess, 0.0, dt, half_life)[0]
        excess = hawkes.excited(excess, np.zeros(1), dt, branching, half_life)
    still = excess[0] * half_life / np.log(2)
    assert brought + still == pytest.approx(branching, rel=1e-9, abs=1e-12)


@given(st.floats(0, 0.9), st.sampled_from([60.0, 3600.0, 86_400.0]))
def test_in_the_mean_a_base_is_amplified_and_stays_so(branching, dt):
    base = np.full(2, 0.02)
    start = hawkes.settled(base, dt, branching)
    excess, steps = start * [1.0, 0.0], int(20 * 3600 / dt) + 20
    for _ in range(steps):
        events = hawkes.expected(excess, base, dt)
        excess = hawkes.excited(excess, events, dt, branching)
        assert events[0] / dt == pytest.approx(0.02 / (1 - branching), rel=1e-9)
        assert excess[0] == pytest.approx(start[0], rel=1e-9, abs=1e-12)
    assert events[1] <= events[0] * (1 + 1e-9)
    assert events[1] / events[0] > (0.7 if branching > 0.5 else 0.999)


def test_counts_drawn_from_it_come_in_bursts():
    """Mean 1 / (1 - n) of the base, and variance over mean 1 / (1 - n)^2 in long windows."""
    cells, n, base, dt = 400, 0.5, 0.01, 600.0
    keys, draws = keys_of(tuple(str(i) for i in range(cells))), Draws(11)
    excess, windows = hawkes.settled(np.full(cells, base), dt, n), np.zeros((12, cells))
    for tick in range(12 * 144):
        events = poisson(draws.uniform(keys, tick, "events"), hawkes.expected(excess, base, dt))
        excess = hawkes.excited(excess, events, dt, n)
        windows[tick // 144] += events
    assert windows.mean() == pytest.approx(base * 86_400 * 2, rel=0.01)
    assert 3.4 < windows.var() / windows.mean() < 4.2


def test_the_mean_in_time_solves_its_equation_and_slows_down_near_one():
    t = np.array([3600.0])
    slow, fast = (hawkes.mean_rate(np.array([1.0]), 0.0, t, n)[0] for n in (0.9, 0.1))
    assert slow == pytest.approx(0.5**0.1)
    assert fast == pytest.approx(0.5**0.9)
    fine, dt = np.array([1.0]), 1.0
    for _ in range(3600):
        fine = hawkes.excited(fine, hawkes.expected(fine, 0.1, dt), dt, 0.3)
    assert 0.1 + fine[0] == pytest.approx(hawkes.mean_rate(np.array([1.0]), 0.1, t, 0.3)[0], rel=1e-3)


def test_growth_without_end_must_be_asked_for():
    for n in (1.0, np.array([0.2, 1.5])):
        with pytest.raises(ValueError, match="supercritical=True"):
            hawkes.excited(np.zeros(2), np.ones(2), 60.0, n)
        with pytest.raises(ValueError, match="below one"):
            hawkes.amplification(n)
    assert hawkes.excited(np.zeros(1), np.ones(1), 60.0, 1.5, supercritical=True)[0] > 0
    with pytest.raises(ValueError, match="zero or more and finite"):
        hawkes.excited(np.zeros(1), np.ones(1), 60.0, -0.1)
    with pytest.raises(ValueError, match="half-life"):
        hawkes.expected(np.zeros(1), 1.0, 60.0, 0.0)
