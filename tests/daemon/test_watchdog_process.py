"""kill -9 of a daemon whose target keeps no lease: a real watchdog writes the fallback; the target's log is judge."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

from tests.support.daemons import PATIENCE, Setup
from tests.support.lottery import Lottery, serving

LEASE, EVERY = 4.0, 0.5


class Careless(Lottery):
    """A target that holds whatever it was told for ever."""

    def _expire(self) -> None:
        """Nothing runs out here."""


@contextmanager
def watchdog(setup):
    """The process; its lines are read from a file."""
    log = setup.folder / "watchdog.log"
    words = [
        sys.executable,
        "-m",
        "controller.cli",
        "watchdog",
        str(setup.campaign),
        "--daemon",
        str(setup.daemon),
        "--json",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(
            words, stdout=out, stderr=subprocess.STDOUT, env=dict(os.environ, PYTHONUNBUFFERED="1")
        )
    try:
        yield process, lambda: [json.loads(line) for line in log.read_text().splitlines()]
        process.terminate()
        assert process.wait(PATIENCE) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def until(true, why):
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, f"waited {PATIENCE} s for {why}"
        time.sleep(0.02)


def test_the_fallback_stands_within_the_lease_and_one_look_and_a_restart_takes_over_again(tmp_path):
    with serving(Careless()) as target:
        setup = Setup(tmp_path, target, lease=f"{LEASE:g}s")
        setup.edit("lease_by: target", "lease_by: watchdog")
        setup.daemon.write_text(
            setup.daemon.read_text().replace("heartbeat: ", f"every: {EVERY}s, heartbeat: ")
        )
        with watchdog(setup) as (dog, said), setup.start() as daemon:
            daemon.ready()
            setup.accept()
            daemon.until(lambda: target.now()["value"] > 0.034, "a move")
            lived = [line["did"] for line in said()]
            assert set(lived) <= {"blind", "beating"}
            daemon.kill()
            died = time.time()
            until(lambda: target.now()["value"] == 0.03, "the fallback")
            until(lambda: said()[-1]["did"] == "in_force", "the watchdog's word")
            took = target.log[-1].at - died
            assert took < LEASE + EVERY + 1.0, took  # a scan for the last beat, and room for a busy machine
            assert target.log[-1].id.endswith(".fallback")
            with setup.start() as second:
                second.until(lambda: target.now()["value"] > 0.03, "a move of the second life")
                until(lambda: said()[-1]["did"] == "beating", "the watchdog's word")
                second.stop()
        assert dog.returncode == 0
        epochs = [entry.epoch for entry in target.log]
        assert epochs == sorted(set(epochs))
        assert target.refused == []


def test_a_campaign_without_such_an_actuator_is_said_to_need_no_watchdog(tmp_path):
    with serving(Lottery()) as target:
        setup = Setup(tmp_path, target)
        words = [sys.executable, "-m", "controller.cli", "watchdog", str(setup.campaign), "--once"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "no actuator has `lease_by: watchdog`" in done.stderr
