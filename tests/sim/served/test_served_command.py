"""`setpoint market` as a process: where it answers, how it ends, and what it refuses."""

import json
import re
import socket
import time

import pytest
from click.testing import CliRunner

from controller.cli import main
from tests.house.places import ROOT
from tests.support.markets import HOUR, MONDAY, MarketProcess, campaign

CONFIG = ROOT / "configs" / "cap_lottery.yaml"


@pytest.fixture
def file(tmp_path):
    """A campaign with a market."""
    campaign(tmp_path)
    return tmp_path / "1.yaml"


def refused(*words, code):
    result = CliRunner().invoke(main, ["market", *map(str, words)], prog_name="setpoint")
    assert result.exit_code == code, result.output
    return result.stderr


def test_it_says_where_it_answers_runs_at_its_speed_and_ends_when_told(file):
    with MarketProcess(file, "--speed", "3600", "--starts", "2026-06-01T00:00", "--seed", "7") as market:
        client = market.client()
        first = client.get("/").json
        assert first["speed"] == 3600
        assert first["market_time"] >= MONDAY
        assert client.order(0.06).json["value"] == 0.06
        while client.get("/").json["market_time"] < first["market_time"] + HOUR:
            time.sleep(0.05)
        assert market.stop() == 0
    said = market.log.read_text()
    assert "Nothing real is touched." in said
    assert re.search(r"win_rate +http://127\.0\.0\.1:\d+/levers/win_rate", said)


def test_stepped_it_waits_and_tells_its_addresses_as_json(file):
    with MarketProcess(file, "--stepped", "--json", "--starts", "2026-06-01T00:00") as market:
        while not market.log.read_text().endswith("}\n"):
            assert market.process.poll() is None, market.log.read_text()
            time.sleep(0.02)
        said = json.loads(market.log.read_text())
        client = market.client(said["url"])
        assert client.get("/").json["now"] == MONDAY
        assert client.advance(HOUR) == MONDAY + HOUR
        assert said["levers"]["win_rate"].startswith(said["url"])


def test_the_shipped_campaign_is_served(tmp_path):
    with MarketProcess(CONFIG, "--stepped", log=tmp_path / "market.log") as market:
        client = market.client()
        assert client.get("/").json["metrics"]["units_scanned"] == "units_scanned_total"
        assert b"units_scanned_total" in client.get("/metrics").body


def test_a_port_that_is_taken_is_said(file):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"can't listen on 127.0.0.1:{port}" in refused(file, "--port", port, code=1)


def test_what_does_not_fit_together_is_refused(file):
    assert "exclude each other" in refused(file, "--stepped", "--speed", 2, code=2)
    for speed in ("0", "-1", "nan", "1e9"):
        assert "--speed" in refused(file, f"--speed={speed}", code=2)
    without = file.parent / "without.yaml"
    without.write_text(re.sub(r"market: .*\n.*\n", "", file.read_text()))
    assert "no market in this file" in refused(without, "--stepped", code=1)
    part = file.parent / "part.yaml"
    part.write_text(file.read_text().replace(", paid: prizes_paid}", "}"))
    assert "no signal stands for paid" in refused(part, "--speed", 60, code=3)
