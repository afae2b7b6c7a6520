"""Orders: rows in the store, answered by the daemon, judged beforehand where that is possible."""

import threading

import pytest

from controller.clock import SystemClock
from controller.store import SqliteStore
from tests.cli.conftest import run_campaign


def orders_in(path):
    store = SqliteStore(path, readonly=True)
    try:
        return list(store.pending())
    finally:
        store.close()


@pytest.fixture
def running(tmp_path):
    """A daemon's life in this process: its store is claimed, and a thread turns when an order comes in."""
    path = tmp_path / "setpoint.journal"
    world = run_campaign(path)
    told, failed = threading.Event(), []

    def live():
        while not told.wait(0.01):
            try:
                if world.service.pending():
                    world.turn()
            except Exception as fault:  # noqa: BLE001 (told by the fixture's end)
                failed.append(fault)
                return

    thread = threading.Thread(target=live)
    thread.start()
    yield world
    told.set()
    thread.join()
    world.close()
    assert not failed, failed


WHO = ("--by", "kim", "--reason", "stock runs out")


@pytest.mark.parametrize(
    ("words", "verb", "data"),
    [
        (["hold"], "hold", {}),
        (["hold", "win_rate"], "hold", {"channel": "win_rate"}),
        (["safe", "win_rate", "--cell", "test"], "safe", {"channel": "win_rate", "cell": "test"}),
        (["override", "win_rate", "3.5%"], "override", {"channel": "win_rate", "value": 0.035}),
        (["release", "win_rate"], "release", {"channel": "win_rate"}),
        (["resume"], "resume", {}),
        (["mode", "manual"], "mode", {"mode": "manual"}),
        (["mode", "ADVISE"], "mode", {"mode": "advise"}),
        (["accept", "--for", "7d"], "accept", {}),
        (["reload"], "reload", {}),
        (["ack", "held", "units"], "ack", {"code": "held", "subject": "units"}),
        (["shelve", "held", "--for", "1d"], "shelve", {"code": "held"}),
    ],
)
def test_an_order_is_a_row_with_owner_and_reason(call, journal, words, verb, data):
    found = call.json(*words, *WHO)
    (order,) = orders_in(journal)
    assert (order.verb, order.data, order.owner, order.reason) == (verb, data, "kim", "stock runs out")
    assert found == {
        **found,
        "order": 0,
        "verb": verb,
        "data": data,
        "by": "kim",
        "daemon": None,
        "done": None,
    }


def test_the_owner_is_who_is_logged_in(call, journal, monkeypatch):
    call("hold", "--reason", "r")
    monkeypatch.setenv("SETPOINT_BY", "li")
    call("hold", "--reason", "r")
    assert [order.owner for order in orders_in(journal)] == ["kim", "li"]


def test_it_says_that_no_daemon_is_there_to_take_it(call, journal):
    text = call("hold", *WHO).stdout
    assert "posted as order 0; no daemon is running: it waits in the store until one starts" in text


@pytest.mark.parametrize("words", [["hold"], ["safe"], ["override", "win_rate", "4%"], ["accept"]])
def test_it_runs_out_when_told_to(call, journal, words):
    before = SystemClock().now()
    text = call(*words, *WHO, "--for", "90m").stdout
    (order,) = orders_in(journal)
    assert before + 5400 <= order.expires_at <= SystemClock().now() + 5400
    assert ", and runs out at 2" in text


def test_a_running_daemon_answers(call, running):
    text = call("hold", *WHO).stdout
    assert text == "win-rate held in place, by kim: stock runs out\n"
    found = call.json("override", "win_rate", "4%", *WHO)
    assert found["done"] == "win-rate to be 4%, by kim: stock runs out"
    assert found["daemon"]["owner"] == "setpoint"
    assert not found["refused"]


def test_what_was_ordered_is_in_force(call, running):
    call("override", "win_rate", "4%", *WHO)
    shown = call.json("status")
    assert shown["outputs"]["win_rate"]["value"] == 0.04
    assert shown["overrides"] == [
        {"output": "win_rate", "cell": None, "value": 0.04, "unit": "share", "by": "kim", "reason": "stock runs out",
         "expires_at": None}
    ]  # fmt: skip
    assert shown["orders_waiting"] == 0


def test_a_refusal_by_the_daemon_is_told_and_is_an_exit_code(call, running):
    result = call("accept", "--for", "7d", *WHO, code=1)
    assert "refused: an acceptance needs" in result.stdout


def test_without_waiting_the_answer_is_not_known(call, running):
    text = call("hold", "--wait", "0", *WHO).stdout
    assert "posted as order 0; setpoint (process" in text
    assert "has not answered yet" in text


REFUSED = {
    "an unknown output": (
        ["override", "win_rat", "4%"], 1, "there is no actuator 'win_rat'; did you mean 'win_rate'? known: win_rate",
    ),
    "an unknown cell": (["hold", "--cell", "nort"], 1, "there is no cell 'nort'; known: test"),
    "out of the limits": (
        ["override", "win_rate", "50%"], 1, "out of its limits, received '50%', allowed: 3% to 12%",
    ),
    "a share without a percent sign": (
        ["override", "win_rate", "0.05"], 1,
        "a share is written with %, received 0.05, allowed: 5% (as a fraction) or 0.05% (as a percentage)",
    ),
    "money for a share": (["override", "win_rate", "2 CNY"], 1, "CNY does not fit share, received '2 CNY'"),
    "no number": (["override", "win_rate", "NaN%"], 1, "not a quantity, received 'NaN%'"),
    "not a number": (["override", "win_rate", "nan"], 1, "override of win_rate"),
    "a mode that is none": (["mode", "automatic"], 2, "'automatic' is not one of 'off', 'observe', 'advise'"),
    "no end of an acceptance": (["accept"], 2, "Missing option '--for'"),
    "a length of time without unit": (["hold", "--for", "90"], 2, "not a duration, received '90'"),
    "too long a shelf": (["shelve", "held", "--for", "30d"], 2, "an alarm can't be shelved so long, received 30d"),
    "no alarm named": (["ack"], 1, "which alarm is meant? raised now: none"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "code", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_be_judged_beforehand_is_refused_in_words(call, journal, words, code, text):
    result = call(*words, *WHO, code=code)
    assert text in result.stderr
    assert orders_in(journal) == []


def test_a_mode_above_the_config_s_is_refused(call, tmp_path):
    run_campaign(tmp_path / "setpoint.journal", turns=2, mode="advise").close()
    text = call("mode", "auto", *WHO, code=1).stderr
    assert "mode auto is above the config's advise; allowed: off, observe, advise" in text


@pytest.mark.parametrize("word", ["hold", "safe", "resume", "reload"])
def test_a_reason_is_asked_for(call, journal, word):
    assert "Missing option '--reason'" in call(word, code=2).stderr
    assert "a reason is needed, received an empty one" in call(word, "--reason", " ", code=2).stderr


def test_without_a_name_it_asks_who(call, journal, monkeypatch):
    monkeypatch.delenv("USER")
    assert "Missing option '--by'" in call("hold", "--reason", "r", code=2).stderr
