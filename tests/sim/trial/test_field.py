"""A trial from cases to figures: everybody meets the same luck, nothing is done twice, nothing is dropped silently."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import field_trial
from controller.errors import SetpointError
from sim.evidence import play as evidence
from sim.evidence import rows
from sim.scenarios._family import kinds
from sim.sweep import SerialExecutor
from sim.trial import code
from sim.trial.entries import STANDARD, entries_of
from sim.trial.field import play_all
from sim.trial.judge import judge
from tests.sim.evidence.kit import TEXT, campaign, task
from tests.sim.trial.kit import Counting, file, trial


def loss(found, name, scenario="steady"):
    return found.played[f"{scenario} on small", name].figures["loss"]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Nothing, the file and the oracle, in the calm market."""
    return play_all(trial(tmp_path_factory.mktemp("trial")), SerialExecutor())


def test_the_oracle_is_better_than_the_file_and_that_than_nothing(played):
    nothing, own, best = (loss(played, name).mean() for name in ("fixed", "pid", "oracle"))
    assert best < own < nothing


def test_the_parts_of_a_loss_are_those_of_the_shared_one(played):
    (verdict,) = judge(played)
    still, own = verdict.rows["fixed"], verdict.rows["pid"]
    spend = played.played["steady on small", "pid"].figures["spend"].mean()
    assert sum(own.parts) == pytest.approx(own.loss.value)
    assert own.parts[1] == pytest.approx(0.1 * spend / 100_000)
    assert still.parts[2] == 0.0
    assert min(own.parts) > 0


def test_blocks_of_seeds_give_the_same_figures_as_one_block(played, tmp_path):
    cut = play_all(trial(tmp_path, rows=("fixed", "pid"), block=1), SerialExecutor())
    for name in ("fixed", "pid"):
        whole, parts = (each.played["steady on small", name].figures for each in (played, cut))
        assert all(np.array_equal(whole[figure], parts[figure]) for figure in whole)


def test_blocks_of_seeds_stay_in_order_within_each_market(tmp_path):
    whole, cut = (
        play_all(trial(tmp_path, rows=("pid",), markets="assumed", block=size), SerialExecutor())
        for size in (2, 1)
    )
    assert len(loss(whole, "pid")) == 18
    assert np.array_equal(loss(whole, "pid"), loss(cut, "pid"))


def test_what_is_finished_is_not_done_again_and_what_is_lost_is(tmp_path):
    folder, first, second, third = tmp_path / "out", Counting(), Counting(), Counting()
    asked = trial(tmp_path, rows=("fixed", "pid"))
    play_all(asked, first, folder)
    play_all(asked, second, folder)
    next((folder / "results").glob("*.npz")).unlink()
    play_all(asked, third, folder)
    assert (len(first.done), len(second.done), len(third.done)) == (2, 0, 1)


def test_another_state_of_the_code_does_everything_anew(tmp_path, monkeypatch):
    folder, again = tmp_path / "out", Counting()
    asked = trial(tmp_path, rows=("fixed",))
    play_all(asked, SerialExecutor(), folder)
    monkeypatch.setattr(code, "digest", lambda: "another")
    play_all(asked, again, folder)
    assert again.done == ["fixed"]


def test_a_row_that_fails_is_shown_stops_no_other_and_is_tried_again(tmp_path, monkeypatch):
    def broken(campaign, name, loop):
        raise ZeroDivisionError("no span")

    folder, asked = tmp_path / "out", trial(tmp_path, rows=("fixed", "updown"))
    monkeypatch.setattr(rows, "all_of", lambda *_args, **_kept: broken(None, "", None))
    found = play_all(asked, SerialExecutor(), folder)
    assert found.played["steady on small", "updown"].missing.startswith("failed: ZeroDivisionError: no span")
    monkeypatch.undo()
    again = Counting()
    assert not play_all(asked, again, folder).played["steady on small", "updown"].missing
    assert "updown" in again.done


def test_a_policy_that_the_campaign_can_not_have_is_named_with_the_reason(tmp_path):
    asked = trial(tmp_path, rows=("fixed", "ours={kind: no_such_kind}", "short={kind: pid, gian: 1}"))
    found = play_all(asked, SerialExecutor())
    assert "no_such_kind" in found.played["steady on small", "ours"].missing
    assert "gian" in found.played["steady on small", "short"].missing
    assert not found.played["steady on small", "fixed"].missing


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["fixd"], "no such row, received 'fixd', allowed: fixed, best fixed"),
        (["a={gain: 1}"], "a is no policy"),
        (["a={kind: fixed}", "a={kind: updown}"], "'a' is given twice"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(asked, said):
    with pytest.raises(SetpointError, match=said):
        entries_of(asked)


def test_gains_are_tuned_on_other_seeds_all_at_once_as_one_by_one():
    grid = ((0.5, 3.0), (2.0, 9.0))
    tuned = evidence.play(task(row="simple_pid", grid=grid).plain())
    for n, gains in enumerate(grid):
        alone = replace(task(row="simple_pid"), gains=gains, seeds=(1000, 1001))
        assert evidence.play(alone.plain())["score.loss"].mean() == tuned["losses"][n]


def test_many_simple_pids_ask_for_gains_of_every_cell():
    plan = rows.with_many_simple_pids(campaign(), np.ones((3, 2)))
    with pytest.raises(ValueError, match="one kp and one ki a cell, received 3 and 3 for 1 cells"):
        evidence.start(evidence.Run(campaign=replace(plan, mode="auto"), seconds=0.0))


def test_every_scenario_is_played_on_a_shipped_campaign():
    asked = field_trial.trial_of(field_trial.arguments([]))
    assert [case.scenario for case in asked.cases] == list(kinds())
    assert (asked.seeds, len(asked.entries), asked.unplayed) == (50, len(STANDARD), {})


def test_the_command_prints_a_table_and_one_line_of_figures(tmp_path, capsys):
    place = file(tmp_path, TEXT)
    words = [str(tmp_path / "out"), "--campaigns", str(place), "--scenarios", "steady", "--seeds", "2"]
    field_trial.main([*words, "--weeks", "0.5", "--jobs", "1", "--json", "--rows", "fixed,pid,auto,oracle"])
    out = capsys.readouterr().out.splitlines()
    told = json.loads(out[-1])
    assert 0 < told["pid, mean score in 1 scenarios"]["value"] < 1
    assert told["auto, mean score"]["target"] == 0.8
    assert any(line.split()[:2] == ["targets"] for line in out if line)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scenarios", "stedy"], "no 'stedy', allowed: all, or of steady"),
        (["--seeds", "1"], "received 1, allowed: 2 or more"),
        (["--campaigns", "none"], "there is no file"),
        (["--weeks", "0.1"], "hold no full window"),
        (["--rows", "best"], "no such row, received 'best'"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(words, said, tmp_path):
    with pytest.raises(SystemExit, match=said):
        field_trial.main([str(tmp_path / "out"), *words])


@pytest.mark.proof
def test_the_whole_field():
    """Misses are listed, not failed on; rows that break are."""
    asked = field_trial.arguments([".proof/field-trial", "--json"])
    found = field_trial.played(asked)
    broken = {key: each.missing for key, each in found.played.items() if each.missing.startswith("failed")}
    field_trial.tell(found, asked.json)
    assert broken == {}
