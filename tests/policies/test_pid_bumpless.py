"""Hand-overs do not move the output: start, manual to auto, restart, new gains, a sensor that was gone."""

from dataclasses import replace

import numpy as np
import pytest

from controller.policies.pid import PidPolicy, Settings
from controller.policies.simple_pid import Settings as SimpleSettings
from controller.policies.simple_pid import SimplePidPolicy
from tests.policies.play import CHANNEL, Play, scope

FULL = Settings(gain=2.0, integral_time=10.0, derivative_time=2.0, setpoint_weight=0.7, deadband_above=0.01)
PI = Settings(gain=2.0, integral_time=10.0)
SIMPLE = SimpleSettings(kp=2.0, ki=0.2, kd=4.0)
EVERY = [
    (PidPolicy, FULL),
    (PidPolicy, PI),
    (PidPolicy, replace(PI, anti_windup="conditional")),
    (PidPolicy, replace(PI, anti_windup="clamp")),
    (SimplePidPolicy, SIMPLE),
    (SimplePidPolicy, replace(SIMPLE, proportional_on_measurement=True)),
]
every = pytest.mark.parametrize(("cls", "settings"), EVERY)


@every
@pytest.mark.parametrize("y", [0.2, 1.0, 3.0])
def test_the_first_output_is_the_value_in_force(cls, settings, y):
    assert Play(cls(scope(), settings), applied=0.6).turn(y) == 0.6


@every
def test_after_that_it_moves_by_what_the_error_asks(cls, settings):
    play = Play(cls(scope(), settings), applied=0.6)
    play.turn(0.95)
    np.testing.assert_allclose(play.turn(0.95), 0.6 + 0.2 * 0.05, rtol=1e-12)


@every
def test_manual_to_auto_goes_on_from_the_manual_value(cls, settings):
    play = Play(cls(scope(), settings), applied=0.6)
    for y in (0.9, 0.92, 0.91):
        play.turn(y)
    for _ in range(5):
        play.turn(0.96, set_to=0.35)
    # A filtered D still decays by a ten-thousandth.
    assert play.turn(0.96) == pytest.approx(0.35 + 0.2 * 0.04, abs=2e-4)


@every
def test_in_manual_it_advises_the_next_move_from_there(cls, settings):
    play = Play(cls(scope(), settings), applied=0.6)
    play.turn(0.9)
    advice = [play.turn(0.9, set_to=0.3)[0] for _ in range(4)]
    assert advice[1:] == pytest.approx([0.3 + 0.2 * 0.1] * 3, abs=1e-12)


@every
def test_a_restored_state_goes_on_with_the_same_bits(cls, settings):
    one = Play(cls(scope(), settings), applied=0.6)
    for y in (0.9, 0.93, 1.2, 0.8):
        one.turn(y)
    two = Play(cls(scope(), settings), applied=one.applied)
    two.policy.restore(one.policy.state())
    for y in (0.7, 1.0, 1.3):
        assert one.turn(y) == two.turn(y)


@every
def test_without_a_saved_state_a_restart_starts_from_the_value_in_force(cls, settings):
    one = Play(cls(scope(), settings), applied=0.6)
    for y in (0.9, 0.93, 0.8):
        one.turn(y)
    assert Play(cls(scope(), settings), applied=one.applied).turn(0.7) == one.applied


def other_gains(settings):
    if isinstance(settings, SimpleSettings):
        return replace(settings, kp=9.0, ki=0.01)
    return replace(settings, gain=9.0, integral_time=900.0)


@every
def test_new_gains_do_not_move_the_output(cls, settings):
    """At a steady error only the integral's increment, under the new gains, remains."""
    play = Play(cls(scope(), settings), applied=0.5)
    for _ in range(60):
        play.turn(0.99)
    before = play.applied
    policy = cls(scope(), other_gains(settings))
    policy.restore(play.policy.state())
    play.policy = policy
    assert play.turn(0.99) == pytest.approx(before + 0.01 * 0.01, abs=1e-6)


def test_simple_pid_alone_would_bump_at_each_of_these():
    bare = replace(PI, form="parallel", gain=None, integral_time=None, kp=2.0, ki=0.2, anti_windup="clamp")
    bare = replace(bare, derivative_filter=0.0, bumpless=False)
    play = Play(PidPolicy(scope(), bare), applied=0.6)
    assert play.turn(0.9) == pytest.approx(0.6 + 0.2 + 0.02)
    play.turn(0.95, set_to=0.35)
    assert play.turn(0.95) == pytest.approx(0.35 + 0.1 + 0.01)


@every
def test_a_sensor_that_was_gone_leaves_the_state_as_it_was(cls, settings):
    one, two = (Play(cls(scope(), settings), applied=0.6) for _ in range(2))
    for play in (one, two):
        for y in (0.9, 0.95, 0.94):
            play.turn(y)
    for _ in range(7):
        assert two.turn(np.nan, usable=False) == one.applied
    assert {n: a for n, a in two.policy.state().items() if n != "blind"} == {
        n: a for n, a in one.policy.state().items() if n != "blind"
    }
    assert two.turn(0.94) == pytest.approx(one.turn(0.94), abs=0.05)


@every
def test_after_a_fallback_it_starts_from_the_safe_value(cls, settings):
    play = Play(cls(scope(), settings), applied=0.6)
    play.turn(0.9)
    play.turn(np.nan, usable=False, set_to=0.05)
    play.turn(np.nan, usable=False)
    assert play.turn(0.4) == 0.05


@every
def test_seconds_without_a_new_sample_count_for_the_next_one(cls, settings):
    play = Play(cls(scope(), settings), applied=0.6)
    play.turn(0.95)
    play.turn(0.95)
    before = play.applied
    assert play.turn(0.5, fresh=False) == before
    assert play.turn(0.5, fresh=False) == before
    assert play.turn(0.95) == pytest.approx(before + 3 * 0.2 * 0.05, abs=0.003)


def test_a_state_of_another_actuator_or_form_is_not_continued():
    play = Play(PidPolicy(scope(), PI), applied=0.6)
    play.turn(0.9)
    for heir in (
        PidPolicy(scope(), Settings(form="parallel", kp=5.0)),
        PidPolicy(scope(1, replace(CHANNEL, name="coupon")), PI),
    ):
        heir.restore(play.policy.state())
        assert np.isnan(heir.state()["integral"]).all()


def test_the_parts_add_up_to_the_move():
    play = Play(PidPolicy(scope(), FULL), applied=0.6)
    for y, ff in ((0.9, 0.0), (0.95, 0.1), (0.2, 0.1), (1.4, -0.3), (1.0, 0.0)):
        before = play.applied
        value = play.turn(y, feedforward=ff)
        terms = play.proposals[-1].terms
        assert sum(terms.values()) == pytest.approx(value - before, abs=1e-12)
    assert set(terms) == {"p", "i", "d", "feedforward", "limits", "carried"}
