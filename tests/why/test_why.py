"""Why an output moved: the terms minus what was held back are the move, in figures and in print, in two languages."""

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.errors import CommandError
from controller.loop import conditions
from controller.loop.recording import tick_record
from controller.ports import OperatorCommand
from controller.quantities import Amount
from controller.signals import Landing, Latch, Mode, Reason, Verdict
from controller.why import Names, Past, Summary, Teller, explain, last_moves, of_turn
from controller.why import table as why_table
from tests.support import turns
from tests.support.world import World, campaign_with, policy_plan

NAMES = Names.of(turns.start_data())
share = st.floats(0.03, 0.12)
part = st.floats(-0.1, 0.1)


def one(value):
    return np.array([value])


def moved(before=0.03, after=0.0325, proposed=0.0325, terms=None, reason=Reason.FOLLOWED, **more):
    terms = {"p": one(0.0031), "i": one(-0.0002), "limits": one(-0.0004)} if terms is None else terms
    run = turns.executed(one(proposed), terms)
    out = turns.output(one(before), one(after), reason, **more)
    return turns.turn(1, run=run, outputs={"win_rate": out})


# -- the words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", why_table.LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_in_both_languages(reason, language):
    told = of_turn(moved(0.03, 0.03, reason=reason), NAMES, "win_rate", language=language)
    assert told.reason == reason
    assert told.sentence.endswith("." if language == "en" else "。")
    assert "{" not in told.sentence
    assert len(told.sentence) > 15
    assert bool(re.search("[\u4e00-\u9fff]", told.sentence)) == (language == "zh")


def test_every_word_of_validation_and_every_odd_landing_is_in_the_table():
    assert set(conditions._WORDS) == set(why_table.FAULTS)
    assert set(why_table.LANDINGS) == set(Landing) - {Landing.CONFIRMED}
    for table in (why_table.TERMS, why_table.HELD, why_table.LIMITS, why_table.FAULTS, why_table.LANDINGS):
        assert all(english and chinese for english, chinese in table.values())


def test_the_sentence_of_a_held_back_move():
    told = of_turn(moved(), NAMES, "win_rate")
    assert told.sentence == (
        "Win-rate raised from 3.00 % to 3.25 % (+0.25 points): sales 6.1 % under target (+0.31 points from the present "
        "gap, \u22120.02 from the past), held back by 0.04 points by the largest step (1 point an execution)."
    )
    assert told.limit_name == "largest_step"
    assert told.held == {"largest_step": pytest.approx(0.0004)}


def test_the_same_in_chinese():
    told = of_turn(moved(), NAMES, "win_rate", language="zh")
    assert told.sentence == (
        "中奖率从 3.00% 升至 3.25%（+0.25 个百分点）：销量低于目标 6.1%（来自当前偏差 +0.31 个百分点，"
        "来自过去的累积 \u22120.02），被最大步幅压住 0.04 个百分点。"
    )


def test_a_lost_sensor_is_named_with_what_is_wrong():
    lost = turns.signal(verdict=Verdict.NO_DATA, latch=Latch.SAFE, why=("stale",))
    out = turns.output(one(0.05), one(0.03), Reason.FALLBACK)
    told = of_turn(turns.turn(9, signals={"units": lost}, outputs={"win_rate": out}), NAMES, "win_rate")
    assert told.sentence == (
        "Win-rate lowered from 5.00 % to 3.00 % (\u22122.00 points): the safe value, since the sensor units has been "
        "lost for too long (too old)."
    )
    assert told.terms == {}
    assert told.held_back == pytest.approx(0.02)


def test_advice_is_told_with_its_parts_and_nothing_is_said_to_have_moved():
    turn = moved(0.03, 0.03, 0.0325, reason=Reason.MODE_ADVISE, advice=one(0.0325), mode=Mode.ADVISE)
    told = of_turn(turn, NAMES, "win_rate")
    assert told.sentence.startswith(
        "Win-rate stays at 3.00 %: the mode is advise, so nothing is sent; in auto it would be 3.25 %"
    )
    assert (told.moved, told.held["mode"]) == (False, pytest.approx(0.0025))


def test_an_order_that_did_not_land_is_not_told_as_if_it_had():
    told = of_turn(moved(landing=Landing.REFUSED, sent=True), NAMES, "win_rate")
    assert told.sentence.endswith("; the actuator refused it.")


def test_a_value_that_is_not_the_one_ordered_is_set_again():
    told = of_turn(turns.turn(3, before=0.08, after=0.04), NAMES, "win_rate")
    assert told.sentence.endswith("another value was read back, so it is set again.")


