"""No fault gets through pid or simple_pid: outputs are finite and inside this tick's limits, whatever comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.policies.pid import PidPolicy, Settings
from controller.policies.simple_pid import Settings as SimpleSettings
from controller.policies.simple_pid import SimplePidPolicy
from tests.policies.play import Play, scope

anything = st.floats(allow_nan=True, allow_infinity=True)
level = st.floats(-10.0, 10.0)
turns = st.fixed_dictionaries(
    {
        "y": anything,
        "r": anything,
        "dt": st.floats(1e-6, 1e9),
        "usable": st.booleans(),
        "fresh": st.booleans(),
        "feedforward": st.none() | anything,
        "set_to": st.none() | level,
    }
)
bounds = st.tuples(level, level).map(lambda pair: (min(pair), max(pair))) | level.map(lambda x: (x, x))
POLICIES = [
    lambda: PidPolicy(
        scope(), Settings(gain=2.0, integral_time=10.0, derivative_time=2.0, derivative_weight=0.5)
    ),
    lambda: PidPolicy(scope(), Settings(gain=1e300, integral_time=1e-300, anti_windup="conditional")),
    lambda: PidPolicy(scope(), Settings(form="parallel", kp=1.0, ki=1.0, kd=1e200, setpoint_weight=0.0)),
    lambda: PidPolicy(
        scope(), Settings(form="parallel", kp=3.0, ki=9.0, kd=1.0, anti_windup="clamp", bumpless=False)
    ),
    lambda: SimplePidPolicy(scope(), SimpleSettings(kp=2.0, ki=1e200, kd=4.0)),
    lambda: SimplePidPolicy(scope(), SimpleSettings(kp=2.0, proportional_on_measurement=True)),
]


@pytest.mark.parametrize("build", POLICIES)
@settings(max_examples=150)
@given(story=st.lists(st.tuples(turns, bounds), max_size=15))
def test_every_proposal_is_finite_and_inside_the_limits(build, story):
    play = Play(build())
    for turn, (low, high) in story:
        play.low, play.high = low, high
        value = play.turn(**turn)
        assert np.isfinite(value).all()
        assert low <= value[0] <= high
        state = play.policy.state()
        assert not np.isinf(state["integral"]).any()
        assert all(np.isfinite(term).all() for term in play.proposals[-1].terms.values())


@pytest.mark.parametrize("build", POLICIES)
@pytest.mark.parametrize("fault", [np.nan, np.inf, -np.inf])
def test_one_bad_sample_is_forgotten(build, fault):
    """The library alone keeps a NaN for ever."""
    one, two = Play(build(), applied=0.5), Play(build(), applied=0.5)
    for play in (one, two):
        play.turn(0.999)
    two.turn(fault, usable=True)
    assert two.applied == one.applied
    assert np.isfinite(two.turn(0.999)).all()


def test_a_target_of_zero_has_no_per_cent():
    play = Play(PidPolicy(scope(2), Settings(gain=1.0, integral_time=10.0)), 2, applied=0.4)
    play.turn(0.5, [0.0, 1.0])
    value = play.turn(0.5, [0.0, 1.0])
    assert value[0] == 0.4
    assert value[1] > 0.4


def test_an_unknown_value_in_force_is_taken_to_be_the_start_value():
    assert Play(PidPolicy(scope(), Settings(gain=1.0)), applied=np.nan).turn(0.5) == 0.2
