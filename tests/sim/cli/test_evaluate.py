"""`setpoint evaluate`: values with their support, refusals in plain words, exit codes."""

import json

import pytest
from click.testing import CliRunner

from controller.cells import Cells
from controller.cli.exits import Failure
from controller.errors import SetpointError
from controller.store import SqliteStore
from sim.cli.evaluate import evaluate
from tests.sim.ope.ope_kit import Population, open_bandit
from tests.support.world import World, campaign_with, policy_plan


def run(*words):
    """As the group runs it: errors of the tree become exit codes."""
    done = CliRunner().invoke(evaluate, list(map(str, words)))
    if isinstance(done.exception, SetpointError):
        return Failure(done.exception).exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture
def log(tmp_path):
    sample = Population(41).sample(1200, 1).log
    rows = zip(sample.action, sample.reward, sample.propensity, strict=True)
    text = "action,reward,propensity\n" + "".join(f"{sample.arms[a]},{r},{p!r}\n" for a, r, p in rows)
    (tmp_path / "log.csv").write_text(text.replace("np.float64(", "").replace(")", ""))
    return tmp_path / "log.csv"


@pytest.fixture
def women(tmp_path):
    log = open_bandit("bts", "women")
    rows = zip(log.action, log.position, log.reward, log.propensity, strict=True)
    lines = [f"{a},{s + 1},{int(r)},{float(p)!r}\n" for a, s, r, p in rows]
    (tmp_path / "women.csv").write_text("item_id,position,click,propensity_score\n" + "".join(lines))
    return tmp_path / "women.csv"


def test_all_estimators_are_told_in_one_table(log):
    code, said = run(log, "--policy", "uniform")
    assert code == 0
    assert "1,200 rows, 4 arms" in said
    for kind in ("ips", "snips", "direct", "cross_fitted_dr", "dros", "switch_dr"):
        assert f"\n{kind} " in said
    assert "effective sample size" in said
    assert "should be 1" in said


def test_json_says_the_same(log):
    code, said = run(log, "--policy", "fixed:b", "--estimator", "ips", "--estimator", "snips", "--json")
    data = json.loads(said)
    assert code == 0
    assert [each["kind"] for each in data["estimates"]] == ["ips", "snips"]
    for each in data["estimates"]:
        assert each["low"] < each["value"] < each["high"]
        assert each["refused"] == []
    assert data["log"]["rows"] == 1200
    assert data["support"]["mean"] == pytest.approx(1.0, abs=0.2)


def test_a_log_that_can_not_tell_is_refused_with_exit_code_1(women):
    code, said = run(women, "--policy", "uniform")
    assert code == 1
    assert "the weighted log is worth 2.1 of its 10,000 rows, needed: 100" in said
    assert "0.0074" not in said
    code, said = run(women, "--policy", "uniform", "--json")
    assert code == 1
    assert {each["value"] for each in json.loads(said)["estimates"]} == {None}


def test_a_policy_in_a_file(log):
    policy = log.parent / "other.csv"
    policy.write_text("action,probability\na,0.25\nb,0.25\nc,0.25\nd,0.25\n")
    by_word, by_file = (run(log, "--policy", asked)[1] for asked in ("uniform", policy))
    assert by_word.splitlines()[2:] == by_file.splitlines()[2:]


def test_the_level_and_the_seed_are_asked_for(log):
    def answer(*words):
        found = json.loads(run(log, "--policy", "uniform", "--json", "--estimator", "dros", *words)[1])
        return found["estimates"][0]

    wide, narrow, other = answer("--level", "0.99"), answer("--level", "0.8"), answer("--seed", "9")
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]
    assert wide["value"] == narrow["value"] != other["value"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--policy", "fixed:z"), 3, "log.csv:1:1 target: arms that the log doesn't have: 'z'"),
        (("--policy", "nothing"), 3, "'nothing' is no file, allowed: uniform, fixed:ARM"),
        (
            ("--policy", "uniform", "--estimator", "ipw"),
            3,
            "unknown estimator kind 'ipw'; did you mean 'ips'?",
        ),
        (("--policy", "uniform", "--loop", "sales"), 3, "--loop sales picks a loop of a journal"),
        ((), 2, "Missing option '--policy'"),
    ],
)
def test_what_can_not_be_asked_is_told_with_its_exit_code(log, words, code, said):
    found, text = run(log, *words)
    assert said in text
    assert found == code


def test_a_bad_log_ends_with_the_line_and_exit_code_3(log):
    log.write_text(log.read_text().replace("\na,", "\na,", 1) + "a,1.0,0\n")
    code, said = run(log, "--policy", "uniform")
    assert code == 3
    assert "log.csv:1202:1 propensity: 0 or less, allowed: above 0, at most 1" in said


def test_a_journal_without_decisions_between_arms_is_refused(tmp_path):
    store = SqliteStore(tmp_path / "pid.journal")
    plan = campaign_with(policy_plan("pid", gain=0.5, integral_time=1800.0))
    World(plan, Cells(("north",)), store=store).turns(3)
    store.close()
    code, said = run(tmp_path / "pid.journal", "--policy", "uniform")
    assert code == 3
    assert (
        "no decisions between arms in it: columns tick, arm, propensity, reward, forced are missing" in said
    )
