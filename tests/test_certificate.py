"""Certificates: issued, written, read back, refused where somebody touched them, and weighed against a campaign."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.certificates import (
    Certificate,
    Cover,
    GateResult,
    MarketUsed,
    Place,
    covers,
    envelope_digest,
    read,
    write,
)
from controller.certificates.certificate import LONGEST
from controller.certificates.cover import shown
from controller.certificates.envelope import digest_of
from controller.clock import DAY, iso
from controller.config import loads
from controller.errors import ConfigError
from tests.config.sample import TEXT, changed
from tests.support.certificates import (
    CALIBRATED,
    DATA_UNTIL,
    GATES,
    ISSUED,
    RUNS,
    certificate,
    failed,
    uncalibrated,
)

PLAN = loads(TEXT)
CERTIFICATE = certificate(PLAN)
NOW = ISSUED + DAY
MOMENTS = st.integers(0, 4_000_000_000).map(float)


# -- issued -----------------------------------------------------------------------------------------------------------


def test_it_holds_until_its_data_are_too_old():
    assert CERTIFICATE.expires_at == DATA_UNTIL + 180 * DAY
    assert certificate(PLAN, max_age=30 * DAY).expires_at == DATA_UNTIL + 30 * DAY


def test_it_never_holds_longer_than_180_days_from_its_issue():
    assert certificate(PLAN, max_age=1000 * DAY).expires_at == ISSUED + 180 * DAY
    assert uncalibrated(PLAN).expires_at == ISSUED + 180 * DAY


@given(MOMENTS, st.integers(0, 400), st.floats(1.0, 1e9))
def test_its_end_lies_after_neither_bound(issued, age, max_age):
    made = certificate(PLAN, issued, issued - age * DAY, max_age=max_age)
    assert made.expires_at <= made.issued_at + LONGEST
    assert made.expires_at <= made.data_until + max_age
    assert made.expires_at in (made.issued_at + LONGEST, made.data_until + max_age)


def test_it_is_passed_only_where_every_gate_is():
    assert CERTIFICATE.passed
    assert not failed(PLAN).passed
    assert [gate.name for gate in failed(PLAN).failed] == ["zero_gain"]


def test_it_knows_what_it_was_issued_for():
    assert CERTIFICATE.campaign == "sample"
    assert CERTIFICATE.envelope_digest == envelope_digest(PLAN)
    assert CERTIFICATE.market == CALIBRATED
    assert CERTIFICATE.runs == RUNS


IMPOSSIBLE = {
    "no gate": ({"gates": ()}, "a certificate has gates, each with a name of its own, received []"),
    "a gate twice": ({"gates": (GATES[0], GATES[0])}, "received ['loss', 'loss']"),
    "data of the future": ({"data_until": ISSUED + 60}, "data until 2025-06-15T12:01:00Z are later than"),
    "no age": ({"max_age": 0.0}, "max_age is a number of seconds above zero, received 0.0"),
    "an endless age": ({"max_age": float("inf")}, "max_age is a number of seconds above zero, received inf"),
    "data of a market without a calibration": ({"market": MarketUsed(kind="campaign")}, "has both a calibration and"),
}  # fmt: skip


@pytest.mark.parametrize(("about", "text"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_can_t_be_true_is_not_issued(about, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        certificate(PLAN, **about)


@pytest.mark.parametrize("about", [{"scenarios": ()}, {"seeds": 0}, {"weeks": 0.0}, {"posterior_draws": -1}])
def test_runs_that_were_none_are_refused(about):
    with pytest.raises(ValueError, match="one scenario, week and seed at least"):
        replace(RUNS, **about)


# -- as a file --------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sample.certificate.json"
    write(CERTIFICATE, path)
    return path


def refused(path):
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:1:1 ")
    return str(caught.value).removeprefix(f"{path}:1:1 ")


def test_it_is_read_back_as_it_was_written(file):
    assert read(file) == CERTIFICATE
    assert read(file).digest == CERTIFICATE.digest


@given(MOMENTS, st.integers(0, 400), st.floats(0.001, 1e9), st.booleans(), st.text())
def test_any_certificate_survives_the_way_through_its_text(
    tmp_path_factory, issued, age, max_age, passed, said
):
    made = certificate(
        PLAN, issued + 0.25, issued - age, max_age=max_age, gates=[GateResult("a", passed, said)]
    )
    path = tmp_path_factory.mktemp("c") / "c.json"
    write(made, path)
    assert read(path) == made


def test_a_person_can_read_it(file):
    found = json.loads(file.read_text())
    assert found["issued_at"] == "2025-06-15T12:00:00Z"
    assert found["expires_at"] == iso(CERTIFICATE.expires_at)
    assert found["max_age"] == "180d"
    assert found["envelope"]["actuators"]["win_rate"]["limits"] == ["3%", "12%"]
    assert found["gates"][0] == {"name": "loss", "passed": True, "said": "J 0.021, best fixed setting 0.034"}


TOUCHED = {
    "a limit": ('"12%"', '"15%"'),
    "a gate": ('"passed": true,\n   "said": "31', '"passed": false,\n   "said": "31'),
    "its end": ('"max_age": "180d"', '"max_age": "900d"'),
    "a key more": ('"certificate"', '"signed_by": "kim",\n "certificate"'),
    "the digest": (CERTIFICATE.digest, "0" * 64),
}


@pytest.mark.parametrize(("old", "new"), TOUCHED.values(), ids=TOUCHED)
def test_tampered_text_is_refused(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    assert "changed after it was issued: it says sha256 " in refused(file)


def resigned(file, **changes):
    """The file with other entries and a digest that fits them: not tampered with, but of somebody else's making."""
    document = {**json.loads(file.read_text()), **changes}
    rest = {key: value for key, value in document.items() if key != "sha256" and value is not ...}
    file.write_text(json.dumps({**rest, "sha256": digest_of(rest)}))
    return file


