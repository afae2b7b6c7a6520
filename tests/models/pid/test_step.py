"""The PID law on arrays: its terms against arithmetic, one cell as among many, in place as pure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.draws import Draws
from models.pid import frame
from models.pid.frame import Frame, Scratch
from models.pid.law import Law
from models.pid.state import Move, Sample, State
from models.pid.step import step, step_into


def one(**changes):
    given = {"setpoint": 10.0, "measured": np.array([8.0]), "elapsed": 2.0, "low": -np.inf, "high": np.inf}
    return Sample(**(given | changes))


def noise(cells, name, tick=0):
    return Draws(3).uniform(np.arange(cells, dtype=np.uint64), tick, name)


def test_terms_are_those_of_the_textbook():
    law = Law(kp=3.0, ki=0.5, kd=4.0, derivative_weight=0.25)
    state, move = step(law, State.fresh(1, 7.0), one())
    assert (move.proportional, state.integral, state.derivative) == (6.0, 9.0, 0.0)
    state, move = step(law, state, one(setpoint=12.0, measured=np.array([9.0])))
    assert move.proportional == 9.0
    assert state.derivative == 0.25 * 4 * (3 - 2) / 2 - 0.75 * 4 * (9 - 8) / 2
    assert move.unlimited == 9.0 + (9.0 + 0.5 * 3 * 2) + state.derivative


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_a_setpoint_change_kicks_by_its_weight(weight):
    law = Law(kp=2.0, setpoint_weight=weight)
    state, before = step(law, State.fresh(1), one())
    _, after = step(law, state, one(setpoint=15.0))
    assert after.unlimited - before.unlimited == pytest.approx(2.0 * weight * 5.0)


def test_the_filter_reaches_a_steady_slope_and_holds_for_any_step():
    law = Law(kp=0.0, kd=1.0, filter_time=3.0)
    state = State.fresh(1)
    for k in range(60):
        state, _ = step(law, state, one(measured=np.array([-1.0 * k]), elapsed=1.0))
    assert state.derivative == pytest.approx(1.0, abs=1e-6)
    state, _ = step(law, state, one(measured=np.array([1e6]), elapsed=1e9))
    assert abs(state.derivative) < 0.01


@pytest.mark.parametrize(
    ("measured", "error"),
    [(8.0, 1.5), (9.7, 0.0), (10.0, 0.0), (10.9, 0.0), (11.5, -0.5), (9.5, 0.0), (9.0, 0.5)],
)
def test_the_deadband_is_continuous_and_has_two_sides(measured, error):
    state, _ = step(Law(kp=1.0), State.fresh(1), one(measured=np.array([measured]), below=0.5, above=1.0))
    assert state.error == pytest.approx(error)


def test_errors_are_divided_by_the_scale_and_feedforward_lies_inside_the_limits():
    _, move = step(Law(kp=1.0), State.fresh(1), one(scale=10.0, feedforward=5.0, high=5.1))
    assert move.proportional == 0.2
    assert move.value == 5.1


def test_a_law_without_integral_keeps_its_bias_in_saturation():
    for kind in ("back_calculation", "conditional", "clamp"):
        state, move = step(Law(kp=9.0, anti_windup=kind), State.fresh(1, 0.4), one(low=0.0, high=1.0))
        assert (move.value, state.integral) == (1.0, 0.4)


laws = st.builds(
    Law,
    kp=st.floats(0, 9),
    ki=st.floats(0, 9),
    kd=st.floats(0, 9),
    setpoint_weight=st.sampled_from([0.0, 0.4, 1.0]),
    derivative_weight=st.sampled_from([0.0, 0.4, 1.0]),
    filter_time=st.sampled_from([0.0, 3.0]),
    anti_windup=st.sampled_from(["back_calculation", "conditional", "clamp"]),
    tracking_time=st.sampled_from([0.0, 5.0]),
    loose_clamp=st.booleans(),
)


def samples(cells, rich):
    for tick in range(6):
        dt = 0.5 + noise(cells, "dt", tick)
        low = noise(cells, "low", tick)
        high = low + np.maximum(noise(cells, "high", tick) - 0.3, 0.0)
        more = {"since": 2 * dt, "scale": 1 + dt, "below": 0.1, "above": 0.1 * dt, "feedforward": low - 0.5}
        extra = more if rich else {}
        yield Sample(noise(cells, "r", tick), 2 * noise(cells, "y", tick), dt, low, high, **extra)


def arrays(state, move):
    return [getattr(part, name) for part in (state, move) for name in part.__slots__]


@settings(max_examples=60)
@given(laws, st.booleans(), st.integers(1, 13), st.integers(1, 20))
def test_cells_do_not_know_each_other_whatever_the_block(law, rich, cells, block):
    whole, alone = State.fresh(cells), [State.fresh(1) for _ in range(cells)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.pid.step.BLOCK", block)
        patch.setattr(frame, "BLOCK", block)
        for sample in samples(cells, rich):
            whole, move = step(law, whole, sample)
            for i in range(cells):
                alone[i], own = step(law, alone[i], sample.block(slice(i, i + 1)))
                for many, single in zip(arrays(whole, move), arrays(alone[i], own), strict=True):
                    np.testing.assert_array_equal(many[i : i + 1], single)


@settings(max_examples=60)
@given(laws, st.booleans(), st.integers(1, 13))
def test_in_place_equals_pure_and_pure_changes_nothing(law, rich, cells):
    state = State.fresh(cells)
    place, move, room = state.copy(), Move.empty(cells), Scratch.room(cells)
    for sample in samples(cells, rich):
        before = state.copy()
        following, pure = step(law, state, sample)
        for kept, was in zip(arrays(state, pure), arrays(before, pure), strict=True):
            np.testing.assert_array_equal(kept, was)
        step_into(Frame(law, place, sample, place, move, room))
        for one_, other in zip(arrays(following, pure), arrays(place, move), strict=True):
            np.testing.assert_array_equal(one_, other)
        state = following


@settings(max_examples=60)
@given(laws, st.booleans(), st.integers(1, 13), st.integers(1, 20))
def test_the_lean_way_gives_the_same_values(law, rich, cells, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.pid.step.BLOCK", block)
        patch.setattr(frame, "BLOCK", block)
        state, place = State.fresh(cells), State.fresh(cells)
        move, room = Move.value_only(cells, block), Scratch.room(cells)
        for sample in samples(cells, rich):
            state, pure = step(law, state, sample)
            step_into(Frame(law, place, sample, place, move, room, lean=True))
            np.testing.assert_array_equal(move.value, pure.value)
            np.testing.assert_array_equal(place.integral, state.integral)


@settings(max_examples=200)
@given(laws, st.booleans(), st.integers(1, 5))
def test_the_value_lies_inside_the_limits_and_the_integral_is_not_wound_up(law, rich, cells):
    state = State.fresh(cells)
    for sample in samples(cells, rich):
        state, move = step(law, state, sample)
        assert ((move.value >= sample.low) & (move.value <= sample.high)).all()
        assert np.isfinite(state.integral).all()


def test_gains_a_cell_equal_one_law_a_cell():
    kp = np.array([1.0, 2.0, 3.0])
    sample = Sample(1.0, noise(3, "y"), 1.0, 0.0, 2.0)
    state, move = step(Law(kp, kp / 7, kp * 2), State.fresh(3), sample)
    for i, gain in enumerate(kp.tolist()):
        own, single = step(Law(gain, gain / 7, gain * 2), State.fresh(1), sample.block(slice(i, i + 1)))
        assert (single.value, own.integral) == (move.value[i], state.integral[i])
