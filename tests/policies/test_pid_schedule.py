"""Gains by the operating point: on lines between points, without a bump, for any cell by itself."""

from dataclasses import replace

import numpy as np
import pytest

from controller.policies.pid import PidPolicy, Point, Schedule, Settings
from controller.quantities import Amount, QuantityError
from tests.policies.play import Play, scope


def line(*points, by="output", **rest):
    made = tuple(Point(at=Amount.parse(at), gain=gain, integral_time=time) for at, gain, time in points)
    return Settings(schedule=Schedule(points=made, by=by), **rest)


TWO = line((0.0, 4.0, 100.0), (1.0, 1.0, 400.0))


def gains(settings, applied=0.2, y=0.9, r=1.0, cells=1):
    play = Play(PidPolicy(scope(cells), settings), cells, applied=applied)
    law = play.policy.law(1.0, play.propose(y, r)[1])
    return law.kp, law.ki


def test_between_two_points_gains_lie_on_the_line_and_beyond_them_they_stay():
    kp, ki = gains(TWO, applied=np.array([0.0, 0.5, 1.0]), cells=3)
    assert kp.tolist() == [4.0, 2.5, 1.0]
    assert ki.tolist() == [0.04, 0.01, 0.0025]
    narrow = line((0.4, 2.0, 10.0), (0.6, 1.0, 10.0))
    assert gains(narrow, applied=np.array([0.0, 0.5, 1.0]), cells=3)[0].tolist() == [2.0, 1.5, 1.0]


def test_by_the_measured_value_it_is_read_as_a_share_of_the_target():
    settings = line(("50%", 2.0, 10.0), ("150%", 1.0, 10.0), by="measured")
    assert gains(settings, y=np.array([5.0, 10.0, 15.0]), r=10.0, cells=3)[0].tolist() == [2.0, 1.5, 1.0]


def test_by_the_setpoint_it_is_read_in_the_sensor_s_unit():
    settings = line((10, 2.0, 10.0), (20, 1.0, 10.0), by="setpoint")
    assert gains(settings, y=np.full(2, 9.0), r=np.array([15.0, 40.0]), cells=2)[0].tolist() == [1.5, 1.0]


def test_the_policy_s_own_integral_time_holds_where_a_point_has_none():
    kp, ki = gains(line((0.0, 4.0, None), (1.0, 1.0, 100.0), integral_time=50.0), applied=0.5)
    assert (kp / ki).tolist() == [75.0]


def test_gains_that_slide_do_not_move_the_output():
    """At a steady error the output moves by the integral alone, although the gain is another one at each execution."""
    play = Play(PidPolicy(scope(), TWO), applied=0.2)
    play.turn(0.99)
    for _ in range(40):
        before = play.applied
        _, ki = gains(TWO, applied=before)
        assert play.turn(0.99) == pytest.approx(before + ki * 0.01, rel=1e-9)


def test_flat_lines_are_plain_gains_bit_for_bit():
    flat = line((0.0, 2.0, 10.0), (1.0, 2.0, 10.0), derivative_time=2.0)
    plain = Settings(gain=2.0, integral_time=10.0, derivative_time=2.0)
    one, two = (Play(PidPolicy(scope(), s), applied=0.6) for s in (flat, plain))
    for y in np.random.default_rng(0).uniform(0.5, 1.5, 50):
        assert one.turn(y) == two.turn(y)


def test_it_keeps_a_plant_steady_that_bends():
    """Twenty times the response at the low end: one gain is too fast there or too slow at the other."""

    def overshoot(settings, start, target):
        play, y = Play(PidPolicy(scope(), settings), applied=start), np.sqrt(start)
        seen = []
        for _ in range(400):
            u = play.turn(y, target)
            y = y + 0.25 * (np.sqrt(u) - y)
            seen.append(float(y[0]))
        return max(seen) / target, seen[-1] / target

    bent = line((0.0, 0.1, 3.0), (0.04, 0.2, 3.0), (1.0, 2.0, 3.0))
    high, end = overshoot(bent, 0.01, 0.2)
    assert (high < 1.05, end) == (True, pytest.approx(1.0, rel=0.01))
    high, end = overshoot(bent, 0.49, 0.9)
    assert (high < 1.05, end) == (True, pytest.approx(1.0, rel=0.01))
    fast = Settings(gain=2.0, integral_time=3.0)
    assert overshoot(fast, 0.01, 0.2)[0] > 1.1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (lambda: replace(TWO, gain=1.0), "a schedule says the gain itself"),
        (lambda: line((0.0, 1.0, 5.0)), "a schedule is a line between points"),
        (
            lambda: line((0.0, 1.0, 5.0), (1.0, 1.0, None)),
            "an integral time at one point and none at another",
        ),
        (lambda: line((0.0, -1.0, 5.0), (1.0, 1.0, 5.0)), "gain must be a number, not negative"),
        (lambda: PidPolicy(scope(), line((1.0, 1.0, 5.0), (0.0, 1.0, 5.0))), "the points of a schedule rise"),
        (
            lambda: PidPolicy(scope(), line((1, 1.0, 5.0), (2, 1.0, 5.0), by="measured")),
            "a share is written with %",
        ),
        (
            lambda: PidPolicy(scope(), line(("1 units/h", 1.0, 5.0), ("2 units/h", 1.0, 5.0), by="setpoint")),
            "a setpoint is a plain number here",
        ),
    ],
)
def test_a_schedule_that_has_no_meaning_is_refused(settings, said):
    with pytest.raises(QuantityError, match=said):
        settings()
