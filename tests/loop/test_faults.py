"""Fourteen ways a sensor lies, against every policy, every actuator, and a target that is deaf or blind.

For each: the output holds, the policy's state is frozen, an alarm condition stands within one tick of the fault being
knowable, the safe value stands after the set time, and control returns only after enough good samples.
"""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.quantities import Amount, FileName, Template
from controller.signals import Latch, Quality, Reason
from tests.support.lottery import Lottery, serving
from tests.support.world import World, campaign_with, policy_plan

ONE = Cells(("all",))
STALE, HOLD_FOR, SCAN = 600.0, 1200.0, 60.0

POLICIES = {
    "fixed": policy_plan("fixed"),
    "updown": policy_plan("updown", step=Amount.parse("0.2 points")),
    "pid": policy_plan("pid", gain=0.5, integral_time=1800.0),
    "simple_pid": policy_plan("simple_pid", kp=0.0002, ki=0.0000002),
}


def bent(**changes):
    return lambda reading, last: replace(reading, **{k: np.array([v]) for k, v in changes.items()})


def stamped(at):
    return lambda reading, last: replace(reading, sampled_at=np.array([at(reading, last)]))


FAULTS = {
    "nan": bent(value=np.nan),
    "inf": bent(value=np.inf),
    "null": bent(value=np.nan, quality=np.int8(Quality.MISSING)),
    "bool": bent(value=np.nan, quality=np.int8(Quality.BAD)),
    "text": bent(value=np.nan, quality=np.int8(Quality.BAD)),
    "stale": stamped(lambda reading, last: last.sampled_at[0] - 7200.0),
    "frozen": stamped(lambda reading, last: last.sampled_at[0]),
    "duplicate": lambda reading, last: last,
    "out_of_order": stamped(lambda reading, last: last.sampled_at[0] - 120.0),
    "late": lambda reading, last: None,
    "negative": bent(value=-40.0),
    "huge": bent(value=1e12),
    "counter_reset": bent(value=-100.0),
    "unit_x100": lambda reading, last: replace(reading, value=reading.value * 100.0),
}
"""Null, bool and text are what sensors make of them on the wire (no number); the wire is tested with each sensor."""

SILENT = {"frozen", "duplicate", "late", "null"}
"""Faults that look like silence: the alarm comes when the value is too old, not before."""


def faulty(kind, run):
    """A fault as it is from now on; remembers the last good reading."""
    last = run.sensor.read(run.maker.last)
    return lambda reading: FAULTS[kind](reading, last)


def executed(run):
    """Turn until the policy has just acted, so that it has no sample left from before the fault."""
    return next(turn for turn in iter(run.turn, None) if turn.executed)


def out(turn):
    return float(turn.outputs["win_rate"].decided.value[0])


def codes(turn):
    return {c.code for c in turn.conditions}


def memory(run):
    """The policy's own memory, without its count of the seconds it was blind."""
    state = run.loop.parts.executions["sales"].policy.state()
    return {name: array.copy() for name, array in state.items() if "blind" not in name}


@pytest.mark.parametrize("target", ["good", "deaf", "blind"])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_a_sensor_is_survived(fault, policy, target):
    run = World(campaign_with(POLICIES[policy]), ONE)
    run.turns(63)
    run.actuator.deaf, run.actuator.blind = target == "deaf", target == "blind"
    run.turns(2)
    outlast(run, fault)
    run.actuator.deaf = run.actuator.blind = False
    come_back(run)


@pytest.mark.parametrize("kind", ["dry_run", "file", "http"])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_survived_with_every_actuator(fault, policy, kind, tmp_path):
    with serving(Lottery()) as lottery:
        settings = {
            "dry_run": {},
            "file": {"file": FileName(str(tmp_path / "flags.json")), "flag": "win_rate"},
            "http": {"url": Template(f"http://127.0.0.1:{lottery.port}/lever")},
        }
        run = World(campaign_with(POLICIES[policy]), ONE, real=(kind, settings[kind]))
        run.turns(6)
        outlast(run, fault)
        assert run.actuator.value[0] == pytest.approx(0.03)
        come_back(run)


def outlast(run, fault):
    """The fault from now on, until the fallback stands: held, frozen, told, fallen back."""
    before = out(executed(run))
    run.sensor.fault = faulty(fault, run)
    during, memories = [], []
    for _ in range(int((STALE + HOLD_FOR) / SCAN) + 3):
        during.append(run.turn())
        memories.append(memory(run))
    held = [n for n, t in enumerate(during) if t.signals["units"].latch[0] != Latch.SAFE]
    assert {out(during[n]) for n in held} == {before}
    blind = next(
        n for n, t in enumerate(during) if t.executed
    )  # what came before the fault is settled by then
    frozen = [memories[n] for n in held if n >= blind]
    assert len(frozen) >= 5
    assert all(np.array_equal(m[k], frozen[0][k], equal_nan=True) for m in frozen for k in m)
    knowable = int(STALE / SCAN) if fault in SILENT else 0
    first = next(n for n, t in enumerate(during) if codes(t) & {"sensor_bad", "held"})
    assert first <= knowable + 1
    assert Reason(int(during[-1].outputs["win_rate"].decided.reason[0])) == Reason.FALLBACK
    assert out(during[-1]) == 0.03
    assert np.isfinite([out(t) for t in during]).all()


def come_back(run):
    """Good samples again: control returns after three of them, and not before."""
    run.sensor.fault = lambda reading: reading
    back = run.turns(12)
    latches = [int(t.signals["units"].latch[0]) for t in back]
    assert latches[:2] == [Latch.SAFE, Latch.SAFE]
    assert set(latches[3:]) == {Latch.LIVE}
    assert all(0.03 <= out(t) <= 0.12 for t in back)


@pytest.mark.parametrize("tick", [1, 2, 3, 4, 5])
def test_one_bad_sample_at_any_point_of_a_period_moves_nothing(tick):
    run = World(campaign_with(POLICIES["pid"]), ONE)
    run.turns(60 + tick)
    before = out(run.turn())
    run.sensor.fault = faulty("nan", run)
    assert out(run.turn()) == before
    run.sensor.fault = lambda reading: reading
    assert abs(out(run.turns(10)[-1]) - before) < 0.011