STRANGE = {
    "a later end": ({"expires_at": "2036-01-01T00:00:00Z"}, "parts do not fit each other: expires_at"),
    "passed in spite of a gate": ({"passed": False}, "parts do not fit each other: passed"),
    "another campaign's name": ({"campaign": "winter"}, "parts do not fit each other: campaign"),
    "another envelope": ({"envelope": {"campaign": "sample", "setpoint": "1"}}, "do not fit each other: setpoint, env"),
    "an envelope of nothing": ({"envelope": {}}, "can't be true: 'campaign'"),
    "a key of its own": ({"signed_by": "kim"}, "signed_by: unknown key 'signed_by'"),
    "a key less": ({"gates": ...}, "gates: this key is required"),
    "a number for a text": ({"setpoint": 1}, "setpoint: wrong type, received 1, allowed: a text"),
    "no time": ({"issued_at": "noon"}, "can't be true: 'noon' is not a time in ISO form"),
    "half a second": ({"issued_at": "2025-06-15T12:00:00.5Z"}, "issued_at is a moment in whole seconds"),
    "no length of time": ({"max_age": "long"}, "can't be true: not a duration, received 'long'"),
    "no gates": ({"gates": []}, "a certificate has gates"),
    "a later version": ({"certificate": 2}, "a certificate of version 2, this setpoint reads version 1"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "text"), STRANGE.values(), ids=STRANGE)
def test_a_stranger_s_certificate_is_refused(file, changes, text):
    assert text in refused(resigned(file, **changes))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no certificate: "),
        ("[]", "no certificate of setpoint: a JSON object with the key `certificate` is allowed"),
        ('{"a": 1}', "no certificate of setpoint"),
        ('{"certificate": 1, "weeks": NaN, "sha256": "a"}', "no certificate: "),
        ('{"certificate": 1, "certificate": 1}', "no certificate: the key 'certificate' stands twice"),
        ("\x00\xff", "no certificate: "),
    ],
)
def test_what_is_no_certificate_is_refused(tmp_path, text, said):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    assert said in refused(path)


def test_a_file_that_is_not_there_is_said(tmp_path):
    assert refused(tmp_path / "none.json") == "the certificate can't be read: No such file or directory"


# -- weighed ----------------------------------------------------------------------------------------------------------


def test_it_covers_the_campaign_it_was_issued_for():
    said = covers(CERTIFICATE, PLAN, NOW)
    assert said.granted
    assert said.expires_at == CERTIFICATE.expires_at
    assert said.why == "certified until 2025-12-02T12:00:00Z: all 2 gates passed, on data until 2025-06-05"


def test_it_covers_the_same_campaign_by_other_ways_to_the_world():
    other = loads(
        changed(
            'units: {kind: "tests.config.parts:Gauge"', 'units: {kind: "tests.config.parts:Gauge", query: b'
        )
    )
    assert other != PLAN
    assert covers(CERTIFICATE, replace(other, mode="auto"), NOW).granted


def elsewhere(text):
    return replace(CERTIFICATE, envelope={**CERTIFICATE.envelope, **text})


