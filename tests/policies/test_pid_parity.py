"""pid in its compatible settings, the array law behind it, and the library simple-pid: the same bits."""

import numpy as np
import simple_pid
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.policies.pid import PidPolicy, Settings
from controller.policies.simple_pid import Settings as SimpleSettings
from controller.policies.simple_pid import SimplePidPolicy
from models.pid.law import Law
from models.pid.state import Sample, State
from models.pid.step import step
from tests.policies.play import Play, scope

number = st.floats(-1e3, 1e3, allow_subnormal=False)
gain = st.floats(0.0, 100.0, allow_subnormal=False)
gains = st.tuples(gain, gain, gain)
limits = st.tuples(number, number).map(lambda pair: (min(pair), max(pair)))
turns = st.fixed_dictionaries(
    {
        "y": number,
        "dt": st.floats(1e-3, 1e4),
        "r": st.none() | number,
        "limits": st.none() | limits | st.just((-np.inf, np.inf)),
        "gains": st.none() | gains,
        "manual": st.none() | number,
    }
)


class Library:
    """simple_pid.PID as its own users drive it: dt handed in, no sample time."""

    def __init__(self, gains, switches, bounds, start):
        self.pid = simple_pid.PID(
            *gains, sample_time=None, output_limits=bounds, starting_output=start, **switches
        )

    def turn(self, y, r, dt, bounds, manual):
        self.pid.setpoint, self.pid.output_limits = r, bounds
        if manual is not None:
            self.pid.set_auto_mode(False)
            return manual
        return self.pid(y, dt=dt)

    def auto(self, last, bounds):
        if not self.pid.auto_mode:
            self.pid.output_limits = bounds
            self.pid.set_auto_mode(True, last_output=last)


def compatible(gains, p_on_y, d_on_y, bumpless=False):
    kp, ki, kd = gains
    return Settings(
        form="parallel", kp=kp, ki=ki, kd=kd, anti_windup="clamp", derivative_filter=0.0, bumpless=bumpless,
        setpoint_weight=0.0 if p_on_y else 1.0, derivative_weight=0.0 if d_on_y else 1.0,
    )  # fmt: skip


@settings(max_examples=400)
@given(
    gains,
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, -1.0]),
    number,
    limits,
    st.lists(turns, max_size=20),
)
def test_pid_equals_the_library_bit_for_bit(first, p_on_y, d_on_y, sign, start, bounds, story):
    switches = {"proportional_on_measurement": p_on_y, "differential_on_measurement": d_on_y}
    start = float(np.clip(start, *bounds))
    library = Library(tuple(sign * g for g in first), switches, bounds, start)
    play = Play(PidPolicy(scope(), compatible(first, p_on_y, d_on_y)), applied=start, sign=sign)
    r, last = 1.0, start
    for turn in story:
        r, bounds = turn["r"] or r, turn["limits"] or bounds
        if turn["gains"]:
            library.pid.tunings = tuple(sign * g for g in turn["gains"])
            saved = play.policy.state()
            play.policy = PidPolicy(scope(), compatible(turn["gains"], p_on_y, d_on_y))
            play.policy.restore(saved)
        play.low, play.high = bounds
        if turn["manual"] is None:
            library.auto(last, bounds)
        expected = library.turn(turn["y"], r, turn["dt"], bounds, turn["manual"])
        proposed = play.turn(turn["y"], r, dt=turn["dt"], set_to=turn["manual"])
        last = float(play.applied[0])
        if turn["manual"] is None:
            assert proposed[0] == expected
            assert np.signbit(proposed[0]) == np.signbit(expected) or expected == 0


@settings(max_examples=50)
@given(st.integers(1, 9), st.booleans(), st.booleans(), st.lists(turns, min_size=1, max_size=8), st.randoms())
def test_the_array_law_equals_one_library_object_a_cell(cells, p_on_y, d_on_y, story, chance):
    kp, ki, kd = (np.array([chance.uniform(0, 9) for _ in range(cells)]) for _ in range(3))
    law = Law(
        kp, ki, kd, setpoint_weight=0.0 if p_on_y else 1.0, derivative_weight=0.0 if d_on_y else 1.0,
        anti_windup="clamp",
    )  # fmt: skip
    loops = [
        simple_pid.PID(
            *(float(g[i]) for g in (kp, ki, kd)), sample_time=None, proportional_on_measurement=p_on_y,
            differential_on_measurement=d_on_y,
        )
        for i in range(cells)
    ]  # fmt: skip
    state, r, bounds = State.fresh(cells), 1.0, (-10.0, 10.0)
    for turn in story:
        r, bounds = turn["r"] or r, turn["limits"] or bounds
        measured = turn["y"] + np.arange(cells)
        state, move = step(law, state, Sample(r, measured, turn["dt"], *bounds))
        for loop in loops:
            loop.setpoint, loop.output_limits = r, bounds
        expected = [loop(float(y), dt=turn["dt"]) for loop, y in zip(loops, measured, strict=True)]
        assert move.value.tolist() == expected


@settings(max_examples=200)
@given(gains, st.booleans(), st.booleans(), number, limits, st.lists(turns, max_size=20))
def test_the_guarded_library_and_the_guarded_pid_agree_too(first, p_on_y, d_on_y, start, bounds, story):
    """Bumpless hand-over, start and gain change: both policies do the same, bit for bit."""

    def simple(gains):
        names = {"proportional_on_measurement": p_on_y, "differential_on_measurement": d_on_y}
        return SimplePidPolicy(scope(), SimpleSettings(kp=gains[0], ki=gains[1], kd=gains[2], **names))

    def array(gains):
        return PidPolicy(scope(), compatible(gains, p_on_y, d_on_y, bumpless=True))

    one, two = Play(simple(first), applied=start), Play(array(first), applied=start)
    r = 1.0
    for turn in story:
        r, bounds = turn["r"] or r, turn["limits"] or bounds
        for play, build in ((one, simple), (two, array)):
            if turn["gains"]:
                saved = play.policy.state()
                play.policy = build(turn["gains"])
                play.policy.restore(saved)
            play.low, play.high = bounds
            play.turn(turn["y"], r, dt=turn["dt"], set_to=turn["manual"])
        assert one.proposals[-1].value["u"].tolist() == two.proposals[-1].value["u"].tolist()
        np.testing.assert_array_equal(one.applied, two.applied)
