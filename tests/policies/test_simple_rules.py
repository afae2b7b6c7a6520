"""fixed and updown: the trade's rule in both directions, its deadband, and refusals by name."""

import numpy as np
import pytest

from controller.errors import NotAvailable
from controller.policies import fixed, pid, simple_pid, updown
from controller.ports import PolicyScope
from controller.quantities import Amount, QuantityError
from controller.signals import Channel
from tests.policies.play import CHANNEL, Play, scope

ODDS = Channel("u", "share", low=0.03, high=0.12, start=0.04, safe=0.03, max_step=0.01)


def test_fixed_keeps_the_start_value_or_the_one_given():
    assert Play(fixed.FixedPolicy(scope(2), fixed.Settings()), 2, applied=0.7).turn(0.5).tolist() == [
        0.2,
        0.2,
    ]
    seven = fixed.FixedPolicy(scope(1, ODDS), fixed.Settings(value=Amount.parse("7%")))
    assert Play(seven, low=0.03, high=0.05).turn(0.5).tolist() == [0.05]


@pytest.mark.parametrize(("sign", "expected"), [(1.0, [0.3, 0.1, 0.2, 0.2]), (-1.0, [0.1, 0.3, 0.2, 0.2])])
def test_updown_steps_towards_the_target(sign, expected):
    settings = updown.Settings(step=Amount.parse("0.1"), deadband=0.05)
    play = Play(updown.UpdownPolicy(scope(4), settings), 4, sign=sign)
    np.testing.assert_allclose(play.turn([80.0, 120.0, 96.0, 104.0], 100.0), expected)


def test_updown_takes_its_step_from_the_actuator():
    assert updown.UpdownPolicy(scope(1, ODDS), updown.Settings()).step == 0.01
    assert updown.UpdownPolicy(scope(), updown.Settings()).step == 0.05


def test_updown_counts_each_sample_once():
    play = Play(updown.UpdownPolicy(scope(), updown.Settings()))
    assert play.turn(50.0, 100.0) > 0.2
    assert play.turn(50.0, 100.0, fresh=False) == play.turn(50.0, 100.0, usable=False) == 0.25


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (updown.Settings(step=Amount.parse("1%")), "written in points"),
        (updown.Settings(step=Amount.parse("0 points")), "larger than nothing"),
        (fixed.Settings(value=Amount.parse("5 CNY")), "does not fit"),
    ],
)
def test_a_quantity_of_another_unit_is_refused(settings, text):
    cls = updown.UpdownPolicy if isinstance(settings, updown.Settings) else fixed.FixedPolicy
    with pytest.raises(QuantityError, match=text):
        cls(scope(1, ODDS), settings)


POLICIES = [
    (fixed.FixedPolicy, fixed.Settings()),
    (updown.UpdownPolicy, updown.Settings()),
    (pid.PidPolicy, pid.Settings(gain=1.0)),
    (simple_pid.SimplePidPolicy, simple_pid.Settings(kp=1.0)),
]


@pytest.mark.parametrize(("cls", "settings"), POLICIES)
def test_several_actuators_are_refused_by_name(cls, settings):
    both = {"u": CHANNEL, "coupon": Channel("coupon", "CNY", 0.0, 9.0, 0.0, 0.0)}
    with pytest.raises(NotAvailable, match=r"exactly one actuator, received 2 \(u, coupon\)"):
        cls(PolicyScope(scope().cells, both, 1.0), settings)


@pytest.mark.parametrize(("cls", "settings"), POLICIES[1:])
def test_a_direction_that_nobody_knows_is_refused(cls, settings):
    with pytest.raises(NotAvailable, match="received `either`; allowed: raises, lowers"):
        Play(cls(scope(), settings), sign=0.0).turn(1.0)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({}, "standard form needs gain"),
        ({"gain": 1.0, "kp": 2.0}, "kp is no key of the standard form"),
        ({"form": "parallel", "kp": 1.0, "gain": 2.0}, "gain is no key of the parallel form"),
        ({"form": "parallel"}, "parallel form needs kp"),
        ({"gain": -1.0}, "gain must be a number, not negative"),
        ({"gain": float("nan")}, "gain must be a number"),
        ({"gain": 1.0, "integral_time": 0.0}, "integral time of zero"),
        ({"gain": 1.0, "setpoint_weight": 1.5}, "setpoint_weight is a share of one, received 1.5"),
        ({"gain": 1.0, "derivative_filter": -1.0}, "derivative_filter"),
    ],
)
def test_settings_of_pid_that_make_no_sense_are_refused(wrong, text):
    with pytest.raises(QuantityError, match=text):
        pid.Settings(**wrong)