REFUSED = {
    "a gate that was not passed": (
        failed(PLAN), PLAN, "the certificate was not passed: zero_gain (104 % of the budget spent, allowed 60 %)",
    ),
    "another campaign": (
        CERTIFICATE, replace(PLAN, campaign="winter"),
        "the certificate is of another campaign: 'sample', this is 'winter'",
    ),
    "another version": (
        certificate(PLAN, setpoint="0.0.9"), PLAN, "the certificate is of setpoint 0.0.9, this is ",
    ),
    "a wider limit": (
        CERTIFICATE, loads(changed("[3%, 12%]", "[3%, 15%]")),
        "the config has left the certificate's envelope: actuators.win_rate.limits: [3%, 12%] then, [3%, 15%] now",
    ),
    "a narrower limit": (
        CERTIFICATE, loads(changed("[3%, 12%]", "[3%, 10%]")), "limits: [3%, 12%] then, [3%, 10%] now",
    ),
    "many edits": (
        CERTIFICATE, replace(PLAN, budgets={}), "budgets.prizes.plan: even then, nothing now; and 3 more",
    ),
    "no calibration": (
        uncalibrated(PLAN), PLAN, "the certificate's market was not calibrated on recorded data",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "plan", "text"), REFUSED.values(), ids=REFUSED)
def test_what_it_does_not_cover_is_said_in_one_sentence(made, plan, text):
    said = covers(made, plan, NOW)
    assert not said.granted
    assert text in said.why
    assert "\n" not in said.why


def test_it_runs_out_to_the_second():
    ends = CERTIFICATE.expires_at
    assert covers(CERTIFICATE, PLAN, ends - 1).granted
    said = covers(CERTIFICATE, PLAN, ends)
    assert not said.granted
    assert said.why == (
        "the certificate ran out at 2025-12-02T12:00:00Z: its data of 2025-06-05 must not be older than 180 days"
    )


def test_an_old_issue_is_said_to_be_one():
    made = certificate(PLAN, max_age=1000 * DAY)
    said = covers(made, PLAN, made.expires_at)
    assert said.why.endswith("it was issued on 2025-06-15 and must not be older than 180 days")


def test_a_certificate_of_the_future_shows_a_wrong_clock():
    assert covers(CERTIFICATE, PLAN, ISSUED - DAY).granted
    assert "is yet to come: a clock is wrong" in covers(CERTIFICATE, PLAN, ISSUED - DAY - 1).why


def test_its_end_is_said_two_weeks_before():
    cover = Cover.of(CERTIFICATE, PLAN)
    ends = CERTIFICATE.expires_at
    assert cover.ending(ends - 14 * DAY - 1) == ""
    assert cover.ending(ends - 14 * DAY).startswith(
        "auto is certified until 2025-12-02T12:00:00Z only: its data of"
    )
    assert cover.ending(ends) == ""
    assert Cover.of(failed(PLAN), PLAN).ending(ends - DAY) == ""
    brief = certificate(PLAN, max_age=18 * DAY)  # it holds for eight days
    assert Cover.of(brief, PLAN).ending(ISSUED + 5 * DAY) == ""
    assert Cover.of(brief, PLAN).ending(ISSUED + 6 * DAY)


def test_what_the_journal_keeps_says_the_same_later():
    row = json.loads(json.dumps(Cover.of(CERTIFICATE, PLAN, "a.json").journalled()))
    assert (row["sha256"], row["file"]) == (CERTIFICATE.digest, "a.json")
    assert row["gates"][1] == ["zero_gain", True, "31 % of the budget spent, allowed 60 %"]
    assert shown(row, NOW) == (True, "covers this config until 2025-12-02T12:00:00Z; 2 gate(s) passed")
    over, text = shown(row, CERTIFICATE.expires_at)
    assert (over, text[:33]) == (False, "ran out at 2025-12-02T12:00:00Z: ")
    assert shown(Cover("d").journalled(), NOW) == (False, "no certificate covers this config")
    assert shown(Cover.of(failed(PLAN), PLAN).journalled(), NOW)[1].startswith(
        "the certificate was not passed"
    )


# -- where it lies ----------------------------------------------------------------------------------------------------


def test_it_is_looked_for_beside_the_config(tmp_path):
    place = Place.of(tmp_path / "sample.yaml")
    assert place.cover(PLAN).refusal == "no certificate covers this config"
    write(CERTIFICATE, tmp_path / "sample.certificate.json")
    found = place.cover(PLAN)
    assert (found.covers, found.file) == (True, "sample.certificate.json")


def test_a_named_file_must_be_good_and_one_that_was_found_need_not(tmp_path):
    file = tmp_path / "sample.certificate.json"
    file.write_text("{}")
    found = Place.of(tmp_path / "sample.yaml").cover(PLAN)
    assert found.refusal.startswith(
        f"the certificate beside the config can't be used: {file}:1:1 no certificate"
    )
    assert not found.at(NOW).granted
    with pytest.raises(ConfigError, match="no certificate of setpoint"):
        Place.of(tmp_path / "sample.yaml", file).cover(PLAN)
    with pytest.raises(ConfigError, match="No such file"):
        Place.of(tmp_path / "sample.yaml", tmp_path / "other.json").cover(PLAN)


def test_a_certificate_can_t_be_changed():
    with pytest.raises(AttributeError):
        CERTIFICATE.issued_at = 0.0
    assert isinstance(CERTIFICATE, Certificate)
