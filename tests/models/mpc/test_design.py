"""Margins of the predictive loop: by its code, by formula, and against a simulation."""

import numpy as np
import pytest

from models.mpc.answers import Answers
from models.mpc.design import breaks_later, filter_time, nominal, sensitivity
from models.mpc.problem import Problem

KNOWN = ((0.3, 0.6), (3.0, 6.0), (1.0, 2.0))


def one(gain, lag, dead):
    return Answers(np.array([gain]), np.array([lag]), np.array([dead]))


@pytest.mark.parametrize("lag", [0.5, 2.0, 6.0])
@pytest.mark.parametrize("dead", [0.5, 2.0, 6.0])
def test_the_margins_hold_around_every_plant_between_the_ends(lag, dead):
    ends = ((0.3, 0.6), (0.7 * lag, 1.4 * lag), (0.7 * dead, 1.3 * dead))
    time = filter_time(*ends, 0.05)
    luck = np.random.default_rng(1)
    inside = Answers(*(luck.uniform(*each, 12) for each in ends))
    assert (sensitivity(Problem(nominal(*ends), np.zeros(1), 0.05), time, inside) <= 1.63).all()


def test_without_weight_on_moves_a_loop_of_pure_delay_has_the_sensitivity_of_its_filter():
    plant = one(0.5, 0.05, 3.0)  # y(t) = 0.5 u(t - 4), since the newest input counts from the next period on
    time = 4.0
    z = np.exp(1j * np.geomspace(1e-3, np.pi, 400))
    share = 1 - np.exp(-1 / time)
    filtered = share / (1 - (1 - share) / z)
    expected = np.abs(1 - filtered * z**-4.0).max()
    assert sensitivity(Problem(plant, np.zeros(1), 0.0), time, plant)[0] == pytest.approx(expected, rel=0.01)


def test_a_stronger_plant_than_the_model_says_is_more_lively_and_in_the_end_unstable():
    problem, time = Problem(nominal(*KNOWN), np.zeros(1)), filter_time(*KNOWN, 0.05)
    plants = Answers(np.array([0.6, 1.2, 6.0]), np.full(3, 4.2), np.full(3, 1.5))
    ms = sensitivity(problem, time, plants)
    assert ms[0] < ms[1] < ms[2] == np.inf


def test_more_delay_breaks_it_in_the_end():
    problem, time = Problem(nominal(*KNOWN), np.zeros(1)), filter_time(*KNOWN, 0.05)
    plant = one(0.6, 4.2, 1.5)
    assert not breaks_later(problem, time, plant, 0.5)[0]
    assert breaks_later(problem, time, plant, 40.0)[0]


def test_a_plant_that_is_hardly_known_is_refused():
    with pytest.raises(ValueError, match="must be known better"):
        filter_time((0.01, 1.0), (0.2, 20.0), (0.0, 60.0), 0.0)
