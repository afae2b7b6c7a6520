"""The loop in a tiny world: it keeps its target, holds, falls back, obeys people, and goes on after a kill."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.ports import OperatorCommand
from controller.quantities import Amount
from controller.signals import Mode, Reason
from tests.support.world import World, campaign_with, policy_plan

ONE = Cells(("all",))
PID = policy_plan("pid", gain=0.5, integral_time=1800.0)
POLICIES = {
    "fixed": policy_plan("fixed"),
    "updown": policy_plan("updown", step=Amount.parse("0.2 points")),
    "pid": PID,
}


def world(policy=PID, cells=ONE, **changes):
    return World(campaign_with(policy, **changes), cells)


def said(verb, **data):
    return OperatorCommand(verb, "kim", "because", data)


def value(turn):
    return float(turn.outputs["win_rate"].decided.value[0])


def reason(turn):
    return Reason(int(turn.outputs["win_rate"].decided.reason[0]))


def conditions(turn):
    return {c.code for c in turn.conditions}


def test_the_target_is_kept():
    run = world()
    last = run.turns(1500)[-1]
    assert last.signals["units"].value[0] == pytest.approx(115.0, rel=0.01)
    assert 0.03 < value(last) < 0.12


def test_the_first_output_is_the_value_in_force():
    run = world()
    run.actuator.value[:] = 0.05
    assert value(run.turn()) == pytest.approx(0.05)


def test_every_output_lies_on_the_grid_and_inside_the_limits():
    run = world()
    run.turns(400)
    sent = np.array([c.value[0] for c in run.actuator.log])
    assert ((sent >= 0.03) & (sent <= 0.12)).all()
    assert np.allclose(sent / 0.0001, np.rint(sent / 0.0001), atol=1e-6)


def test_epochs_rise_and_an_id_has_one_value():
    run = world()
    run.turns(400)
    epochs = [c.epoch for c in run.actuator.log]
    assert epochs == sorted(set(epochs))
    assert len({c.id for c in run.actuator.log}) == len(run.actuator.log)


def test_the_lease_is_renewed_before_it_ends():
    run = world(policy_plan("fixed"))
    run.turns(200)
    gaps = np.diff([c.issued_at for c in run.actuator.log])
    assert len(gaps) > 5
    assert gaps.max() < 1800.0


def test_advise_computes_and_never_writes():
    run = world(mode="advise")
    last = run.turns(300)[-1]
    assert run.actuator.log == []
    assert reason(last) == Reason.MODE_ADVISE
    assert last.outputs["win_rate"].decided.advice[0] > 0.03


def test_advice_starts_from_what_people_did():
    run = world(mode="advise")
    run.turns(30)
    run.actuator.value[:] = 0.07
    advice = [float(t.outputs["win_rate"].decided.advice[0]) for t in run.turns(12)]
    assert max(abs(a - 0.07) for a in advice) < 0.011


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_dead_sensor_holds_then_falls_back_then_returns(policy):
    run = world(policy)
    run.turns(120)
    before = value(run.turn())
    run.sensor.fault = lambda reading: None
    dead = run.turns(40)
    assert {value(t) for t in dead[:12]} == {before}
    assert "sensor_silent" in conditions(dead[0])
    assert reason(dead[-1]) == Reason.FALLBACK
    assert value(dead[-1]) == 0.03
    run.sensor.fault = lambda reading: reading
    back = run.turns(10)
    assert reason(back[1]) == Reason.FALLBACK
    assert "fallback" not in conditions(back[3])


def test_a_hold_keeps_the_value_against_the_policy_until_it_is_released():
    run = world()
    run.turns(60)
    run.loop.obey(said("hold"), run.now)
    held = run.turns(30)
    assert len({value(t) for t in held}) == 1
    assert reason(held[-1]) == Reason.OVERRIDE
    run.loop.obey(said("resume"), run.now)
    assert abs(value(run.turns(6)[-1]) - value(held[-1])) < 0.011


def test_an_override_expires():
    run = world()
    run.turns(10)
    run.loop.obey(
        replace(said("override", channel="win_rate", value=0.08), expires_at=run.now + 300), run.now
    )
    turns = run.turns(8)
    assert value(turns[0]) == 0.08
    assert reason(turns[-1]) != Reason.OVERRIDE
    assert any("ran out" in text for t in turns for text in t.said)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e308, -1.0, True, "0.05", None, 0.5])
def test_an_override_that_is_no_lawful_number_is_refused(bad):
    run = world()
    before = value(run.turn())
    assert run.loop.obey(said("override", channel="win_rate", value=bad), run.now).startswith("refused")
    assert value(run.turn()) == before


def test_a_mode_above_the_config_is_refused():
    run = world(mode="advise")
    assert "above the config's advise" in run.loop.obey(said("mode", mode="auto"), run.now)
    assert run.turn().mode == Mode.ADVISE


def test_a_deaf_target_is_asked_again_under_the_same_id():
    run = world()
    run.turns(20)
    run.actuator.deaf = True
    asked = run.turns(30)
    assert "unconfirmed" in conditions(asked[-1])
    intended = run.loop.parts.dispatchers["win_rate"].standing
    run.actuator.deaf = False
    run.turn()
    assert run.actuator.log[-1].id == intended.id


def test_a_value_changed_behind_our_back_is_noticed_and_put_right():
    run = world()
    run.turns(50)
    intended = run.actuator.value.copy()
    run.actuator.value[:] = 0.11
    run.actuator.epoch = None
    noticed = run.turn()
    assert "drifted" in conditions(noticed)
    assert run.actuator.value == pytest.approx(intended)


def test_after_the_end_the_safe_value_stands():
    run = world()
    run.loop.parts.span = replace(run.loop.parts.span, ends_at=run.now + 3600)
    turns = run.turns(70)
    assert value(turns[50]) > 0.03
    assert reason(turns[-1]) == Reason.AFTER_END
    assert value(turns[-1]) == 0.03


@pytest.mark.parametrize("kill_at", [7, 60, 61, 62, 63, 64, 65, 143])
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_life_cut_in_two_goes_on_bit_for_bit(policy, kill_at):
    whole, cut = world(policy), world(policy)
    expected = [value(t) for t in whole.turns(200)]
    got = [value(t) for t in cut.turns(kill_at)]
    cut.store._owner = None  # as the death of the process does
    cut.build()
    got += [value(t) for t in cut.turns(200 - kill_at)]
    assert got == expected
    assert cut.loop.parts.epochs.term == 2


def test_the_first_output_after_a_restart_is_the_last_one_in_force():
    run = world()
    before = value(run.turns(101)[-1])
    run.store._owner = None
    run.build()
    assert value(run.turn()) == before


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("chunks", [(4,), (1, 3), (2, 2), (1, 1, 1, 1)])
def test_replicas_in_one_array_equal_separate_runs(policy, chunks):
    def outputs(cells):
        run = world(policy, cells)
        run.sensor.fault = lambda reading: replace(reading, value=reading.value * weights(cells))
        return np.array([t.outputs["win_rate"].decided.value for t in run.turns(120)])

    def weights(cells):
        return np.array([1.0 - 0.03 * int(name[1]) for name in cells.names])

    together = outputs(ONE.replicated(4))
    first, apart = 0, []
    for size in chunks:
        apart.append(outputs(ONE.replicated(size, first)))
        first += size
    assert (together == np.hstack(apart)).all()


def test_an_outage_is_nobodys_to_integrate():
    run = world()
    run.turns(200)
    run.sensor.fault = lambda reading: None
    before = value(run.turns(8)[-1])
    run.turns(60)
    run.loop.obey(said("override", channel="win_rate", value=before), run.now)
    run.sensor.fault = lambda reading: reading
    run.turns(6)
    run.loop.obey(said("resume"), run.now)
    back = run.turns(10)
    moves = [
        abs(float(e.proposal.terms["i"][0]))
        for t in back
        for e in t.executed.values()
        if "i" in e.proposal.terms
    ]
    assert moves
    assert max(moves) < 0.002


def test_a_state_of_another_layout_is_left_alone_and_said():
    run = world()
    before = value(run.turns(101)[-1])
    number, arrays, saved = run.store.snapshot()
    run.store.save_snapshot(number, arrays, {**saved, "layout": 0})
    run.store._owner = None
    run.build()
    start = run.store.last("start").data
    assert "layout 0" in start["resumed"]
    assert value(run.turn()) == before
