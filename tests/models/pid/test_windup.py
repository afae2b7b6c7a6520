"""Windup on a published plant: e^-2s / ((10 s + 1)(2 s + 1)), 0 <= u <= 1, PI (3, Ti 11), setpoint 0 -> 0.9 -> 0.5."""

import numpy as np
import pytest
from scipy.signal import cont2discrete

from models.pid.law import Law
from models.pid.state import Sample, State
from models.pid.step import step

STEP, DEAD, HALF = 0.5, 2.0, 120


def plant():
    """Exact discretisation under a held input."""
    a, b = np.array([[-0.1, 0.0], [0.5, -0.5]]), np.array([[0.1], [0.0]])
    ad, bd, *_ = cont2discrete((a, b, np.eye(2), np.zeros((2, 1))), STEP)
    return ad, bd[:, 0]


def run(**law):
    """Overshoot after the rise and undershoot after the fall, in % of each step, and the integral of |e|."""
    (ad, bd), x = plant(), np.zeros(2)
    law = Law(kp=3.0, ki=3.0 / 11.0, **law)
    state, delayed, seen = State.fresh(1), [0.0] * round(DEAD / STEP - 1), []
    for k in range(2 * HALF):
        r = 0.9 if k < HALF else 0.5
        seen.append((r, x[1]))
        state, move = step(law, state, Sample(r, x[1:], STEP, 0.0, 1.0))
        delayed.append(float(move.value[0]))
        x = ad @ x + bd * delayed.pop(0)
    r, y = np.array(seen).T
    over, under = max(y[:HALF].max() - 0.9, 0) / 0.9, max(0.5 - y[HALF:].min(), 0) / 0.4
    return 100 * over, 100 * under, np.abs(r - y).sum() * STEP


RULES = {
    "none": {"tracking_time": 1e12},
    "clamp": {"anti_windup": "clamp"},
    "conditional": {"anti_windup": "conditional"},
    "back, Tt 3": {"tracking_time": 3.0},
    "back, at once": {"tracking_time": 0.0},
}


@pytest.fixture(scope="module")
def table():
    rows = {name: run(**law) for name, law in RULES.items()}
    for name, row in rows.items():
        print(f"{name:14} overshoot {row[0]:5.1f} %  undershoot {row[1]:5.1f} %  IAE {row[2]:6.2f}")
    return rows


def test_without_anti_windup_and_with_the_clamp_it_overshoots(table):
    assert table["none"][0] > 10
    assert table["clamp"][0] > 3
    assert table["clamp"][1] > 25


@pytest.mark.parametrize("name", ["conditional", "back, Tt 3", "back, at once"])
def test_the_three_rules_do_not_overshoot(table, name):
    assert table[name][0] == 0
    assert table[name][1] < table["clamp"][1] / 3


def test_at_once_neither_overshoots_nor_undershoots(table):
    assert table["back, at once"][:2] == (0, 0)
    assert table["back, at once"][2] < table["none"][2]


def test_conditional_is_as_fast_as_the_clamp_within_five_per_cent(table):
    assert table["conditional"][2] < 1.05 * table["clamp"][2]
