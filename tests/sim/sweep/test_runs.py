"""A sweep keeps what is finished, does not do it again, and gives all in order; in this process."""

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from sim.sweep import Progress, SerialExecutor, SweepError, chunks, run
from sim.sweep.executor import Done
from sim.sweep.runs import STOP_AFTER
from sim.sweep.task import release
from sim.sweep.work import work
from tests.sim.sweep.functions import HERE, draws
from tests.sim.sweep.same import same


class Backwards:
    """Gives the last task first."""

    def map(self, function, tasks):
        for index in reversed(range(len(tasks))):
            yield Done(index, work(function, tasks[index], release()))


def noted(folder, count=5):
    return [{"seed": seed, "folder": str(folder)} for seed in range(count)]


def ran(folder):
    return (folder / "ran").read_text().split() if (folder / "ran").exists() else []


def finish(tasks, folder, executor=None, name="noted", tell=None):
    return [v["seed"] for v in run(executor or SerialExecutor(), f"{HERE}:{name}", tasks, folder, tell)]


@pytest.mark.parametrize("size", [1, 7, 50, 500])
def test_chunking_changes_no_bit(size):
    whole = draws({"seed": 3, "first": 0, "count": 120})
    tasks = [{"seed": 3, "first": first, "count": count} for first, count in chunks(120, size)]
    parts = list(run(SerialExecutor(), f"{HERE}:draws", tasks))
    same([{name: np.concatenate([part[name] for part in parts]) for name in whole}], [whole])


def test_values_come_in_the_order_of_the_tasks_whatever_finishes_first(tmp_path):
    assert finish(noted(tmp_path), tmp_path / "out", Backwards()) == [0, 1, 2, 3, 4]
    assert ran(tmp_path) == ["4", "3", "2", "1", "0"]


def test_files_do_not_hang_on_the_order(tmp_path):
    for name, executor in [("a", SerialExecutor()), ("b", Backwards())]:
        finish(noted(tmp_path), tmp_path / name, executor)
    for file in (tmp_path / "a" / "results").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / "results" / file.name).read_bytes()


def test_what_is_there_is_not_done_again(tmp_path):
    told = []
    finish(noted(tmp_path, 3), tmp_path / "out")
    assert finish(noted(tmp_path, 5), tmp_path / "out", tell=told.append) == [0, 1, 2, 3, 4]
    assert ran(tmp_path) == ["0", "1", "2", "3", "4"]
    assert told[0] == Progress(total=5, there=3)
    assert str(told[-1]) == "5 of 5 tasks done (3 were there)"


def test_equal_tasks_are_done_once_and_given_each_time(tmp_path):
    tasks = [*noted(tmp_path, 2), *noted(tmp_path, 2)]
    assert finish(tasks, None) == [0, 1, 0, 1]
    assert ran(tmp_path) == ["0", "1"]


def test_a_sweep_left_half_way_goes_on(tmp_path):
    left = run(SerialExecutor(), f"{HERE}:noted", noted(tmp_path), tmp_path / "out")
    assert [next(left)["seed"], next(left)["seed"]] == [0, 1]
    left.close()
    assert finish(noted(tmp_path), tmp_path / "out") == [0, 1, 2, 3, 4]
    assert ran(tmp_path) == ["0", "1", "2", "3", "4"]


def test_nothing_to_do_gives_nothing(tmp_path):
    assert finish([], tmp_path / "out") == []


def test_without_a_folder_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sweep = run(SerialExecutor(), f"{HERE}:noted", noted(tmp_path, 2))
    next(sweep)
    assert [path.name.startswith("setpoint-sweep-") for path in tmp_path.iterdir() if path.is_dir()] == [True]
    sweep.close()
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_failed_tasks_are_named_the_others_kept_and_the_same_call_goes_on(tmp_path):
    given, out = [], tmp_path / "out"
    with pytest.raises(SweepError) as told:
        given.extend(run(SerialExecutor(), f"{HERE}:picky", noted(tmp_path, 6), out))
    assert [each["seed"] for each in given] == [0], "none behind the first failed one: an order has no holes"
    text = str(told.value)
    assert text.startswith(
        f"3 of 6 tasks failed; the 3 finished ones are kept in {out}: mend the cause and run the same"
    )
    assert "task 3 (seed=3, folder=" in text
    assert "ValueError: odd seeds are not liked, received 3 (in functions.py:" in text
    assert [each.number for each in told.value.failed] == [1, 3, 5]
    traces = [file.read_text() for file in (out / "failed").iterdir()]
    assert len(traces) == 3
    assert all("Traceback" in trace and 'raise ValueError(f"odd' in trace for trace in traces)
    (tmp_path / "mended").touch()
    told = []
    assert finish(noted(tmp_path, 6), out, name="picky", tell=told.append) == list(range(6))
    assert (told[0].there, told[-1].done) == (3, 3)
    assert list((out / "failed").iterdir()) == []


