"""A real daemon on a certificate: in auto by itself, through kill -9, until an edit leaves the envelope."""

import json
import subprocess
import sys

import pytest

from controller.clock import DAY, SystemClock
from tests.support.certificates import put
from tests.support.daemons import Setup
from tests.support.lottery import Lottery, serving


@pytest.fixture
def setup(tmp_path):
    with serving(Lottery()) as lottery:
        made = Setup(tmp_path, lottery)
        now = SystemClock().now()
        put(tmp_path / "campaign.certificate.json", made.campaign, issued_at=now, data_until=now - DAY)
        yield made


def last(setup):
    return setup.records("tick")[-1].data


def test_it_acts_dies_acts_again_and_drops_when_it_is_edited(setup):
    lottery = setup.target
    with setup.start() as daemon:
        daemon.ready()
        assert "auto     certified until 2" in daemon.output()
        daemon.until(lambda: len(lottery.log) > 1, "orders that nobody accepted")
        assert last(setup)["gate"].startswith("certified until ")
        assert "certificate: covers this config until 2" in setup.command("status")
        daemon.kill()
    since = len(lottery.log)
    with setup.start() as daemon:
        daemon.ready()
        daemon.until(lambda: len(lottery.log) > since, "orders of the second life")
        assert [row.data["certificate"]["covers"] for row in setup.records("start")] == [True, True]
        setup.edit("keep_at: 115", "keep_at: 114")
        said = setup.command("reload", "--by", "ann", "--reason", "a new target")
        assert (
            "Auto drops to advise, since the config has left the certificate's envelope: loops.sales" in said
        )
        stands, count = lottery.now()["value"], len(setup.records("tick"))
        daemon.until(lambda: len(setup.records("tick")) > count + 2, "more turns")
        assert lottery.now()["value"] == stands
        status = setup.command("status")
        assert "advise is asked for, advise is in force" in status
        assert "certificate: the config has left the certificate's envelope" in status
        found = json.loads(setup.command("status", "--json"))["certificate"]
        assert (found["covers"], found["file"]) == (False, "campaign.certificate.json")
        setup.edit("keep_at: 114", "keep_at: 115")
        assert "Certificate: certified until" in setup.command("reload", "--by", "ann", "--reason", "back")
        setup.command("mode", "auto", "--by", "ann", "--reason", "as it was tried")
        daemon.until(lambda: last(setup)["permitted"] and last(setup)["mode"] == 4, "auto")
        daemon.stop()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("{}", 3, "named.json:1:1 no certificate of setpoint"),
        ('{"certificate": 1, "sha256": "a"}', 3, "named.json:1:1 changed after it was issued"),
        (None, 2, "named.json' does not exist"),
    ],
    ids=["a stranger's", "a forged one", "none"],
)
def test_a_named_certificate_that_is_no_good_ends_the_start(setup, text, code, said):
    named = setup.folder / "named.json"
    if text is not None:
        named.write_text(text)
    words = ["run", str(setup.campaign), "--daemon", str(setup.daemon), "--certificate", str(named)]
    line = [sys.executable, "-m", "controller.cli", *words]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == code, ran.stderr
    assert said in ran.stderr
    assert not setup.journal.exists()