def test_a_limit_that_moves_the_output_is_named_with_its_rule():
    out = turns.output(one(0.08), one(0.07), Reason.LIMITED_HIGH)
    told = of_turn(turns.turn(3, outputs={"win_rate": out}), NAMES, "win_rate")
    assert told.sentence.endswith(": the largest step allows no more (1 point an execution).")
    assert (told.limit_name, told.held_back) == ("largest_step", pytest.approx(0.01))


def test_money_and_plain_units_are_printed_as_such():
    names = Names.of(turns.start_data(unit="CNY", low=0.0, high=20.0))
    assert (
        "from 5.00 CNY to 5.50 CNY (+0.50 CNY)"
        in of_turn(turns.turn(1, 5.0, 5.5), names, "win_rate").sentence
    )
    names = Names.of(turns.start_data(unit="push/week", low=0.0, high=7.0))
    assert (
        "from 2.00 push/week to 3.00 push/week"
        in of_turn(turns.turn(1, 2.0, 3.0), names, "win_rate").sentence
    )


def test_a_tiny_move_is_shown_and_float_noise_is_not_a_move():
    told = of_turn(turns.turn(1, 0.03, 0.030002), NAMES, "win_rate")
    assert "(+0.0002 points)" in told.sentence
    noise = of_turn(turns.turn(1, 0.03, 0.03 + 4e-18), NAMES, "win_rate")
    assert not noise.moved
    assert "stays at 3.00 %" in noise.sentence


def test_names_that_are_not_there_are_refused_with_the_nearest():
    with pytest.raises(CommandError, match="did you mean 'win_rate'"):
        of_turn(turns.turn(), NAMES, "win_rat")
    with pytest.raises(CommandError, match="no cell 'berlin'"):
        of_turn(turns.turn(), NAMES, "win_rate", cell="berlin")


# -- the books -----------------------------------------------------------------------------------------------


