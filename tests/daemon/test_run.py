"""A real daemon against a real HTTP target: started, commanded, reloaded, stopped."""

import json
import urllib.request

import pytest

from tests.support.daemons import Setup
from tests.support.lottery import Lottery, serving


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """One daemon for the tests of this file that leave it as they found it."""
    with serving(Lottery()) as lottery:
        setup = Setup(tmp_path_factory.mktemp("daemon"), lottery)
        with setup.start() as daemon:
            daemon.ready()
            yield setup, daemon, lottery


def codes(setup):
    """Conditions that any turn so far has told."""
    return {condition[0] for record in setup.records("tick") for condition in record.data["conditions"]}


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode(), dict(answer.headers)


def test_auto_is_refused_until_a_person_accepts_by_name(life):
    setup, daemon, lottery = life
    daemon.until(lambda: setup.records("tick"), "a turn")
    assert lottery.log == []
    assert "no certificate" in setup.records("tick")[-1].data["gate"]
    assert "accepted without a certificate by kim" in setup.accept()
    daemon.until(lambda: len(lottery.log) > 2, "orders")
    assert "kim" in setup.records("tick")[-1].data["gate"]


def test_a_hold_is_in_force_within_a_second_and_between_two_turns(life):
    setup, daemon, lottery = life
    daemon.until(lambda: lottery.log, "orders")
    said = setup.command("hold", "win_rate", "--by", "ann", "--reason", "lunch")
    assert "ann" in said
    held = lottery.now()["value"]
    count = len(setup.records("tick"))
    daemon.until(lambda: len(setup.records("tick")) > count + 3, "more turns")
    assert lottery.now()["value"] == held
    setup.command("resume", "--by", "ann", "--reason", "back")
    daemon.until(lambda: lottery.now()["value"] != held, "a move after the hold")
    answers = {r.data["verb"]: r.time - min(t.time for t in setup.records("tick") if t.time >= r.time)
               for r in setup.records("command")}  # fmt: skip
    assert max(answers.values()) <= 0.0


def test_the_probes_answer_on_their_own_address(life):
    _, daemon, _ = life
    base = daemon.address("metrics").removesuffix("/metrics")
    metrics, _ = fetch(f"{base}/metrics")
    assert 'setpoint_loop_process_value{campaign="trial"' in metrics
    assert json.loads(fetch(f"{base}/healthz")[0]) == {"alive": True}
    assert json.loads(fetch(f"{base}/readyz")[0])["sensors"] == {"units": "live"}


def test_the_page_answers_and_names_no_other_host(life):
    _, daemon, _ = life
    body, headers = fetch(daemon.address("page"))
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "//" not in body.replace("<!doctype html>", "")


def test_a_second_daemon_on_the_same_store_is_refused_and_told_who_has_it(life):
    setup, _, _ = life
    second = setup.start()
    assert second.process.wait(60) == 4
    assert "process" in second.output()


def test_a_faulty_file_changes_nothing_and_a_wider_one_drops_auto_to_advise(life):
    setup, daemon, lottery = life
    before = setup.campaign.read_text()
    setup.edit("limits: [3%, 12%]", "limits: [3%, 12")
    said = setup.command("reload", "--by", "ann", "--reason", "typo", check=False)
    assert "refused" in said
    setup.campaign.write_text(before)
    setup.edit("limits: [3%, 12%]", "limits: [3%, 15%]")
    said = setup.command("reload", "--by", "ann", "--reason", "more room")
    assert "drops to advise" in said
    count, value = len(setup.records("tick")), lottery.now()["value"]
    daemon.until(lambda: len(setup.records("tick")) > count + 3, "more turns")
    assert lottery.now()["value"] == value
    assert setup.records("tick")[-1].data["mode"] == 2
    assert setup.records("config")[-1].data["widened"]


def test_a_dead_sensor_is_an_alarm_a_hold_and_a_fallback(tmp_path):
    with serving(Lottery()) as lottery:
        setup = Setup(tmp_path, lottery)
        with setup.start() as daemon:
            daemon.ready()
            setup.accept()
            daemon.until(lambda: lottery.now()["value"] > 0.034, "a move")
            lottery.dead = True
            daemon.until(lambda: "fallback" in codes(setup), "the fallback")
            assert lottery.now()["value"] == 0.03
            assert {"sensor_silent", "held"} <= codes(setup)
            assert "FALLBACK" in setup.command("status")
            lottery.dead = False
            daemon.until(lambda: lottery.now()["value"] > 0.031, "the return")
            output = daemon.stop()
    assert '"alarm raised: fallback units' in output.replace('"message":', "")
    assert setup.records("stop")[-1].data["why"] == "told to stop"


def test_a_restart_resumes_orders_holds_and_the_acceptance(tmp_path):
    with serving(Lottery()) as lottery:
        setup = Setup(tmp_path, lottery)
        with setup.start() as daemon:
            daemon.ready()
            setup.accept()
            daemon.until(lambda: lottery.now()["value"] > 0.032, "a move")
            setup.command("hold", "--by", "ann", "--reason", "restart")
            held = lottery.now()["value"]
            daemon.stop()
        with setup.start() as daemon:
            daemon.ready()
            count = len(setup.records("tick"))
            daemon.until(lambda: len(setup.records("tick")) > count + 2, "turns of the second life")
            last = setup.records("tick")[-1]
            assert lottery.now()["value"] == held
            assert last.data["permitted"]
            assert "resumed" in daemon.output()
