"""The programmes: against scipy, against OSQP, and one cell against many."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize

from models.mpc.answers import Answers
from models.mpc.problem import Problem


def problems(cells=40, seed=1):
    """Two inputs, starts and bounds of all kinds: wide, narrow, one point, slews that bind."""
    luck = np.random.default_rng(seed)
    answers = Answers(np.array([0.5, 0.3]), np.array([4.0, 2.0]), np.array([1.5, 3.0]))
    problem = Problem(answers, np.array([1.0, 2.0]))
    f, past = luck.uniform(size=(cells, 2)), luck.uniform(size=(cells, answers.past, 2))
    slope = problem.slope(f, past, luck.normal(0.7, 0.3, cells), np.ones(cells))
    size = slope.shape[1]
    low, high = np.zeros((cells, size)), np.ones((cells, size))
    low[:, :2] = luck.uniform(0, 0.5, (cells, 2))
    high[:, :2] = low[:, :2] + luck.choice([0.0, 0.1, 0.4], (cells, 2))
    return problem.programme, (slope, low, high, np.full((cells, size - 2), 0.2))


def test_scipy_finds_nothing_better():
    programme, (slope, low, high, slew) = problems(6)
    found = programme.solved(slope, low, high, slew)
    for n in range(6):
        rows = LinearConstraint(programme.steps, -slew[n], slew[n])
        other = minimize(
            lambda u, n=n: 0.5 * u @ programme.hessian @ u + slope[n] @ u,
            found[n], jac=lambda u, n=n: programme.hessian @ u + slope[n], method="SLSQP",
            bounds=list(zip(low[n], high[n], strict=True)), constraints=[rows], options={"ftol": 1e-14},
        )  # fmt: skip
        assert other.fun >= 0.5 * found[n] @ programme.hessian @ found[n] + slope[n] @ found[n] - 1e-9


def test_osqp_agrees():
    pytest.importorskip("osqp", reason="the extra mpc is not installed")
    from models.mpc.with_osqp import solved

    programme, given = problems()
    np.testing.assert_allclose(programme.solved(*given), solved(programme, *given), atol=1e-6)


def test_bounds_hold_to_the_last_bit_and_steps_but_for_rounding():
    programme, (slope, low, high, slew) = problems(200, seed=2)
    found = programme.solved(slope, low, high, slew)
    assert ((low <= found) & (found <= high)).all()
    assert (np.abs(found @ programme.steps.T) <= slew + 1e-8).all()


def test_a_cell_alone_has_the_same_bits_as_among_many():
    programme, given = problems(20, seed=3)
    many = programme.solved(*given)
    for n in (0, 7, 19):
        alone = programme.solved(*(each[n : n + 1] for each in given))
        assert np.array_equal(alone[0], many[n])


def test_what_is_no_number_or_no_interval_is_refused():
    programme, (slope, low, high, slew) = problems(2)
    with pytest.raises(ValueError, match="slope"):
        programme.solved(slope * np.nan, low, high, slew)
    with pytest.raises(ValueError, match="above"):
        programme.solved(slope, high + 1, low, slew)
