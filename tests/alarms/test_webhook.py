"""Alarms posted to a real listener on loopback: signed, once each, and never in the loop's way when it is dead."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from controller.alarms.book import AlarmBook
from controller.alarms.desk import AlarmDesk
from controller.alarms.symptoms import Strain
from controller.alarms.webhook import MOST_WAITING, Webhook
from controller.clock import ManualClock, SystemClock
from controller.io.signing import verified
from controller.loop.turn import Condition
from controller.quantities.redaction import Template
from tests.support import turns

ENVIRON = {"HOOK_KEY": "k3y-k3y-k3y", "HOOK_TOKEN": "t0ken-t0ken"}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hook(port, failed=lambda event: None, submit=lambda work: work(), secret=True, timeout=2.0):
    url = Template(f"http://127.0.0.1:{port}/alarms?token=${{env:HOOK_TOKEN}}")
    key = Template("${env:HOOK_KEY}") if secret else None
    return Webhook(
        url,
        key,
        environ=ENVIRON,
        campaign="summer",
        clock=SystemClock(),
        submit=submit,
        failed=failed,
        timeout=timeout,
    )


def event(book=None, code="held", now=0.0):
    (found,) = (book or AlarmBook()).take([Condition(code, "units", "units: is too old")], now)
    return found


def test_a_message_arrives_signed_and_whole(receiver):
    send = hook(receiver.server_port)
    send(event())
    ((path, headers, body),) = receiver.got
    assert path == "/alarms?token=t0ken-t0ken"
    assert verified("k3y-k3y-k3y", headers, body, SystemClock().now())
    assert not verified("another", headers, body, SystemClock().now())
    said = json.loads(body)
    assert (said["campaign"], said["event"], said["alarm"]["code"]) == ("summer", "raised", "held")
    assert said["id"] == headers["webhook-id"]
    assert "resume" in said["alarm"]["action"]
    assert (send.delivered, send.failures, send.waiting) == (1, 0, 0)


@pytest.mark.parametrize("status", [500, 302, 429])
def test_a_refusal_is_a_failure_told_to_the_book(receiver, status, caplog):
    receiver.status, missed = status, []
    send = hook(receiver.server_port, missed.append)
    send(event())
    assert (len(missed), send.delivered, send.failures, len(receiver.got)) == (1, 0, 1, 1)
    assert f"status {status}" in caplog.text


def test_a_dead_receiver_costs_one_attempt_a_turn_and_names_no_secret(caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    book, attempts = AlarmBook(repeat=3600.0), []
    send = hook(port, book.undelivered)
    for turn in range(120):
        for found in book.take([Condition("held", "units", "t")], turn * 60.0):
            attempts.append(turn)
            send(found)
    assert len(attempts) < 10
    assert send.failures == len(attempts)
    assert "t0ken-t0ken" not in caplog.text
    assert "k3y-k3y-k3y" not in caplog.text


def test_a_missing_secret_is_a_failure_and_nothing_is_sent_unsigned(receiver):
    send = Webhook(
        Template(f"http://127.0.0.1:{receiver.server_port}/"), Template("${env:NOT_SET}"), environ={}, campaign="c",
        clock=ManualClock(0.0), submit=lambda work: work(),
        failed=lambda event: None,
    )  # fmt: skip
    send(event())
    assert (send.failures, receiver.got) == (1, [])


def test_a_slow_receiver_never_piles_up_more_than_so_many():
    waiting, missed = [], []
    send = hook(9, missed.append, submit=waiting.append)
    for _ in range(MOST_WAITING + 5):
        send(event())
    assert (len(waiting), len(missed)) == (MOST_WAITING, 5)


def test_a_worker_that_is_gone_stops_nothing():
    def gone(work):
        raise RuntimeError("cannot schedule new futures after shutdown")

    missed = []
    send = hook(9, missed.append, submit=gone)
    send(event())
    assert (len(missed), send.waiting) == (1, 0)


# -- the desk ------------------------------------------------------------------------------------------------


class Rows:
    """Just enough of a store: rows, and a snapshot that the test sets."""

    def __init__(self):
        self.rows, self.kept = [], None

    def append(self, record, durable=True):
        self.rows.append(record)
        return len(self.rows) - 1

    def records(self, start=0, kinds=None):
        return (row for row in self.rows[start:] if kinds is None or row.kind in kinds)

    def snapshot(self):
        return self.kept


def conditions(*codes):
    return tuple(Condition(code, "units", f"units: {code}") for code in codes)


def test_the_desk_writes_every_event_and_sends_those_that_are_due(caplog):
    store, sent = Rows(), []
    more = [lambda turn: [Condition("disk_low", "journal", "3 MB are free")]]
    desk = AlarmDesk(AlarmBook(), store, more, Strain({}), sent.append)
    desk(turns.turn(0, conditions=conditions("sensor_bad", "held")))
    desk(turns.turn(1, conditions=conditions("sensor_bad", "held")))
    assert [row.data["alarm"]["code"] for row in store.rows] == ["disk_low", "held"]
    assert [one.alarm.code for one in sent] == ["disk_low", "held"]


def test_after_a_kill_the_desk_knows_what_the_snapshot_did_not():
    store = Rows()
    desk = AlarmDesk(AlarmBook(), store)
    desk(turns.turn(0, conditions=conditions("held")))
    saved, at = desk.saved(), len(store.rows) - 1
    desk(turns.turn(1, conditions=(*conditions("held"), Condition("drifted", "win_rate", "x"))))
    store.kept = (at, {}, {"extra": saved})
    again = AlarmDesk(AlarmBook(), store)
    again.resume()
    assert {alarm.key for alarm in again.book.alarms()} == {("held", "units"), ("drifted", "win_rate")}
    assert [a.state for a in again.book.alarms()] == [a.state for a in desk.book.alarms()]
