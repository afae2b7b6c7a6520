"""The README's first ten minutes, typed as a new user would: first on paper, then beside a market that runs."""

import re
import socket
import subprocess
import sys
import time

import pytest

from tests.docs.pages import commands
from tests.house.places import ROOT

SETPOINT = [sys.executable, "-c", "from controller.cli import main; main()"]
README = commands((ROOT / "README.md").read_text())
SHORT = ("--weeks", "1", "--seeds", "1", "--scenarios", "steady")
DAEMON = "page: {address: '127.0.0.1:0'}\nmetrics: {address: '127.0.0.1:0'}\nwatchdog: {heartbeat: beat}\n"


class Desk:
    """A folder in which a new user types."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []

    def type(self, *words, code=0, timeout=100):
        line = [*SETPOINT, *words]
        done = subprocess.run(
            line,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=self.env(),
        )
        assert done.returncode == code, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    def leave_running(self, *words):
        """Start what runs until it is told to stop; its stdout goes to a file of its own."""
        out = self.folder / f"{words[0]}.out"
        with out.open("w") as file, (self.folder / f"{words[0]}.err").open("w") as err:
            child = subprocess.Popen(
                [*SETPOINT, *words], cwd=self.folder, stdout=file, stderr=err, env=self.env()
            )
        self.running.append(child)
        self.until(out.read_text, f"a word of {words[0]}")
        return child

    def until(self, true, what, seconds=60):
        ends = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < ends, f"waited in vain for {what}"
            time.sleep(0.2)
        return found

    def env(self):
        return {"PATH": "/usr/bin:/bin", "USER": "kim", "HOME": str(self.folder), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    made = Desk(tmp_path_factory.mktemp("desk"))
    yield made
    for child in reversed(made.running):
        child.terminate()
        assert child.wait(30) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def practice(desk):
    """The market and the daemon of configs/practice.yaml, as the README starts them, on ports that are free."""
    port = free_port()
    text = (ROOT / "configs" / "practice.yaml").read_text().replace("9102", str(port))
    (desk.folder / "practice.yaml").write_text(text)
    (desk.folder / "daemon.yaml").write_text(DAEMON)
    desk.leave_running("market", "practice.yaml", "--port", str(port), "--speed", "3600")
    desk.until(lambda: checked(desk), "a check without fault")
    desk.leave_running("run", "practice.yaml", "--daemon", "daemon.yaml")
    desk.until(lambda: "data:" in desk.type("status"), "a turn")
    return desk


def checked(desk):
    line = [*SETPOINT, "check", "practice.yaml", "--live"]
    return (
        subprocess.run(line, cwd=desk.folder, capture_output=True, check=False, env=desk.env()).returncode
        == 0
    )


@pytest.mark.timeout(600)
def test_a_new_file_is_checked_and_simulated_on_a_market_that_was_fitted(desk):
    desk.type(*first("init"))
    assert "nothing is wrong" in desk.type(*first("check"))
    assert "PASSED: " in desk.type(*first("calibrate"))
    told = desk.type(*last("simulate"), *SHORT, timeout=500)
    for row in ("config", "fixed", "best fixed", "updown", "simple_pid", "oracle"):
        assert re.search(rf"^{row} +\d+ %", told, re.MULTILINE), told
    for scenario in ("zero gain", "sign reversal"):
        assert re.search(rf"^{scenario} .* passed$", told, re.MULTILINE), told
    assert "Fitted: week's profile" in told
    assert "Nothing real is touched" in told
    assert "certified" in (desk.folder / "campaign.report.html").read_text()


def test_until_somebody_accepts_auto_only_advises(practice):
    status = practice.type("status")
    assert "auto is asked for, advise is in force" in status
    assert "setpoint accept" in status


def test_then_auto_is_in_force_and_says_why(practice):
    english, chinese = (words for words in README if words[0] == "why")
    assert "accepted without a certificate by kim" in practice.type(*first("accept"))
    practice.until(lambda: "auto is in force" in practice.type("status"), "auto")
    assert "Win-rate " in practice.type(*english)
    assert "中奖率" in practice.type(*chinese)


def test_people_can_take_over_and_give_back(practice):
    assert "held in place, by kim: a press release at noon" in practice.type(*first("hold"))
    assert "a press release at noon" in practice.type("status")
    assert "by kim: over" in practice.type(*first("resume"))
    assert "a press release at noon" not in practice.type("status")


def first(name):
    """The README's own line that begins with this subcommand."""
    return next(words for words in README if words[0] == name)


def last(name):
    """The README's own last line that begins with this subcommand."""
    return next(words for words in reversed(README) if words[0] == name)
