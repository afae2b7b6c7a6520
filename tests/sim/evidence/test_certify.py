"""From evidence to a certificate: what passes, what covers, what lasts, and what can never certify."""

from dataclasses import replace

import pytest

from controller.certificates import GateResult, covers
from controller.clock import DAY, iso
from sim.evidence.certify import LEAST_DRAWS, LEAST_SEEDS, certificate, lacking, weeks_needed
from sim.scenarios._family import kinds
from tests.sim.evidence.kit import campaign, never_played

WEEKS = weeks_needed(campaign())


@pytest.fixture
def fresh(market):
    """The fitted market, as if its data ended this week."""
    return replace(market, data=replace(market.data, last="2026-07-10"))


@pytest.fixture
def now(fresh):
    """Three days after the end of the data."""
    return fresh.until + 3 * DAY


@pytest.fixture
def found():
    return never_played(weeks=WEEKS)


def failing(found, name):
    """The same evidence in which one gate was not passed."""
    gates = tuple(replace(gate, passed=gate.passed and gate.name != name) for gate in found.gates)
    return replace(found, gates=gates)


def test_a_calibrated_market_and_every_gate_passed_make_a_certificate_that_covers(found, fresh, now):
    made = certificate(found, fresh, now)
    assert made.passed
    answer = covers(made, found.campaign, now)
    assert answer.granted
    assert answer.why.startswith(
        f"certified until {iso(fresh.until + 180 * DAY)}: all {len(found.gates) + 1} gates"
    )
    assert made.market.calibration == fresh.digest
    assert (made.runs.seeds, made.runs.posterior_draws, made.runs.weeks) == (4, 4, WEEKS)
    assert made.runs.scenarios == kinds()
    assert made.gates[: len(found.gates)] == found.gates


def test_one_gate_that_is_not_passed_is_enough(found, fresh, now):
    for name in ("market: calibrated", "zero_gain: helps"):
        made = certificate(failing(found, name), fresh, now)
        answer = covers(made, found.campaign, now)
        assert not made.passed
        assert not answer.granted
        assert name in answer.why


def test_a_market_that_is_not_calibrated_certifies_nothing(found, now):
    made = certificate(found, None, now)
    assert made.data_until is made.market.calibration is None
    answer = covers(made, found.campaign, now)
    assert not answer.granted
    assert "not calibrated on recorded data" in answer.why


def test_an_edit_leaves_the_envelope(found, fresh, now):
    made = certificate(found, fresh, now)
    answer = covers(made, campaign(keep_at="25000 units/day"), now)
    assert not answer.granted
    assert "left the certificate's envelope" in answer.why
    assert covers(made, replace(found.campaign, mode="auto"), now).granted


def test_it_ends_with_the_age_of_its_data(found, fresh, now, market):
    made = certificate(found, fresh, now)
    assert not covers(made, found.campaign, fresh.until + 181 * DAY).granted
    old = certificate(found, market, now)  # the tables that come with Setpoint are of 2017
    answer = covers(old, found.campaign, now)
    assert old.passed
    assert not answer.granted
    assert answer.why.startswith("the certificate ran out at 2018-06-30")


def test_data_of_today_are_no_data_of_tomorrow(found, fresh):
    made = certificate(found, fresh, fresh.until - DAY / 2)
    assert made.data_until == made.issued_at


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": LEAST_SEEDS - 1}, "at least 4 seeds, received 3"),
        ({"draws": LEAST_DRAWS - 1}, "at least 4 draws, received 3"),
        ({"weeks": WEEKS - 0.5}, "scenarios need 4 weeks to show themselves, received 3.5"),
    ],
)
def test_evidence_that_is_too_little_does_not_pass(found, fresh, now, changes, said):
    made = certificate(replace(found, **changes), fresh, now)
    (gate,) = made.failed
    assert gate.name == "evidence: enough"
    assert said in gate.said


def test_every_scenario_must_have_been_played_and_judged(found, fresh, now):
    fewer = replace(found, scenarios=tuple(one for one in found.scenarios if one.kind != "zero_gain"))
    assert "zero_gain not" in certificate(fewer, fresh, now).failed[0].said
    unjudged = replace(found, scenarios=(replace(found.scenarios[0], gates=()), *found.scenarios[1:]))
    assert "nothing was judged in steady" in certificate(unjudged, fresh, now).failed[0].said
    skipped = replace(
        found,
        scenarios=(*found.scenarios[:-1], replace(found.scenarios[-1], rows=(), gates=(), skipped="no")),
    )
    made = certificate(skipped, fresh, now)
    assert made.passed
    assert found.scenarios[-1].kind not in made.runs.scenarios


def test_scenarios_need_their_weeks_unless_the_campaign_is_shorter():
    assert weeks_needed(campaign()) == 4.0
    assert weeks_needed(campaign(to="2026-07-19")) == 1.0
    assert weeks_needed(campaign(), starts=campaign().runs.ends_at() - 2 * 7 * DAY) == pytest.approx(2.0)


def test_all_that_is_lacking_is_told_at_once():
    assert len(list(lacking(("steady",), 1.0, 4.0, 1, 1))) == 4
    assert not list(lacking(kinds(), 4.0, 4.0, 4, None))


def test_gates_keep_their_words(found, fresh, now):
    gate = GateResult("zero_gain: restrained", False, "spends 61% of the budget due beyond doing nothing")
    made = certificate(replace(found, gates=(*found.gates, gate)), fresh, now)
    assert gate in made.gates
    assert "61%" in covers(made, found.campaign, now).why
