"""`setpoint sweep`: variants of a real campaign through the real loop, killed, gone on with, and read."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from controller.assembly import cells_of
from controller.config import load
from controller.errors import ConfigError, PortError
from sim.cli.sweep import sweep
from sim.runs.runner import WEEK, Run, finish, start
from sim.runs.scores import scores
from sim.sweep import SerialExecutor, run
from sim.sweep.campaign import SCORE, Row, Trial, rows
from sim.sweep.reading import read_sweep
from sim.sweep.table import Found, lines, verdict
from sim.sweep.variants import axis_of, read_variants
from tests.house.places import ROOT
from tests.sim.sweep import cluster_kit

FILE = Path("configs/push_frequency.yaml")
GAIN = "loops.activity.policy.gain"
BRIEF = ["--weeks", "0.5", "--seeds", "3"]


def call(*words, code=0):
    done = CliRunner().invoke(sweep, [str(FILE.resolve()), *map(str, words)])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A folder and what the command said of it, made once."""
    out = tmp_path_factory.mktemp("swept") / "out"
    done = call("--vary", f"{GAIN}=0.195,2", *BRIEF, "--workers", 1, "--out", out, "--json")
    return out, json.loads(done.stdout), done.stderr


def test_rows_are_the_scores_of_the_real_loop_on_the_same_luck(swept):
    _, said, _ = swept
    assert [row["settings"] for row in said["rows"]] == [{}, {GAIN: 0.195}, {GAIN: 2}]
    campaign = replace(load(FILE), mode="auto")
    cells = cells_of(campaign).replicated(3)
    own = scores(campaign, finish(start(Run(campaign=campaign, seconds=0.5 * WEEK, cells=cells))), 3)
    for name in ("inside", "spend", "moves", "loss"):
        assert said["rows"][0][name] == pytest.approx(getattr(own, name).mean(), rel=1e-12), name


def test_a_variant_equal_to_the_file_scores_the_same_and_differs_by_nothing(swept):
    _, said, _ = swept
    assert load(FILE).loops["activity"].policy.settings.gain == 0.195
    written, same, other = said["rows"]
    assert {**same, "settings": {}} == written
    assert (same["above"], same["half"]) == (0.0, 0.0)
    assert other["above"] == pytest.approx(other["loss"] - written["loss"])


def test_the_folder_reads_as_a_row_a_run(swept):
    out, said, _ = swept
    frame = read_sweep(out)
    assert len(frame) == 9
    assert frame["replica"].tolist() == [0, 1, 2] * 3
    assert set(frame["seed"]) == {1}
    means = frame.groupby(GAIN)["loss"].mean()
    assert means.to_dict() == pytest.approx({row["settings"][GAIN]: row["loss"] for row in said["rows"][1:]})


def test_the_same_command_goes_on_from_what_is_there(swept):
    out, said, _ = swept
    done = call("--vary", f"{GAIN}=0.195,2", *BRIEF, "--out", out, "--json")
    assert done.stderr == "3 of 3 tasks done (3 were there)\n"
    assert json.loads(done.stdout) == {**said, "tasks_there": 3, "tasks_run": 0}


def test_a_larger_grid_does_what_is_new_alone(swept):
    out, _, _ = swept
    said = json.loads(
        call("--vary", f"{GAIN}=1,2,0.195", *BRIEF, "--workers", 1, "--out", out, "--json").stdout
    )
    assert (said["tasks_there"], said["tasks_run"]) == (3, 1)
    assert [row["settings"] for row in said["rows"]] == [{}, {GAIN: 1}, {GAIN: 2}, {GAIN: 0.195}]


