"""The live gate: a certificate or a person's word, each for this very config and for a time; and a loop behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.certificates import Cover
from controller.clock import DAY, TickMaker
from controller.config.canonical import digest
from controller.gates import Acceptance, LiveGate
from controller.signals import Mode, Reason
from tests.support.certificates import certificate, failed
from tests.support.world import START, World, campaign_with, policy_plan

PLAN = campaign_with(policy_plan("updown"))
OTHER = campaign_with(policy_plan("updown"), target=120.0)
CELLS = Cells(("all",))
ENDS = START + 3600.0


def at(moment):
    return TickMaker(CELLS, 60.0).at(moment)


def cover(plan, made=None):
    """A certificate that ends an hour after START, as it covers a plan."""
    found = made or certificate(PLAN, START - DAY, START - 2 * DAY, max_age=ENDS - (START - 2 * DAY))
    return Cover.of(found, plan)


def word(plan=PLAN, until=ENDS):
    return Acceptance("kim", "a test", digest(plan), until)


def test_a_certificate_lets_auto_act():
    said = LiveGate(cover=cover(PLAN)).permit(at(START), digest(PLAN))
    assert said.granted
    assert said.expires_at == ENDS
    assert said.why.startswith("certified until 2")


def test_a_certificate_that_was_not_passed_does_not():
    said = LiveGate(cover=cover(PLAN, failed(PLAN, issued_at=START - DAY))).permit(at(START), digest(PLAN))
    assert not said.granted
    assert said.why == (
        "the certificate was not passed: zero_gain (104 % of the budget spent, allowed 60 %); "
        "to accept it by name: setpoint accept"
    )


def test_the_gate_trusts_no_answer_about_another_config():
    gate = LiveGate(cover=cover(PLAN))
    said = gate.permit(at(START), digest(OTHER))
    assert not said.granted
    assert "no certificate was looked at since the config was edited" in said.why
    gate.certify(cover(OTHER))
    assert (
        "left the certificate's envelope: loops.sales.target.keep_at"
        in gate.permit(at(START), digest(OTHER)).why
    )


def test_a_person_s_word_stands_in_for_a_certificate_that_does_not_cover():
    gate = LiveGate(cover=cover(OTHER))
    gate.accept(word(OTHER))
    assert gate.permit(at(START), digest(OTHER)).why.startswith("accepted uncertified by kim until")


def test_either_of_the_two_is_enough_and_the_longer_one_counts():
    gate = LiveGate(cover=cover(PLAN))
    gate.accept(word(until=ENDS + 600.0))
    assert "certified until" in gate.permit(at(ENDS - 60), digest(PLAN)).why
    assert "accepted uncertified" in gate.permit(at(ENDS), digest(PLAN)).why
    closed = gate.permit(at(ENDS + 600), digest(PLAN))
    assert not closed.granted
    assert "the certificate ran out at" in closed.why
    assert "the acceptance by kim ran out at" in closed.why


@given(st.integers(-200, 200), st.booleans(), st.booleans(), st.booleans())
def test_auto_is_open_exactly_while_one_of_the_two_is_in_force(minutes, certified, accepted, edited):
    gate = LiveGate(cover=cover(PLAN)) if certified else LiveGate()
    if accepted:
        gate.accept(word(until=ENDS + 3600.0))
    now, running = ENDS + 60.0 * minutes, OTHER if edited else PLAN
    if certified and edited:
        gate.certify(cover(OTHER))
    said = gate.permit(at(now), digest(running))
    expected = not edited and ((certified and now < ENDS) or (accepted and now < ENDS + 3600.0))
    assert said.granted == expected
    assert said.why


class Certified(World):
    """A loop behind a live gate."""

    def build(self):
        super().build()
        self.gate = self.loop.parts.gate = LiveGate(cover=cover(self.campaign))
        self.loop.parts.digest = digest(self.campaign)


def test_auto_drops_to_advise_by_itself_at_the_moment_the_certificate_ends():
    world = Certified(PLAN, CELLS)
    turns = world.turns(90)
    before, after = [t for t in turns if t.tick.time < ENDS], [t for t in turns if t.tick.time >= ENDS]
    assert after[0].tick.time == ENDS
    for turn in before:
        assert turn.permitted
        assert turn.outputs["win_rate"].decided.mode.tolist() == [Mode.AUTO]
    for turn in after:
        decided = turn.outputs["win_rate"].decided
        assert (turn.mode, decided.mode.tolist(), decided.reason.tolist()) == (
            Mode.AUTO,
            [Mode.ADVISE],
            [Reason.GATE],
        )
        assert not decided.write
        assert turn.gate.startswith("the certificate ran out at ")
        assert [c.code for c in turn.conditions if c.subject == "auto"] == ["gate_closed"]
    assert world.actuator.log[-1].issued_at < ENDS


def test_while_it_only_advises_it_still_says_what_auto_would_do():
    world = Certified(PLAN, CELLS)
    world.turns(61)
    stands = world.actuator.value.copy()
    world.sensor.demand = lambda time: 60.0
    advice = [turn.outputs["win_rate"].decided.advice[0] for turn in world.turns(20)]
    assert max(advice) > stands[0]
    assert np.array_equal(world.actuator.value, stands)


def test_a_new_certificate_opens_it_again_without_a_jump():
    world = Certified(PLAN, CELLS)
    world.turns(70)
    stands = world.actuator.value.copy()
    world.gate.certify(Cover.of(certificate(PLAN, START, START), PLAN))
    turn = world.turn()
    assert turn.permitted
    assert (
        abs(turn.outputs["win_rate"].decided.value[0] - stands[0])
        <= PLAN.actuators["win_rate"].max_step + 1e-12
    )


@pytest.mark.parametrize("mode", [Mode.ADVISE, Mode.MANUAL])
def test_a_lower_mode_asks_nobody(mode):
    world = Certified(PLAN, CELLS)
    world.loop.parts.authority.requested = mode
    turn = world.turn()
    assert (turn.gate, turn.permitted) == ("", False)
