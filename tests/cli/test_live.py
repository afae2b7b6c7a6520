"""The command beside a real daemon: `setpoint run` as a process, orders from others, each answered in its words."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.served import Served
from tests.cli.test_check import CAMPAIGN
from tests.support.server import Server

DAEMON = "page: {on: false}\nmetrics: {address: '127.0.0.1:0'}\nlogs: {level: warning}\n"
COMMAND = [sys.executable, "-c", "from controller.cli import main; main()"]


@pytest.fixture
def folder(tmp_path):
    """A folder with a campaign whose world answers."""
    world = Served()
    with Server(world) as server:
        text = (
            CAMPAIGN.format(url=server.url)
            .replace("scan: 1m", "scan: 5s")
            .replace("2026-06-01", "2020-06-01")
        )
        (tmp_path / "campaign.yaml").write_text(text)
        (tmp_path / "daemon.yaml").write_text(DAEMON)
        yield tmp_path


@pytest.fixture
def daemon(folder):
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        child = subprocess.Popen(
            [*COMMAND, "run", "campaign.yaml", "--daemon", "daemon.yaml"], cwd=folder, stdout=out, stderr=err
        )
        ends = time.monotonic() + 60
        while "journal  " not in (folder / "out").read_text():
            assert child.poll() is None, (folder / "err").read_text()
            assert time.monotonic() < ends
            time.sleep(0.05)
        yield child
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0, (folder / "err").read_text()


WHO = ("--reason", "r", "--wait", "30s")


def first_tick(call):
    ends = time.monotonic() + 60
    while call.json("status")["last_record"] is None:
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_day_at_the_desk(call, folder, daemon):
    first_tick(call)
    assert "daemon:  running: setpoint (process " in call("status").stdout
    held = call("hold", "win_rate", *WHO)
    assert held.stdout == "win-rate held in place, by kim: r\n"
    assert held.stderr == "note: the mode is advise, so nothing is sent to any output yet\n"
    assert call.json("mode", "observe", *WHO)["done"] == "mode observe, by kim: r"
    assert call.json("status")["mode"]["requested"] == "observe"
    assert "mode manual is above the config's advise" in call("mode", "manual", *WHO, code=1).stderr
    assert "refused: there is no alarm sensor_silent" in call("ack", "sensor_silent", *WHO, code=1).stdout
    assert "nothing has changed" in call("reload", *WHO).stdout


def test_a_reload_says_what_changed_and_the_next_order_knows_it(call, folder, daemon):
    first_tick(call)
    file = folder / "campaign.yaml"
    file.write_text(file.read_text().replace("12%]", "11%]"))
    assert "actuators.win_rate.limits: [3%, 12%] -> [3%, 11%]" in call("reload", *WHO).stdout
    assert "allowed: 3% to 11%" in call("override", "win_rate", "12%", *WHO, code=1).stderr
    file.write_text("campaign: summer\nloops: 5\n")
    text = call("reload", *WHO, code=1).stdout
    assert text.startswith("refused")
    assert "campaign.yaml:2:8 loops" in text


def test_a_second_daemon_is_told_who_has_the_store(call, folder, daemon):
    run = subprocess.run(
        [*COMMAND, "run", "campaign.yaml", "--daemon", "daemon.yaml"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert run.returncode == 4
    assert f"belongs to setpoint (process {daemon.pid} on " in run.stderr


def test_after_the_end_it_is_said_to_be_over(call, folder, daemon):
    first_tick(call)
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(30)
    found = call.json("status")
    assert found["daemon"] is None
    assert found["stopped"].endswith("told to stop")
    assert "no daemon is running" in call("hold", "--reason", "r").stdout
    assert json.loads(call("why", "--json").stdout)[0]["channel"] == "win_rate"
