"""The command: what it prints, what it writes where, and what it refuses."""

import json

import pytest
from click.testing import CliRunner

from controller.certificates import Place, read
from controller.cli import main
from controller.clock import DAY
from sim.evidence.certify import LEAST_SEEDS
from sim.scenarios._family import kinds
from tests.sim.evidence.kit import TEXT, journal, never_played

QUICK = ("--weeks", "0.5", "--seeds", "1", "--draws", "1", "--workers", "1", "--scenarios", "steady")


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The small campaign's file, in a folder of its own, from which commands are typed."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    return path


def simulate(config, *more):
    return CliRunner().invoke(main, ["simulate", str(config), *more])


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What a short run prints and writes."""
    folder = tmp_path_factory.mktemp("small")
    path = folder / "small.yaml"
    path.write_text(TEXT)
    more = ("--json", "--report", str(folder / "small.html"), "--out", str(folder / "runs"))
    done = simulate(path, *QUICK, *more)
    assert done.exit_code == 0, done.output
    return done, folder


def test_json_is_one_valid_value_and_progress_goes_to_stderr(printed):
    done, _ = printed

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    said = json.loads(done.stdout, parse_constant=refuse)
    assert said["campaign"] == "small"
    assert {one["kind"] for one in said["scenarios"]} >= {"steady", "zero_gain", "sign_reversal"}
    assert said["futures"] == 3
    assert said["scenarios"][0]["rows"][1]["half_width"] is None, "one luck has no interval"
    assert "tasks done" in done.stderr


def test_the_page_is_written_where_it_is_asked_for(printed):
    done, folder = printed
    page = (folder / "small.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "small" in page
    assert str(folder / "small.html") in done.stderr


def test_the_table_and_no_page_from_runs_that_are_there(printed, config):
    _, folder = printed
    done = simulate(config, *QUICK, "--no-report", "--out", str(folder / "runs"))
    assert done.exit_code == 0, done.output
    for word in ("config", "best fixed", "oracle", "zero gain", "sign reversal", "you can keep sales at"):
        assert word in done.stdout
    assert "shock" not in done.stdout
    assert not list(config.parent.glob("*.html"))
    assert "18 of 18 tasks done (18 were there)" in done.stderr


def test_without_a_word_the_page_lies_here_under_the_config_s_name(config, monkeypatch):
    prepared(monkeypatch)
    done = simulate(config)
    assert done.exit_code == 0, done.output
    assert (config.parent / "small.report.html").is_file()


def prepared(monkeypatch, **changes):
    """Evidence that was never played comes out; what was asked for is kept."""
    asked = []

    def gather(ask, executor, folder, tell):
        asked.append(ask)
        return never_played(
            campaign=ask.campaign, weeks=ask.weeks, seeds=ask.seeds, draws=ask.draws, **changes
        )

    monkeypatch.setattr("sim.evidence.gather.gather", gather)
    return asked


def test_an_unknown_scenario_is_refused_with_the_nearest(config):
    done = simulate(config, "--scenarios", "steady,zero_gian")
    assert done.exit_code != 0
    assert "'zero_gian'" in done.output
    assert "did you mean 'zero_gain'" in done.output


def test_all_scenarios_and_core_and_a_list_with_those_that_are_never_left_out(config, monkeypatch):
    asked = prepared(monkeypatch)
    for words in ("all", "core", "shock, outage"):
        assert simulate(config, "--no-report", "--scenarios", words).exit_code == 0
    every, core, some = (one.scenarios for one in asked)
    assert every == kinds()
    assert set(core) < set(every)
    assert set(some) == {"steady", "zero_gain", "sign_reversal", "shock", "outage"}
    assert some[0] == "steady"


def test_runs_are_two_weeks_long_or_as_long_as_the_campaign_and_to_certify_four(config, monkeypatch):
    asked = prepared(monkeypatch)
    simulate(config, "--no-report")
    simulate(config, "--no-report", "--certify")
    config.write_text(TEXT.replace("2026-08-09", "2026-07-19"))
    simulate(config, "--no-report")
    simulate(config, "--no-report", "--certify")
    assert [one.weeks for one in asked] == [2.0, 4.0, 1.0, 1.0]
    assert asked[1].scenarios == kinds()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--seeds", str(LEAST_SEEDS - 1)), "at least 4 seeds, received 3"),
        (("--weeks", "2"), "scenarios need 4 weeks to show themselves, received 2"),
    ],
)
def test_what_could_never_certify_is_refused_at_once(config, monkeypatch, more, said):
    asked = prepared(monkeypatch)
    done = simulate(config, "--certify", *more)
    assert done.exit_code == 2
    assert said in done.output
    assert not asked
    assert not list(config.parent.glob("*.json"))


def test_too_few_draws_of_a_fitted_market_are_refused_too(config, monkeypatch, market_file):
    prepared(monkeypatch)
    done = simulate(config, "--certify", "--market", str(market_file), "--draws", "2")
    assert done.exit_code == 2
    assert "at least 4 draws, received 2" in done.output


def test_a_certificate_lies_beside_the_file_and_says_that_its_data_are_too_old(
    config, monkeypatch, market_file
):
    prepared(monkeypatch)
    done = simulate(config, "--certify", "--market", str(market_file), "--no-report")
    assert done.exit_code == 0, done.output
    made = read(Place.of(config).path)
    assert made.passed
    assert str(Place.of(config).path) in done.stderr
    assert "the certificate ran out at 2018-06-30" in done.stderr


def test_a_certificate_on_young_data_covers_the_file(config, monkeypatch, market_file, market):
    from dataclasses import replace
    from datetime import UTC, datetime

    from controller.clock import SystemClock

    prepared(monkeypatch)
    yesterday = datetime.fromtimestamp(SystemClock().now() - DAY, UTC).date().isoformat()
    young = replace(market, data=replace(market.data, last=yesterday))
    monkeypatch.setattr("sim.calibration.read", lambda path: young)
    done = simulate(config, "--certify", "--market", str(market_file), "--no-report")
    assert done.exit_code == 0, done.output
    assert "small.certificate.json: certified until" in done.stderr


def test_without_a_fitted_market_the_certificate_is_written_and_covers_nothing(config, monkeypatch):
    prepared(monkeypatch)
    done = simulate(config, "--certify", "--no-report")
    assert done.exit_code == 0
    assert "was not calibrated on recorded data" in done.stderr
    assert read(Place.of(config).path).market.calibration is None


def test_from_a_journal(config):
    ran = journal(config.parent / "small.journal", days=2.0)
    more = ("--from", "small.journal", "--no-report", "--json")
    done = simulate(config, *QUICK, *more)
    assert done.exit_code == 0, done.output
    assert "Starts from the state of 2026-07-14T16:00:00Z" in json.loads(done.stdout)["statement"]
    assert ran.now == 1_784_044_800.0
    config.write_text(TEXT.replace("campaign: small", "campaign: another"))
    done = simulate(config, *QUICK, *more)
    assert done.exit_code != 0
    assert "it is the journal of 'small'" in done.output


def test_a_config_without_a_market_and_one_that_asks_for_too_much(config):
    config.write_text(TEXT[: TEXT.index("market:")])
    done = simulate(config, *QUICK)
    assert done.exit_code != 0
    assert "no market in this file" in done.output
    config.write_text(TEXT)
    done = simulate(config, "--weeks", "6")
    assert done.exit_code != 0
    assert "weeks: the campaign has 4 weeks left" in done.output


def test_it_touches_no_address_and_no_secret(tmp_path, monkeypatch):
    for name in ("PROM_URL", "ODDS_KEY"):
        monkeypatch.delenv(name, raising=False)
    asked = prepared(monkeypatch)
    from tests.house.places import ROOT

    done = simulate(ROOT / "configs" / "cap_lottery.yaml", "--no-report")
    assert done.exit_code == 0, done.output
    assert asked[0].played[-1] == "oracle"