@pytest.mark.parametrize("size", [1, 2])
def test_runs_of_a_variant_can_be_cut_in_any_way(swept, size):
    _, said, _ = swept
    variants = read_variants(FILE, [axis_of(f"{GAIN}=2")])[1:]
    trial = Trial(weeks=0.5, seeds=3)
    tasks = trial.tasks(variants, size)
    assert len(tasks) == -(-3 // size)
    parts = list(run(SerialExecutor(), SCORE, tasks))
    assert np.concatenate([part["replica"] for part in parts]).tolist() == [0, 1, 2]
    (row,) = rows(trial, tasks, iter(parts))
    for name in ("inside", "spend", "moves", "low", "high", "loss"):
        assert getattr(row, name) == said["rows"][2][name], name


LINE = [
    sys.executable,
    "-c",
    "from sim.cli.sweep import sweep; sweep()",
    str(FILE),
    "--vary",
    f"{GAIN}=0.195,2",
]


def test_killed_half_way_it_goes_on_to_the_same_table_and_files(swept, tmp_path):
    whole, said, _ = swept
    line = [*LINE, *BRIEF, "--out", str(tmp_path / "out"), "--json"]
    with subprocess.Popen([*line, "--workers", "1"], cwd=ROOT, stdout=subprocess.PIPE) as killed:
        while not list(tmp_path.glob("out/results/*.npz")):
            assert killed.poll() is None
            time.sleep(0.005)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    there = len(list(tmp_path.glob("out/results/*.npz")))
    assert 1 <= there < 3
    done = subprocess.run([*line, "--workers", "2"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == f"3 of 3 tasks done ({there} were there)"
    wanted = {**said, "tasks_there": there, "tasks_run": 3 - there, "folder": str(tmp_path / "out")}
    assert json.loads(done.stdout) == wanted
    for file in (tmp_path / "out" / "results").iterdir():
        assert file.read_bytes() == (whole / "results" / file.name).read_bytes()


def test_stopped_by_ctrl_c_it_says_how_to_go_on(swept, tmp_path):
    shutil.copytree(swept[0], tmp_path / "out")
    line = [*LINE, "--weeks", "500", "--out", str(tmp_path / "out"), "--workers", "2"]
    with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) as stopped:
        assert stopped.stderr.readline() == "0 of 3 tasks done\n"
        stopped.send_signal(signal.SIGINT)
        rest = stopped.stderr.read()
    assert f"what is finished is kept in {tmp_path / 'out'}; the same command goes on from there" in rest
    assert "Traceback" not in rest


@pytest.mark.real
def test_a_cluster_gives_the_same_table(swept, cluster):
    _, said, _ = swept
    done = call("--vary", f"{GAIN}=0.195,2", *BRIEF, "--cluster", cluster, "--json")
    assert json.loads(done.stdout) == {**said, "folder": None}


def test_the_text_says_what_a_reader_has_to_know(swept):
    out, _, _ = swept
    text = call("--vary", f"{GAIN}=0.195,2", *BRIEF, "--out", out).stdout
    for words in ("2 variants beside the file as written", "3 runs of different luck from seed 1", "Recorded:",
                  "Nothing real is touched", "as written", "in band", "loss J", "J to as written", "less is better",
                  "the 95 % interval of that row taken alone"):  # fmt: skip
        assert words in text
    assert "+0.0000 ± 0.0000" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["--vary", "loops.activty.policy.gain=1"],
            2,
            "loops.activty: nothing of that name is in the file; did you mean",
        ),
        (["--vary", f"{GAIN}="], 2, "an empty list"),
        ([], 2, "Missing option '--vary'"),
        (["--vary", f"{GAIN}=1", "--workers", "2", "--cluster", "tcp://x:1"], 2, "exclude each other"),
        (["--vary", f"{GAIN}=1", "--workers", "0"], 2, "0 is not in the range"),
    ],
)
def test_a_wrong_command_line_is_told(words, code, said):
    assert said in call(*words, code=code).output.replace("\n", " ")


def test_a_wrong_value_is_told_as_that_of_the_file(tmp_path):
    done = CliRunner().invoke(
        sweep, [str(FILE), "--vary", "loops.activity.policy.gian=1", "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, ConfigError)
    assert "loops.activity.policy.gian: unknown key 'gian'" in str(done.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.real
def test_a_cluster_out_of_reach_is_told(monkeypatch):
    cluster_kit.need_dask()
    monkeypatch.setattr("sim.sweep.ClusterExecutor.__init__.__defaults__", (0.3,))
    done = CliRunner().invoke(sweep, [str(FILE), "--vary", f"{GAIN}=1", "--cluster", "tcp://127.0.0.1:1"])
    assert isinstance(done.exception, PortError)


def found(*told):
    """A table of made-up rows: loss, above, half."""
    made = [
        Row(
            settings={} if not n else {GAIN: n},
            inside=1,
            spend=0,
            moves=n,
            low=1,
            high=2,
            loss=a,
            above=b,
            half=c,
        )
        for n, (a, b, c) in enumerate(told)
    ]
    return Found(load(FILE), "", Trial(weeks=1.0, seeds=3), made)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            [(0.5, 0, 0), (0.3, -0.2, 0.1)],
            "is better than the file as written: its loss is 0.2000 less, at least 0.1000",
        ),
        (
            [(0.5, 0, 0), (0.3, -0.2, 0.1), (0.9, 0.4, 0.1)],
            "It is so as the best of 2 on this luck: try it on another",
        ),
        (
            [(0.5, 0, 0), (0.3, -0.2, 0.3)],
            "No variant is shown to be better than the file as written; nearest is row 1",
        ),
        (
            [(0.5, 0, 0), (0.9, 0.4, 0.1)],
            "The file as written is better than every variant; nearest is row 1",
        ),
        ([(0.5, 0, np.nan), (0.3, -0.2, np.nan)], "has the smallest loss, on one run, which says little"),
        (
            [(0.5, 0, np.nan), (0.6, 0.1, np.nan)],
            "No variant has a smaller loss than the file as written, on one run",
        ),
    ],
)
def test_the_verdict_says_what_the_interval_shows(told, said):
    assert said in verdict(found(*told))


def test_a_long_table_shows_the_best_and_says_so():
    text = list(lines(found((0.5, 0, 0), *((1 - n / 100, 0.1, 0.01) for n in range(80)))))
    assert "The 49 of the smallest loss among 80; --json has all." in text
    assert sum(line.startswith(("as written", *map(str, range(10)))) for line in text) == 50