def test_when_too_many_fail_no_more_are_begun(tmp_path):
    tasks = [{"seed": 2 * n + 1, "folder": str(tmp_path)} for n in range(STOP_AFTER + 30)]
    with pytest.raises(
        SweepError, match=f"{STOP_AFTER} of {STOP_AFTER + 30} tasks failed, so no more were begun"
    ) as told:
        finish(tasks, tmp_path / "out", name="picky")
    assert f"and {STOP_AFTER - 5} more" in str(told.value)


def test_without_a_folder_the_first_failure_ends_it(tmp_path):
    with pytest.raises(
        SweepError, match="1 of 6 tasks failed, so no more were begun; nothing is kept: give a folder"
    ):
        finish(noted(tmp_path, 6), None, name="picky")


@pytest.mark.parametrize(
    ("name", "said"),
    [("leaving", "SystemExit: gone"), ("unkept", "result thing: can't be kept, received object")],
)
def test_a_task_that_leaves_or_gives_what_can_t_be_kept_has_failed(name, said):
    with pytest.raises(SweepError, match=said):
        list(run(SerialExecutor(), f"{HERE}:{name}", [{}]))


def test_a_function_that_is_not_there_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(SweepError, match="no function"):
        run(SerialExecutor(), f"{HERE}:nothing", [{}], tmp_path / "out")
    with pytest.raises(SweepError, match="not plain data"):
        run(SerialExecutor(), f"{HERE}:draws", [{"a": object()}], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def one_result(out):
    return next(iter((out / "results").glob("*.npz")))


def notes(told):
    return [each.note for each in told if each.note]


def test_half_written_files_are_ignored_cleared_away_and_said(tmp_path):
    told, out = [], tmp_path / "out"
    finish(noted(tmp_path, 2), out)
    whole = one_result(out)
    whole.rename(whole.with_name(whole.name + ".part"))
    assert finish(noted(tmp_path, 2), out, tell=told.append) == [0, 1]
    assert notes(told) == ["1 half-written file of an earlier run ignored and cleared away"]
    assert told[0].note or told[1].there == 1
    assert list(out.glob("**/*.part")) == []


@pytest.mark.parametrize("harm", ["cut", "other", "empty"])
def test_a_damaged_result_is_set_aside_said_and_done_again(tmp_path, harm):
    told, out = [], tmp_path / "out"
    finish(noted(tmp_path, 3), out)
    one, other = sorted((out / "results").glob("*.npz"))[:2]
    one.write_bytes({"cut": one.read_bytes()[:-30], "other": other.read_bytes(), "empty": b""}[harm])
    assert finish(noted(tmp_path, 3), out, tell=told.append) == [0, 1, 2]
    assert len(ran(tmp_path)) == 4
    (note,) = notes(told)
    assert f"{one.name} is damaged (" in note
    assert note.endswith("set aside, its task is done again")
    assert one.with_suffix(".damaged").exists()


def index(out):
    return [json.loads(line) for line in (out / "index.jsonl").read_text().splitlines()]


def test_the_index_has_a_line_a_result_with_its_seed(tmp_path):
    finish(noted(tmp_path, 3), tmp_path / "out", Backwards())
    lines = index(tmp_path / "out")
    assert [(line["number"], line["task"]["seed"]) for line in lines] == [(2, 2), (1, 1), (0, 0)]
    assert {line["version"] for line in lines} == {release()}


@pytest.mark.parametrize("harm", ["half", "none", "empty", "nonsense"])
def test_an_index_cut_by_a_kill_is_written_anew(tmp_path, harm):
    told, out = [], tmp_path / "out"
    finish(noted(tmp_path, 3), out)
    before, path = index(out), out / "index.jsonl"
    text = path.read_text()
    harmed = {"half": text[:-20], "none": None, "empty": "", "nonsense": "[]\n" + text}[harm]
    path.unlink() if harmed is None else path.write_text(harmed)
    finish(noted(tmp_path, 3), out, tell=told.append)
    assert sorted(map(str, index(out))) == sorted(map(str, before))
    assert len(ran(tmp_path)) == 3
    assert len(notes(told)) == (harm in ("half", "nonsense"))


def test_a_line_without_its_file_goes(tmp_path):
    out = tmp_path / "out"
    finish(noted(tmp_path, 3), out)
    one_result(out).unlink()
    finish(noted(tmp_path, 3), out)
    assert len(index(out)) == 3
    assert len({line["digest"] for line in index(out)}) == 3


def test_a_folder_of_another_layout_is_refused_and_left_alone(tmp_path):
    out = tmp_path / "out"
    finish(noted(tmp_path, 1), out)
    (out / "sweep.json").write_text('{"layout": 2}')
    before = sorted(path.name for path in out.rglob("*"))
    with pytest.raises(
        SweepError, match="has layout 2, this version reads and writes layout 1: take another folder"
    ):
        finish(noted(tmp_path, 2), out)
    assert sorted(path.name for path in out.rglob("*")) == before


@pytest.mark.parametrize("mark", ["", "[]", '{"other": 1}'])
def test_a_mark_that_is_none_is_refused(tmp_path, mark):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sweep.json").write_text(mark)
    with pytest.raises(SweepError, match=r"sweep\.json is no mark of a sweep"):
        finish(noted(tmp_path, 1), tmp_path / "out")


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(SweepError, match=r"not empty and holds no sweep, received dear\.txt"):
        finish(noted(tmp_path, 1), tmp_path / "letters")
    with pytest.raises(
        SweepError, match=r"dear.txt is no folder, allowed: a folder of results, or a new name"
    ):
        finish(noted(tmp_path, 1), tmp_path / "letters" / "dear.txt")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["dear.txt"]


def test_a_folder_that_a_kill_left_without_its_mark_is_taken(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / ".lock").touch()
    (out / "sweep.json.part").touch()
    assert finish(noted(tmp_path, 1), out) == [0]


def test_two_sweeps_do_not_write_to_one_folder(tmp_path):
    first = run(SerialExecutor(), f"{HERE}:noted", noted(tmp_path), tmp_path / "out")
    next(first)
    with pytest.raises(SweepError, match="another sweep is writing to"):
        finish(noted(tmp_path), tmp_path / "out")
    first.close()
    assert finish(noted(tmp_path), tmp_path / "out") == [0, 1, 2, 3, 4]


class Halves:
    """A file that is written in two halves, with a step between them."""

    def __init__(self, file, between):
        self.file, self.between = file, between

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        self.between()
        return self.file.write(data[len(data) // 2 :])

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)


def killed_at(step, out, tasks):
    """Runs the sweep in a child that is killed at its nth step on the disk; how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        left = [step]

        def then(real):
            def called(*words, **more):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*words, **more)

            return called

        real = Path.open
        Path.open = lambda *words, **more: Halves(real(*words, **more), then(lambda: None))
        os.fsync, Path.rename, Path.mkdir = then(os.fsync), then(Path.rename), then(Path.mkdir)
        finish(tasks, out)
        os._exit(0)
    finally:
        os._exit(1)


def test_a_kill_at_any_step_on_the_disk_leaves_a_folder_to_go_on_from(tmp_path):
    tasks = noted(tmp_path, 3)
    finish(tasks, tmp_path / "never")
    wanted = {file.name: file.read_bytes() for file in (tmp_path / "never" / "results").iterdir()}
    step, kept = 0, set()
    while (ended := killed_at(step, out := tmp_path / str(step), tasks)) == -signal.SIGKILL:
        told = []
        assert finish(tasks, out, tell=told.append) == [0, 1, 2]
        assert {file.name: file.read_bytes() for file in (out / "results").iterdir()} == wanted
        assert [line["number"] for line in sorted(index(out), key=lambda line: line["number"])] == [0, 1, 2]
        kept.add(next(each.there for each in told if not each.note))
        step += 1
    assert ended == 0, "the last one was not killed"
    assert step > 20
    assert kept == {0, 1, 2, 3}


def test_a_full_disk_leaves_what_is_finished(tmp_path, monkeypatch):
    out, real = tmp_path / "out", os.fsync
    finish(noted(tmp_path, 2), out)

    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        finish(noted(tmp_path, 4), out)
    monkeypatch.setattr(os, "fsync", real)
    told = []
    assert finish(noted(tmp_path, 4), out, tell=told.append) == [0, 1, 2, 3]
    assert next(each.there for each in told if not each.note) == 2


def test_results_of_two_kinds_of_machine_are_told(tmp_path, monkeypatch):
    told, out = [], tmp_path / "out"
    finish(noted(tmp_path, 1), out)
    monkeypatch.setattr("sim.sweep.work.ground", lambda: "another")
    assert finish(noted(tmp_path, 2), out, tell=told.append) == [0, 1]
    assert "the workers were of 2 kinds (versions, machine or processor differ)" in told[-1].note


def test_a_folder_can_be_moved(tmp_path):
    finish(noted(tmp_path, 2), tmp_path / "out")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    finish(noted(tmp_path, 2), Path(tmp_path / "elsewhere"))
    assert len(ran(tmp_path)) == 2
