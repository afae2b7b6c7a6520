"""From conditions to alarms: delays, one alarm a fault, repetition, people's words, floods, restarts."""

import ast
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.alarms import symptoms
from controller.alarms import table as alarm_table
from controller.alarms.alarm import Event, Happening, State, most_within, record_of
from controller.alarms.book import AlarmBook
from controller.alarms.table import TABLE, Severity
from controller.daemon import certified
from controller.health import watch
from controller.loop import conditions
from controller.loop.turn import Condition
from controller.ports import OperatorCommand
from tests.house.places import ROOT

MINUTE, HOUR = 60.0, 3600.0


def said(code, subject="units", text="it is so"):
    return Condition(code, subject, text)


def run(book, script, scan=MINUTE, start=0.0):
    """Take a list of turns, each a list of conditions; returns all events."""
    return [event for turn, found in enumerate(script) for event in book.take(found, start + turn * scan)]


def kinds(events):
    return [(event.kind.value, event.alarm.code) for event in events if event.send]


def states(book):
    return {alarm.key: alarm.state for alarm in book.alarms()}


def command(verb, owner="kim", until=None, **data):
    return OperatorCommand(verb, owner, "because", data, until)


# -- the table -----------------------------------------------------------------------------------------------


def emitted(module):
    """The codes of all Conditions that a module makes."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Condition")
    return {call.args[0].value for call in named}


def test_every_code_that_is_said_is_in_the_table_and_every_entry_is_said():
    codes = emitted(conditions) | emitted(symptoms) | emitted(certified) | emitted(watch) | {"alarm_flood"}
    assert codes == set(TABLE)


@pytest.mark.parametrize("entry", TABLE.values(), ids=TABLE)
def test_every_entry_is_reasoned_out(entry):
    assert all(len(text) > 15 for text in (entry.cause, entry.consequence, entry.action))
    assert entry.on_delay >= 0
    assert entry.off_delay >= 0
    assert set(entry.unless) < set(TABLE)
    assert all(TABLE[other].severity <= entry.severity for other in entry.unless)
    assert all(TABLE[other].on_delay <= max(entry.on_delay, 180.0) for other in entry.unless)


def test_bad_data_and_lost_sensors_alarm_at_once():
    for code in ("sensor_bad", "held", "fallback", "suspended", "refused"):
        assert TABLE[code].on_delay == 0


def test_the_page_in_docs_is_the_table():
    assert (ROOT / "docs" / "alarms.md").read_text("utf-8").endswith(alarm_table.markdown())


# -- the life of one alarm -----------------------------------------------------------------------------------


def test_an_alarm_is_raised_within_the_turn_and_said_once():
    book = AlarmBook()
    events = run(book, [[said("sensor_bad")]] * 30)
    assert kinds(events) == [("raised", "sensor_bad")]
    assert states(book) == {("sensor_bad", "units"): State.UNACKED}


def test_one_missed_scrape_is_visible_and_no_alarm():
    book = AlarmBook()
    assert run(book, [[said("sensor_silent")]] * 3) == []
    assert states(book) == {("sensor_silent", "units"): State.PENDING}
    assert run(book, [[]], start=4 * MINUTE) == []
    assert states(book) == {}
    assert kinds(run(book, [[said("sensor_silent")]] * 6, start=HOUR)) == [("raised", "sensor_silent")]


def test_it_is_repeated_until_somebody_acknowledges_it():
    book = AlarmBook(repeat=HOUR)
    events = run(book, [[said("held")]] * 121)
    assert [event.at for event in events] == [0.0, HOUR, 2 * HOUR]
    assert book.obey(command("ack", code="held"), 121 * MINUTE) == "held units acknowledged by kim: because"
    assert run(book, [[said("held")]] * 300, start=122 * MINUTE) == []
    assert states(book) == {("held", "units"): State.ACKED}


def test_an_acknowledged_alarm_that_is_over_is_normal_again():
    book = AlarmBook()
    run(book, [[said("held")]])
    book.obey(command("ack", subject="units"), 30.0)
    events = run(book, [[]] * 10, start=MINUTE)
    assert [(event.kind, event.send) for event in events] == [(Happening.CLEARED, False)]
    assert states(book) == {}


def test_one_that_is_over_unseen_waits_for_a_person_and_is_repeated():
    book = AlarmBook(repeat=HOUR)
    run(book, [[said("held")]])
    events = run(book, [[]] * 70, start=MINUTE)
    assert kinds(events) == [("returned", "held"), ("repeated", "held")]
    assert events[0].at == 5 * MINUTE
    assert states(book) == {("held", "units"): State.RETURNED}
    book.obey(command("ack", code="held", subject="units"), 80 * MINUTE)
    assert states(book) == {}


def test_a_low_one_that_is_over_asks_for_nothing():
    book = AlarmBook()
    assert kinds(run(book, [[said("ticks_skipped", "loop")]])) == [("raised", "ticks_skipped")]
    assert kinds(run(book, [[]] * 40, start=MINUTE)) == [("cleared", "ticks_skipped")]
    assert states(book) == {}


def test_chatter_is_one_alarm():
    book = AlarmBook(repeat=HOUR)
    events = run(book, [[said("sensor_bad")] if turn % 3 == 0 else [] for turn in range(60)])
    assert kinds(events) == [("raised", "sensor_bad")]


def test_one_that_comes_back_unacknowledged_is_no_news_within_the_repetition():
    book = AlarmBook(repeat=HOUR)
    run(book, [[said("held")], *[[]] * 8])
    assert run(book, [[said("held")]], start=10 * MINUTE) == []
    (alarm,) = book.alarms()
    assert (alarm.state, alarm.times) == (State.UNACKED, 1)


# -- one fault, one alarm ------------------------------------------------------------------------------------


def test_a_bad_sensor_that_holds_an_output_is_one_alarm():
    book = AlarmBook()
    events = run(book, [[said("sensor_bad"), said("sensor_silent"), said("held")]] * 20)
    assert kinds(events) == [("raised", "held")]
    assert states(book)["sensor_bad", "units"] == State.SUPPRESSED


def test_the_worse_code_takes_over_and_the_end_is_said_once():
    book = AlarmBook()
    held, lost = [said("sensor_bad"), said("held")], [said("sensor_bad"), said("fallback")]
    events = run(book, [*[held] * 5, *[lost] * 5, *[[]] * 30])
    assert kinds(events) == [("raised", "held"), ("raised", "fallback"), ("returned", "fallback")]


def test_another_subject_is_another_fault():
    book = AlarmBook()
    events = run(book, [[said("held"), said("sensor_bad", "paid")]])
    assert kinds(events) == [("raised", "held"), ("raised", "sensor_bad")]


def test_an_unreachable_actuator_is_one_alarm_and_the_lease_is_the_next():
    book = AlarmBook()
    gone = [said("unconfirmed", "win_rate"), said("unreadable", "win_rate")]
    events = run(book, [*[gone] * 10, *[[*gone, said("lease_near_end", "win_rate")]] * 10])
    assert kinds(events) == [("raised", "unconfirmed"), ("raised", "lease_near_end")]


def test_shelving_the_worst_code_does_not_bring_the_lesser_ones_up():
    book = AlarmBook()
    run(book, [[said("sensor_bad"), said("held")]])
    book.obey(command("shelve", code="held", until=2 * HOUR), 1.0)
    assert run(book, [[said("sensor_bad"), said("held")]] * 60, start=MINUTE) == []


# -- shelving ------------------------------------------------------------------------------------------------


def test_a_shelved_alarm_is_silent_until_its_time_is_up():
    book = AlarmBook(repeat=600.0)
    run(book, [[said("drifted", "win_rate")]])
    done = book.obey(command("shelve", owner="li", code="drifted", until=HOUR), 1.0)
    assert done == "drifted win_rate shelved by li until 1970-01-01T01:00:00Z: because"
    assert run(book, [[said("drifted", "win_rate")]] * 58, start=MINUTE) == []
    assert states(book) == {("drifted", "win_rate"): State.SHELVED}
    assert kinds(run(book, [[said("drifted", "win_rate")]], start=HOUR)) == [("raised", "drifted")]


def test_a_shelved_alarm_that_is_over_is_normal_when_the_shelf_ends():
    book = AlarmBook()
    run(book, [[said("held")]])
    book.obey(command("shelve", code="held", until=HOUR), 1.0)
    assert kinds(run(book, [[]] * 70, start=MINUTE)) == []
    assert states(book) == {}


@pytest.mark.parametrize("until", [None, 5.0, 8 * 24 * HOUR])
def test_a_shelf_without_a_sensible_end_is_refused(until):
    book = AlarmBook()
    run(book, [[said("held")]])
    done = book.obey(command("shelve", code="held", until=until), 10.0)
    assert done.startswith("refused: a shelf needs an end within 7 days from now, received ")
    assert states(book) == {("held", "units"): State.UNACKED}


def test_what_is_not_there_can_not_be_acknowledged():
    book = AlarmBook()
    run(book, [[said("held"), said("sensor_silent", "paid")]])
    missing = book.obey(command("ack", code="fallback"), 1.0)
    assert missing == "refused: there is no alarm fallback; raised now: held units"
    assert book.obey(command("ack"), 1.0).startswith("refused: ack needs the code")
    assert book.obey(command("hold", code="held"), 1.0).startswith("refused: alarms take ack and shelve")


# -- floods, failures, restarts ------------------------------------------------------------------------------


def test_a_flood_is_cut_off_and_nothing_in_it_is_lost():
    book = AlarmBook(repeat=100 * HOUR, flood=(10, 600.0))
    many = [said("sensor_bad", f"s{i}") for i in range(40)]
    first = run(book, [many])
    assert len(first) == 10
    assert book.withheld == 30
    assert kinds(run(book, [many], start=MINUTE)) == [("raised", "alarm_flood")]
    later = run(book, [many] * 60, start=2 * MINUTE)
    told = {event.alarm.subject for event in (*first, *later)}
    assert {f"s{i}" for i in range(40)} <= told
    for start in range(60):
        window = [
            e
            for e in (*first, *later)
            if start * MINUTE <= e.at < start * MINUTE + 600 and e.alarm.code != "alarm_flood"
        ]
        assert len(window) <= 10


def test_a_withheld_alarm_that_is_over_is_still_told():
    book = AlarmBook(repeat=100 * HOUR, flood=(1, 600.0))
    run(book, [[said("held", "a"), said("held", "b")]])
    events = run(book, [[]] * 30, start=MINUTE)
    assert ("raised", "held") in [
        (e.kind.value, e.alarm.code) for e in events if e.alarm.subject == "b" and e.send
    ]
    assert states(book)["held", "b"] == State.RETURNED


def test_the_gravest_goes_first():
    book = AlarmBook(flood=(1, 600.0))
    events = run(book, [[said("sensor_bad", "a"), said("suspended", "win_rate"), said("held", "b")]])
    assert kinds(events) == [("raised", "suspended")]


def test_a_message_that_did_not_arrive_is_sent_again_later_and_later():
    book, sent = AlarmBook(repeat=HOUR), []
    for turn in range(120):
        for event in book.take([said("held")], turn * MINUTE):
            sent.append(turn)
            book.undelivered(event)
    gaps = [b - a for a, b in pairwise(sent)]
    assert gaps[:5] == [2, 3, 5, 9, 17]
    assert all(gap <= 61 for gap in gaps)


def test_a_restart_loses_no_alarm_and_repeats_none():
    book = AlarmBook()
    run(book, [[said("held"), said("drifted", "win_rate"), said("sensor_silent", "paid")]] * 2)
    book.obey(command("ack", code="drifted"), 90.0)
    book.obey(command("shelve", code="held", until=HOUR), 90.0)
    again = AlarmBook()
    again.restored(json.loads(json.dumps(book.saved())))
    assert again.alarms() == book.alarms()
    assert run(again, [[said("held"), said("drifted", "win_rate")]], start=120.0) == []
    assert states(again) == {("held", "units"): State.SHELVED, ("drifted", "win_rate"): State.ACKED}


def test_a_clock_that_steps_back_silences_nothing():
    book = AlarmBook(repeat=HOUR)
    run(book, [[said("held")]], start=100 * HOUR)
    assert kinds(run(book, [[said("held")]], start=1 * HOUR)) == [("repeated", "held")]
    assert kinds(run(book, [[said("held")]] * 61, start=2 * HOUR))


def test_a_foreign_code_is_an_alarm_too():
    book = AlarmBook()
    assert kinds(run(book, [[said("plugin_trouble")]])) == [("raised", "plugin_trouble")]
    assert book.alarms()[0].severity == Severity.HIGH


def test_two_texts_of_one_alarm_are_one_alarm():
    book = AlarmBook()
    run(book, [[said("limit_dropped", "limits", "a"), said("limit_dropped", "limits", "b")]] * 7)
    (alarm,) = book.alarms()
    assert alarm.text == "a; b"


@given(
    st.lists(
        st.sets(st.sampled_from(["sensor_bad", "held", "fallback", "unconfirmed", "drifted"])), max_size=60
    )
)
def test_in_any_story_a_fault_that_stands_is_known_and_messages_stay_few(story):
    book = AlarmBook(repeat=10 * MINUTE, flood=(5, 600.0))
    events = run(book, [[said(code) for code in sorted(found)] for found in story])
    present = story[-1] if story else set()
    assert {code for code, _ in states(book)} >= present
    for event in events:
        near = [e for e in events if e.send and event.at <= e.at < event.at + 600.0]
        assert (
            len(
                [
                    e
                    for e in near
                    if e.kind in (Happening.RAISED, Happening.REPEATED) and e.alarm.code != "alarm_flood"
                ]
            )
            <= 5
        )


def test_events_have_a_row_in_the_journal_and_can_be_counted():
    book = AlarmBook()
    events = run(book, [[said("held")], [said("held"), said("drifted", "win_rate")]])
    row = record_of(events[0], 7)
    assert (row.kind, row.index, row.data["event"], row.data["severity"]) == ("alarm", 7, "raised", "high")
    assert json.loads(json.dumps(row.data)) == row.data
    assert most_within(events, 600.0) == 2
    assert most_within(events, 30.0) == 1
    far = [replace(event, at=event.at + i * HOUR) for i, event in enumerate(events)]
    assert most_within(far, 600.0) == 1


def test_an_event_has_an_id_of_its_own():
    book = AlarmBook(repeat=HOUR)
    events: list[Event] = run(book, [[said("held")]] * 130)
    assert len({event.id for event in events}) == len(events) == 3
