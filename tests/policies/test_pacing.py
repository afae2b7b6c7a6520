"""Pacing by a multiplier: it finds the rate, goes on from what is in force, and rests where errors are noise."""

import numpy as np
import pytest

from controller.checks.policies import check_policy
from controller.errors import NotAvailable
from controller.policies.pacing import PacingPolicy, Settings
from controller.quantities import QuantityError
from tests.policies.play import Play, scope


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(step=0.1, proportional=0.5, derivative=0.2),
        Settings(hysteresis=0.3),
        Settings(rest=9000.0, hysteresis=0.1, most=3.0),
    ],
    ids=repr,
)
def test_it_keeps_the_contract_of_policies(settings):
    check_policy("pacing", settings)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_it_finds_the_output_that_spends_the_rate(sign):
    play = Play(PacingPolicy(scope(2), Settings()), 2, applied=0.9, sign=sign)
    for _ in range(80):
        lever = play.applied if sign > 0 else 1.0 - np.asarray(play.applied)
        spent = np.array([40.0, 20.0]) * lever
        play.turn(spent, r=10.0)
    np.testing.assert_allclose(spent, 10.0, rtol=0.01)


def test_its_first_output_starts_from_the_value_in_force():
    play = Play(PacingPolicy(scope(1), Settings(step=0.01)), applied=0.37)
    assert play.turn(10.0, r=10.0)[0] == 0.37
    assert play.turn(9.0, r=10.0)[0] == pytest.approx(0.37, abs=0.005)


def test_a_value_set_by_a_person_is_gone_on_from():
    play = Play(PacingPolicy(scope(1), Settings(step=0.01)))
    play.turn(5.0, r=10.0, set_to=0.8)
    assert play.turn(10.0, r=10.0)[0] == 0.8
    assert play.turn(9.0, r=10.0)[0] == pytest.approx(0.8, abs=0.05)


def test_a_limit_winds_nothing_up():
    play = Play(PacingPolicy(scope(1), Settings(step=0.3)), applied=0.2, high=0.3)
    for _ in range(50):
        assert play.turn(1.0, r=10.0)[0] <= 0.3
    before = play.applied[0]
    assert before == 0.3
    assert play.turn(20.0, r=10.0)[0] < 0.27


def test_inside_the_middle_bucket_nothing_moves():
    play, rng = Play(PacingPolicy(scope(1), Settings(hysteresis=0.5))), np.random.default_rng(1)
    moved = {float(play.turn(10.0 + rng.uniform(-2.4, 2.4), r=10.0)[0]) for _ in range(100)}
    assert moved == {0.2}
    assert play.turn(4.0, r=10.0)[0] > 0.2


def test_between_two_moves_it_rests_and_then_answers_the_mean_of_the_errors():
    settings = Settings(step=0.2, rest=4.0)
    restful = Play(PacingPolicy(scope(1), settings))
    restful.turn(5.0, r=10.0)
    held = [float(restful.turn(y, r=10.0)[0]) for y in (0.0, 20.0, 10.0)]
    assert len(set(held)) == 1
    direct = Play(PacingPolicy(scope(1), Settings(step=0.2)))
    direct.turn(5.0, r=10.0)
    assert restful.turn(2.0, r=10.0)[0] == pytest.approx(direct.turn(8.0, r=10.0)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"step": 0.0}, "step must be above zero"),
        ({"most": -1.0}, "most must be"),
        ({"derivative": -1.0}, "derivative"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(settings, words):
    with pytest.raises(QuantityError, match=words):
        Settings(**settings)


def test_a_direction_that_is_unknown_is_refused_by_name():
    with pytest.raises(NotAvailable, match="either"):
        Play(PacingPolicy(scope(1), Settings()), sign=0.0).turn(1.0)