@given(
    st.sampled_from(Reason), share, share, share, share,
    st.dictionaries(st.sampled_from(["p", "i", "d", "feedforward", "limits", "carried", "step", "strange"]), part),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_terms_minus_what_was_held_back_equal_the_move(
    reason, before, after, proposed, advice, terms, usable, readable
):
    run = turns.executed(one(proposed), {name: one(value) for name, value in terms.items()}, usable=usable)
    out = turns.output(one(before if readable else np.nan), one(after), reason, advice=one(advice))
    past = Past({"win_rate": one(before)})
    told = of_turn(turns.turn(1, run=run, outputs={"win_rate": out}), NAMES, "win_rate", past=past)
    assert told.move == after - before
    assert math.fsum(told.terms.values()) - told.held_back == pytest.approx(told.move, abs=1e-15)
    assert math.fsum(told.held.values()) == pytest.approx(told.held_back, abs=1e-9)


@given(share, share, share, st.dictionaries(st.sampled_from(["p", "i", "d", "feedforward", "limits"]), part))
def test_the_printed_parts_add_up_to_the_printed_move(before, after, proposed, terms):
    run = turns.executed(one(proposed), {name: one(value) for name, value in terms.items()})
    out = turns.output(one(before), one(after))
    told = of_turn(turns.turn(1, run=run, outputs={"win_rate": out}), NAMES, "win_rate")
    printed_adds_up(told)


def test_what_the_limits_took_off_is_held_back_and_no_term():
    told = of_turn(moved(), NAMES, "win_rate")
    assert told.terms == {"p": pytest.approx(0.0031), "i": pytest.approx(-0.0002)}
    assert told.held_back == pytest.approx(0.0004)


def test_a_policy_without_terms_has_its_wish():
    told = of_turn(moved(terms={}), NAMES, "win_rate")
    assert told.terms == {"wish": pytest.approx(0.0025)}
    assert "(+0.25 points by the policy's setting)" in told.sentence


def test_a_value_that_is_not_the_one_the_policy_started_from_is_carried_over():
    told = of_turn(moved(before=0.029, terms={"step": one(0.0025)}), NAMES, "win_rate")
    assert told.terms == {"step": 0.0025, "carried": pytest.approx(0.001)}
    assert told.held_back == pytest.approx(0.0)


def test_unbelievable_data_leave_no_terms():
    run = turns.executed(one(0.05), {"p": one(np.nan)}, value=np.nan, usable=False)
    out = turns.output(one(0.05), one(0.05), Reason.HELD_BAD_DATA)
    told = of_turn(turns.turn(1, run=run, outputs={"win_rate": out}), NAMES, "win_rate")
    assert (told.terms, told.held_back) == ({}, 0.0)


# -- many records, many cells --------------------------------------------------------------------------------


def story():
    rise = turns.turn(1, 0.03, 0.04, run=turns.executed(one(0.04), {"p": one(0.01), "i": one(0.0)}))
    fall = turns.turn(3, 0.04, 0.035, run=turns.executed(one(0.035), {"p": one(-0.005), "i": one(0.0)}))
    return [replace(t, number=t.tick.index) for t in (turns.turn(0), rise, turns.turn(2, 0.04, 0.04), fall)]


def test_live_and_from_the_journal_it_is_the_same_sentence():
    live, read = Teller(NAMES), Teller(NAMES)
    for turn in story():
        record = replace(tick_record(turn), number=turn.number)
        assert live.tell(turn) == read.tell(record)


def test_the_last_moves_are_found_and_calm_ticks_are_passed_over():
    records = [tick_record(turn) for turn in story()]
    told = last_moves(records, Teller(NAMES), count=5)
    assert [one_.index for one_ in told] == [1, 3]
    assert told[1].terms["p"] == pytest.approx(-0.005)
    calm = last_moves(records[:1], Teller(NAMES))
    assert [one_.moved for one_ in calm] == [False]


def test_many_cells_are_summed_up_with_one_of_them_by_name():
    names = Names.of(turns.start_data(("oslo", "rome", "kyiv")))
    after = np.array([0.03, 0.05, 0.029])
    run = turns.executed(after, {"p": after - 0.03})
    turn = turns.turn(1, 0.03, after, size=3, run=run)
    (told,) = Teller(names).tell(turn)
    assert isinstance(told, Summary)
    assert (told.raised, told.lowered, told.stayed, told.median) == (1, 1, 1, 0.0)
    assert told.example.cell == "rome"
    assert told.sentence.startswith(
        "Win-rate: 1 of 3 cells raised, 1 lowered; median +0.00 points (\u22120.10 to +2.00). "
        "Most: Win-rate of rome raised"
    )
    assert Counter(told.reasons) == {Reason.FOLLOWED: 3}
    assert explain(tick_record(turn), names, "win_rate", "kyiv").after == 0.029
    (chinese,) = Teller(names, "zh", cell="kyiv").tell(turn)
    assert chinese.sentence.startswith("kyiv 的中奖率从 3.00% 降至 2.90%")


# -- a real loop ---------------------------------------------------------------------------------------------

POLICIES = {
    "fixed": policy_plan("fixed", value=Amount.parse("5%")),
    "updown": policy_plan("updown", step=Amount.parse("0.23 points")),
    "pid": policy_plan("pid", gain=3.0, integral_time=900.0, derivative_time=300.0),
    "simple_pid": policy_plan("simple_pid", kp=0.0007, ki=0.0000012),
}


def walk(turn, held):
    """A loop's story with everything in it: demand falls and returns, an override, a lost sensor."""
    if turn == 60:
        held.sensor.demand = lambda time: 75.0
    if turn == 150:
        held.loop.obey(
            OperatorCommand("override", "kim", "a test", {"channel": "win_rate", "value": 0.08}), held.now
        )
    if turn == 170:
        held.loop.obey(OperatorCommand("release", "kim", "a test", {"channel": "win_rate"}), held.now)
    if turn == 200:
        held.sensor.fault = lambda reading: None
    if turn == 260:
        held.sensor.fault = lambda reading: reading


@pytest.mark.parametrize(("kind", "mode"), [*((kind, "auto") for kind in POLICIES), ("pid", "advise")])
def test_the_books_of_a_real_loop_balance_at_every_turn_and_in_print(kind, mode):
    world = World(campaign_with(POLICIES[kind], mode), Cells(("all",)))
    names = Names.of(world.store.last("start").data)
    teller, reasons, limits = Teller(names), set(), set()
    for index in range(320):
        walk(index, world)
        (told,) = teller.tell(world.turn())
        assert math.fsum(told.terms.values()) - told.held_back == pytest.approx(told.move, abs=1e-15)
        assert math.fsum(told.held.values()) == pytest.approx(told.held_back, abs=1e-9)
        assert "other" not in told.held
        reasons.add(told.reason)
        limits.add(told.limit_name)
        printed_adds_up(told)
    assert reasons >= (
        {Reason.FOLLOWED, Reason.NOT_DUE, Reason.OVERRIDE} if mode == "auto" else {Reason.MODE_ADVISE}
    )
    if kind == "pid" and mode == "auto":
        assert "largest_step" in limits


def printed_adds_up(told):
    """The parts in the sentence give the change in the sentence; what is held back points against the parts."""
    text = told.sentence.replace("\u2212", "-")
    head = text.partition("in auto it would be ")[2] or text
    changes = re.findall(r"^[^:]*\(([+-][\d.]+) points\)", head)
    parts = [float(p) for p in re.findall(r"[(,] ?([+-][\d.]+)(?: points)? (?:from|known|by|carried)", text)]
    way = math.fsum(told.terms.values())
    back = [float(size) * np.sign(way) for size in re.findall(r"held back by ([\d.]+) points", text)]
    if parts:
        assert sum(parts) - sum(back) == pytest.approx(float(changes[0]) if changes else 0.0, abs=1e-6), text
