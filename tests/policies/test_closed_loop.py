"""The policies at work on a delayed plant, in a loop of their own: they reach the target, both ways round, and stay."""

from collections import deque

import numpy as np
import pytest

from controller.policies.pid import PidPolicy, Settings
from controller.policies.simple_pid import Settings as SimpleSettings
from controller.policies.simple_pid import SimplePidPolicy
from controller.policies.updown import Settings as UpdownSettings
from controller.policies.updown import UpdownPolicy
from controller.quantities import Amount
from tests.policies.play import Play, scope

LAG, DEAD = 5.0, 2
"""First order plus dead time: lag in executions, delay in executions; the gain is the test's."""


def run(
    play,
    gain=1.0,
    base=0.4,
    turns=150,
    target=lambda k: 0.8,
    disturb=lambda k: 0.0,
    load=lambda k: 0.0,
    rest=None,
):
    """Process values, outputs and targets, shape (turns, cells)."""
    n = play.cells
    level, pipe, seen = np.full(n, base), deque([np.zeros(n)] * DEAD), []
    keep = np.exp(-1.0 / LAG)
    for k in range(turns):
        y = level + disturb(k)
        play.turn(y, target(k), **(rest(k) if rest else {}))
        pipe.append(play.applied)
        level = base + keep * (level - base) + (1 - keep) * gain * (pipe.popleft() + load(k))
        seen.append((y, play.applied, np.full(n, target(k))))
    return (np.array(part) for part in zip(*seen, strict=True))


def pid(n=1, **changes):
    # SIMC (Skogestad 2003) with tau_c = dead time: K = lag / (2 dead gain), Ti = lag, in shares of target and range.
    return PidPolicy(scope(n), Settings(**({"gain": 0.8, "integral_time": 5.0} | changes)))


def settled(y, r, band=0.01, last=30):
    return bool((np.abs(y[-last:] - r[-last:]) <= band * r[-last:]).all())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"derivative_time": 1.0},
        {"setpoint_weight": 0.5},
        {"anti_windup": "conditional"},
        {"anti_windup": "clamp"},
        {"form": "parallel", "gain": None, "integral_time": None, "kp": 1.0, "ki": 0.2},
    ],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_pid_reaches_the_target_whichever_way_the_output_works(changes, sign):
    base = 0.4 if sign > 0 else 1.2
    y, u, r = run(Play(pid(**changes), sign=sign, applied=0.1), gain=sign, base=base)
    assert settled(y, r)
    assert ((u >= 0) & (u <= 1)).all()
    overshoot = (sign * (y - r)).max()
    assert overshoot < 0.15 * 0.8


def test_simple_pid_reaches_it_too():
    policy = SimplePidPolicy(scope(), SimpleSettings(kp=1.0, ki=0.2))
    y, _, r = run(Play(policy))
    assert settled(y, r)


def test_the_trades_rule_hunts_where_pid_stands_still():
    hunting, _, r = run(Play(UpdownPolicy(scope(), UpdownSettings(step=Amount.parse("0.05")))))
    still, _, _ = run(Play(pid()))
    assert np.ptp(hunting[-40:]) > 0.05
    assert np.ptp(still[-40:]) < 0.001
    assert np.abs(hunting - r)[-40:].mean() < 0.1


def test_a_lasting_disturbance_is_made_good():
    y, u, r = run(Play(pid()), disturb=lambda k: -0.2 * (k >= 60))
    assert y[60:65].min() < 0.65
    assert settled(y, r)
    assert u[-1] == pytest.approx(0.6, abs=0.01)


def test_an_unreachable_target_saturates_and_is_left_at_once_when_it_becomes_reachable():
    target = lambda k: 2.0 if k < 80 else 0.9  # noqa: E731
    y, u, r = run(Play(pid()), target=target)
    wound_up, stuck, _ = run(Play(pid(tracking_time=1e9)), target=target)
    assert (u[40:80] == 1.0).all()
    assert u[80] < 1.0
    assert (stuck[80:90] == 1.0).all()
    assert settled(y, r, last=20)
    assert np.abs(y - r)[80:].sum() < 0.3 * np.abs(wound_up - r)[80:].sum()


def test_limits_that_tighten_during_the_run_are_kept_and_released_without_windup():
    play = Play(pid())

    def rest(k):
        play.high = 0.25 if 50 <= k < 90 else 1.0
        return {}

    y, u, r = run(play, rest=rest)
    assert (u[50:90] <= 0.25).all()
    assert settled(y, r)
    assert y[90:].max() < 0.9


def test_a_dead_sensor_holds_the_output_and_the_loop_recovers():
    alive = lambda k: not 60 <= k < 80  # noqa: E731
    y, u, r = run(Play(pid()), rest=lambda k: {"usable": alive(k)}, disturb=lambda k: 0.0)
    assert np.ptp(u[60:80]) == 0
    assert settled(y, r)


def test_a_slow_source_gives_the_same_end():
    y, _, r = run(Play(pid(gain=0.4)), rest=lambda k: {"fresh": k % 3 == 0}, turns=250)
    assert settled(y, r)


def test_feedforward_takes_a_known_disturbance_before_it_is_seen():
    dip = lambda k: -0.2 * (k >= 60)  # noqa: E731  # at the plant's input
    ahead = lambda k: {"feedforward": 0.2 * (k >= 60 - DEAD)}  # noqa: E731
    blind, *_ = run(Play(pid()), load=dip)
    knowing, _, r = run(Play(pid()), load=dip, rest=ahead)
    lost = [np.abs(y - r)[55:].sum() for y in (blind, knowing)]
    assert lost[1] < 0.1 * lost[0]


def test_a_deadband_leaves_small_deviations_alone():
    play = Play(pid(deadband_above=0.05, deadband_below=0.05))
    y, u, _ = run(play, disturb=lambda k: 0.02 * (-1) ** k)
    assert np.ptp(u[-30:]) < 1e-5
    assert (np.abs(y[-30:] - 0.8) < 0.07).all()


def test_many_different_cells_equal_as_many_loops():
    n = 40
    gains = np.linspace(0.5, 1.5, n)
    many, outputs, _ = run(Play(pid(n), n), gain=gains, turns=60)
    for i in (0, 17, 39):
        alone, own, _ = run(Play(pid()), gain=gains[i : i + 1], turns=60)
        np.testing.assert_array_equal(alone[:, 0], many[:, i])
        np.testing.assert_array_equal(own[:, 0], outputs[:, i])
