"""`status` and `check` on a certificate: covers until, or why not."""

import shutil

import pytest

from controller.certificates import Cover
from controller.clock import DAY, SystemClock, iso
from controller.ports import Record
from controller.store import SqliteStore
from tests.cli.conftest import run_campaign
from tests.house.places import ROOT
from tests.support.certificates import certificate, failed, put


@pytest.fixture
def journalled(tmp_path):
    """A journal whose last config row speaks of a certificate."""

    def write(made=None, **about):
        path = tmp_path / "setpoint.journal"
        world = run_campaign(path, turns=2)
        now = SystemClock().now()
        made = (
            certificate(world.campaign, now - DAY, now - 2 * DAY, **about)
            if made is None
            else made(world.campaign)
        )
        world.close()
        store = SqliteStore(path)
        store.claim("setpoint")
        row = Cover.of(made, world.campaign, "test.certificate.json").journalled()
        store.append(Record("config", 0, now, {}, {"certificate": row}))
        store.close()
        return made

    return write


def test_it_says_until_when_it_covers(call, journalled):
    made = journalled()
    assert (
        f"certificate: covers this config until {iso(made.expires_at)}; 2 gate(s) passed\n"
        in call("status").stdout
    )
    found = call.json("status")["certificate"]
    assert found == {
        "covers": True, "text": f"covers this config until {iso(made.expires_at)}; 2 gate(s) passed",
        "file": "test.certificate.json", "sha256": made.digest, "issued_at": iso(made.issued_at),
        "expires_at": iso(made.expires_at),
        "gates": [{"name": gate.name, "passed": gate.passed, "said": gate.said} for gate in made.gates],
    }  # fmt: skip


def test_it_says_that_it_ran_out_though_no_daemon_runs(call, journalled):
    made = journalled(max_age=1.5 * DAY)
    text = call("status").stdout
    assert f"certificate: ran out at {iso(made.expires_at)}: its data of " in text
    assert "must not be older than 1.5 days" in text
    assert not call.json("status")["certificate"]["covers"]


def test_it_says_why_it_does_not_cover(call, journalled):
    journalled(failed)
    assert "certificate: the certificate was not passed: zero_gain (104 %" in call("status").stdout


def test_a_journal_that_speaks_of_none_is_shown_as_before(call, journal):
    assert "certificate" not in call("status").stdout
    assert call.json("status")["certificate"] is None


# -- check ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def checked(call, tmp_path):
    """`check --offline` of a campaign in a folder of its own."""
    file = tmp_path / "summer.yaml"
    file.write_text((ROOT / "configs" / "shortest.yaml").read_text())
    shutil.copy(ROOT / "configs" / "week.csv", tmp_path)

    def check():
        assert "auto:\n" in call("check", "--offline", file).stdout
        return call.json("check", "--offline", file)["auto"]

    check.file = file
    return check


def test_check_says_that_there_is_none(checked):
    assert (
        checked()
        == "no summer.certificate.json beside the file: auto needs a certificate, or `setpoint accept`"
    )


def test_check_says_until_when_it_covers_and_what_has_left_it(checked):
    now = SystemClock().now()
    made = put(
        checked.file.with_name("summer.certificate.json"), checked.file, issued_at=now, data_until=now - DAY
    )
    assert checked().startswith(
        f"summer.certificate.json: certified until {iso(made.expires_at)}: all 2 gates passed"
    )
    text = checked.file.read_text()
    checked.file.write_text(text.replace("12%", "11%"))
    assert checked.file.read_text() != text
    assert "the config has left the certificate's envelope: actuators." in checked()


def test_check_says_what_is_wrong_with_one_and_finds_the_file_itself_right(checked):
    checked.file.with_name("summer.certificate.json").write_text("{}")
    assert "the certificate beside the config can't be used" in checked()
