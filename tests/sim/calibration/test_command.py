"""`setpoint calibrate` as people call it: what it prints, writes and ends with."""

import json
import re

import pytest
from click.testing import CliRunner

from controller.cli.exits import Failure
from controller.errors import ConfigError, SetpointError
from sim.calibration import read
from sim.cli.calibrate import calibrate
from tests.house.places import ROOT
from tests.sim.calibration import kit


def ran(*words):
    """Code, stdout and stderr, errors of the tree turned into their codes as the group does."""
    run = CliRunner().invoke(calibrate, [str(word) for word in words])
    if isinstance(run.exception, SetpointError):
        return Failure(run.exception).exit_code, run.stdout, str(run.exception)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    return run.exit_code, run.stdout, run.stderr


def test_the_recorded_market_passes_and_the_wrong_ones_are_refused(tmp_path):
    out = tmp_path / "market.json"
    code, said, told = ran("recorded", "--out", out, "--against", "wrong")
    assert code == 0
    for words in (
        "6,690 rows, 2017-01-01 to 2017-12-31", "hours of America/New_York", "2,062 hours without a row are zero",
        "closed every year on 25 December", "Hold-out: fitted to 2017-01-01 to 2017-08-31", "simulated 90 % band",
        "a factor of 0 to 2", "Not identified", "heaviest fifth of 2,469", "1,718 redemptions",
        "Wrong on purpose: no weekly profile. Refused", "Poisson noise. Refused", "wrong zone, 5 h off. Refused",
        "PASSED",
    ):  # fmt: skip
        assert words in said, words
    assert "NOT refused" not in said
    page = (ROOT / "docs" / "calibration.md").read_text()
    table = said.partition("Hold-out")[2].partition("The bands")[0].splitlines()[2:]
    for line in table:
        statistic, recorded, *_ = re.split(r"\s{2,}", line.strip())
        assert f"| {statistic} | {recorded} |" in page
    assert len(table) == 14
    assert f"written: {out}" in told
    market = read(out)
    assert market.certifies()
    assert market.digest[:12] in told
    assert market.data.people == 2469


def test_a_market_that_fails_is_written_with_its_failure_and_ends_with_1(tmp_path):
    values = kit.counted(84)[0]
    values[60:] = 5.0 * values[60:]
    path = kit.write(tmp_path / "sales.csv", kit.rows(values))
    out = tmp_path / "market.json"
    code, said, _ = ran(path, "--out", out)
    assert code == 1
    assert "FAILED: mean of a day" in said
    assert "may NOT certify" in said
    assert not read(out).certifies()
    assert "mean of a day" in read(out).refusal()
    out.unlink()
    code, _, told = ran(path, "--out", out, "--only-if-passed")
    assert (code, out.exists()) == (1, False)
    assert "not written" in told


def test_json_is_one_value_with_everything_in_it(tmp_path):
    path = kit.file(tmp_path / "sales.csv", days=91)
    code, said, _ = ran(path, "--json", "--out", tmp_path / "m.json", "--gain", "0.5:1.5", "--seed", "3")
    data = json.loads(said)
    assert code == (0 if data["passed"] else 1)
    assert data["gain"]["low"] == 0.5
    assert 0.5 <= data["fitted"]["gain"][0] <= data["fitted"]["gain"][2] <= 1.5
    assert data["fitted"]["delay"] == [None, None, None]
    assert {"statistic", "recorded", "low", "high", "alone", "passed"} <= set(data["holdout"]["rows"][0])
    assert data["data"]["rows"] == 91 * 24


def test_a_file_that_is_there_stays_unless_told_otherwise(tmp_path):
    path, out = kit.file(tmp_path / "sales.csv", days=70), tmp_path / "market.json"
    out.write_text("mine")
    code, _, told = ran(path, "--out", out)
    assert code == 2
    assert "is there already" in told
    assert out.read_text() == "mine"
    ran(path, "--out", out, "--overwrite")
    assert read(out).data.name == "sales.csv"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere.csv"], "there is no file 'nowhere.csv'"),
        (["recorded", "--utc"], "--utc needs --timezone"),
        (["recorded", "--gain", "2:1"], "not an interval"),
        (["recorded", "--from", "1 May"], "not a day"),
        (["recorded", "--without", "2017-05-02..2017-05-01"], "ends before it begins"),
        (["recorded", "--out", "no/such/folder/m.json"], "there is no folder"),
    ],
)
def test_a_wrong_command_line_ends_with_2(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, told = ran(*words)
    assert code == 2
    assert says in told


def test_data_that_can_t_be_used_end_with_3_and_leave_no_file(tmp_path):
    path, out = kit.file(tmp_path / "sales.csv", days=3), tmp_path / "m.json"
    code, _, told = ran(path, "--out", out)
    assert code == 3
    assert "sales.csv:1:1 3 days with counts" in told
    assert not out.exists()
    code, _, told = ran("recorded", "--timezone", "America/New_Yrok", "--out", out)
    assert code == 1
    assert "did you mean 'America/New_York'" in told


def test_people_without_trips_say_nothing(tmp_path):
    path = kit.file(tmp_path / "sales.csv", days=70)
    assert ran(path, "--people", "100", "--out", tmp_path / "m.json")[0] == 2


def test_faults_are_config_errors_so_that_all_stand_on_stderr_at_once(tmp_path):
    path = kit.write(tmp_path / "sales.csv", [("2025-01-01", "x"), ("yesterday", "5")])
    run = CliRunner().invoke(calibrate, [str(path), "--out", str(tmp_path / "m.json")])
    assert isinstance(run.exception, ConfigError)
    assert [problem.line for problem in run.exception.problems] == [2, 3]
