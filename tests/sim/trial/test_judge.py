"""Scores and regrets, on losses that were never played."""

from pathlib import Path

import numpy as np
import pytest

from controller.config import load, loads
from sim.trial.cases import Case, Trial
from sim.trial.entries import entries_of
from sim.trial.field import Found, Played
from sim.trial.judge import judge, overspend, ratio, together
from sim.trial.table import lines
from sim.trial.targets import targets
from tests.sim.evidence.kit import TEXT

NAMES = ("fixed", "simple_pid", "pid", "auto", "mpc", "oracle")
SEEDS = 8


def found(tmp_path, losses, missing=None, scenarios=("steady",), seeds=SEEDS):
    """A trial whose losses are given: scenario -> entry -> loss of each future."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    trial = Trial(entries=entries_of(NAMES), scenarios=scenarios, files=(path,), weeks=1.0, seeds=seeds)
    played = {}
    for case in trial.cases:
        for name in NAMES:
            loss = np.broadcast_to(losses[case.scenario].get(name, 0.1), (seeds,)).astype(float)
            zero = np.zeros(seeds)
            figures = {"loss": loss, "inside": zero, "spend": zero, "moves": zero, "reversals": zero}
            why = (missing or {}).get(name, "")
            played[case.name, name] = Played(missing=why) if why else Played(figures, cpu=1.0)
    return Found(trial, {path: (1.0, 3.0)}, played)


def noise(size=SEEDS, scale=0.001, key=0):
    return scale * np.random.default_rng(key).standard_normal(size)


def calm(**losses):
    return {"steady": {"fixed": 0.1 + noise(), "oracle": 0.02 + noise(key=1), **losses}}


def test_doing_nothing_scores_zero_and_the_oracle_one(tmp_path):
    (verdict,) = judge(found(tmp_path, calm(pid=0.06)))
    assert verdict.scored
    assert verdict.rows["fixed"].score.value == 0.0
    assert verdict.rows["oracle"].score.value == 1.0
    assert verdict.rows["pid"].score.value == pytest.approx(0.5, abs=0.02)


def test_where_the_oracle_wins_less_than_five_per_cent_there_is_regret_and_no_score(tmp_path):
    losses = {"steady": {"fixed": 0.1 + noise(), "oracle": 0.097 + noise(), "auto": 0.104 + noise()}}
    (verdict,) = judge(found(tmp_path, losses))
    assert verdict.won.value > 3 * verdict.won.error
    assert not verdict.scored
    assert verdict.rows["auto"].score is None
    assert verdict.rows["auto"].regret.value == pytest.approx(0.004)


def test_where_the_oracle_wins_within_noise_there_is_no_score(tmp_path):
    losses = {"steady": {"fixed": 0.1 + noise(scale=0.1), "oracle": 0.08 + noise(scale=0.1, key=3)}}
    assert not judge(found(tmp_path, losses))[0].scored


def test_the_error_of_a_score_is_that_of_a_bootstrap_over_seeds():
    rng = np.random.default_rng(5)
    below = 1.0 + 0.2 * rng.standard_normal(400)
    above = 0.7 * below + 0.1 * rng.standard_normal(400)
    picks = rng.integers(0, 400, (4000, 400))
    spread = (above[picks].mean(axis=1) / below[picks].mean(axis=1)).std()
    assert ratio(above, below)[0].error == pytest.approx(spread, rel=0.05)


def test_futures_of_one_seed_count_as_one_observation(tmp_path):
    """Four markets that answer alike are no more evidence than one."""
    one = found(tmp_path, calm(pid=0.05 + noise(key=7)))
    many = found(tmp_path, calm(pid=0.05 + noise(key=7)))
    for key, played in many.played.items():
        figures = {name: np.tile(values, 4) for name, values in played.figures.items()}
        many.played[key] = Played(figures)
    assert judge(many)[0].rows["pid"].score.error == pytest.approx(judge(one)[0].rows["pid"].score.error)


def test_the_worst_decile_is_that_of_shares_whose_mean_is_the_score(tmp_path):
    mine = np.full(20, 0.04)
    mine[3] = 0.12
    still, best = np.full(20, 0.1), np.full(20, 0.02)
    losses = {"steady": {"fixed": still + noise(20), "oracle": best + noise(20), "pid": mine + noise(20)}}
    (verdict,) = judge(found(tmp_path, losses, seeds=20))
    assert verdict.rows["pid"].score.value == pytest.approx(0.7)
    assert verdict.rows["pid"].worst_score == pytest.approx((0.75 - 0.25) / 2)


def test_money_beyond_what_was_due_is_a_share_of_it():
    plan = loads(TEXT)
    weeks = 1.0
    whole = (plan.runs.ends_at() - plan.runs.starts_at()) / (7 * 86400.0)
    due = 100000.0 * weeks / whole
    assert overspend(plan, np.array([0.5 * due, 1.25 * due]), weeks) == pytest.approx([0.0, 0.25])


def test_every_target_is_met_by_a_policy_that_deserves_it(tmp_path):
    scenarios = ("steady", "delayed_and_late_data", "zero_gain")
    good = {
        "fixed": 0.1 + noise(),
        "oracle": 0.02 + noise(key=1),
        "simple_pid": 0.05,
        "pid": 0.06,
        "auto": 0.03,
    }
    late = {**good, "mpc": 0.025}
    dead = {"fixed": 0.1 + noise(), "oracle": 0.1 + noise(), "auto": 0.1 + noise(key=9, scale=1e-5) - 1e-4}
    asked = targets(
        judge(found(tmp_path, dict(zip(scenarios, (good, late, dead), strict=True)), scenarios=scenarios))
    )
    assert [each.met for each in asked] == [True] * 5
    assert asked[0].value == pytest.approx(7 / 8, abs=0.02)


def test_every_miss_is_listed_as_one(tmp_path):
    scenarios = ("steady", "delayed_and_late_data", "zero_gain")
    bad = {
        "fixed": 0.1 + noise(),
        "oracle": 0.02 + noise(key=1),
        "simple_pid": 0.05,
        "pid": 0.06,
        "auto": 0.07,
    }
    late = {**bad, "mpc": 0.08}
    dead = {"fixed": 0.1 + noise(), "oracle": 0.1 + noise(), "auto": 0.11 + noise(key=9)}
    whole = found(tmp_path, dict(zip(scenarios, (bad, late, dead), strict=True)), scenarios=scenarios)
    verdicts = judge(whole)
    asked = targets(verdicts)
    assert [each.met for each in asked] == [False] * 5
    shown = "\n".join(lines(whole, verdicts, asked))
    assert shown.count("MISSED") == 6, "one a target, and their number"


def test_a_row_that_was_not_built_is_shown_with_the_reason_and_meets_nothing(tmp_path):
    whole = found(tmp_path, calm(), missing={"auto": "not built: no such key"})
    verdicts = judge(whole)
    asked = targets(verdicts)
    assert {each.met for each in asked if each.figure.startswith("auto")} == {None}
    assert "missing, auto: not built: no such key" in lines(whole, verdicts, asked)


def test_a_row_that_is_missing_in_one_scored_case_does_not_meet_the_mean(tmp_path):
    scenarios = ("steady", "shock")
    one = {"fixed": 0.1 + noise(), "oracle": 0.02 + noise(key=1), "auto": 0.02}
    whole = found(tmp_path, {"steady": one, "shock": one}, scenarios=scenarios)
    case = whole.trial.cases[1]
    whole.played[case.name, "auto"] = Played(missing="failed: in one of them")
    verdicts = judge(whole)
    mean, lacking = together(verdicts, "auto")
    assert mean.value > 0.9
    assert lacking == ["shock"]
    assert targets(verdicts)[0].met is False


def test_a_case_is_named_by_scenario_and_campaign(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    assert Case("steady", Path("configs/small.yaml"), load(path)).name == "steady on small"
