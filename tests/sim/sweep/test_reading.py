"""A folder of results as a table."""

import numpy as np
import pytest

from sim.sweep import SerialExecutor, SweepError, run
from sim.sweep.reading import read_results, read_sweep
from tests.sim.sweep.functions import HERE, chunk_tasks
from tests.sim.sweep.same import same


def swept(tasks, out, name):
    return list(run(SerialExecutor(), f"{HERE}:{name}", tasks, out))


def test_a_row_a_scenario_where_results_are_arrays(tmp_path):
    tasks = [{"seed": 3, "first": first, "count": 4, "settings": {"a.b": first / 2}} for first in (8, 0, 4)]
    values = swept(tasks, tmp_path / "out", "draws")
    frame = read_sweep(tmp_path / "out")
    assert list(frame.columns) == [
        "task",
        "seed",
        "first",
        "count",
        "a.b",
        "element",
        "scenario",
        "rows",
        "top",
    ]
    assert frame["task"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert frame["scenario"].tolist() == [8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7]
    assert frame["element"].tolist() == [0, 1, 2, 3] * 3
    assert frame["top"].to_numpy().tobytes() == np.concatenate([each["top"] for each in values]).tobytes()
    assert frame["rows"][5].tolist() == values[1]["rows"][1].tolist()
    assert frame.groupby("a.b")["top"].mean()[2.0] == pytest.approx(values[2]["top"].mean())


def test_a_row_a_task_where_results_are_single_values(tmp_path):
    swept([{"seed": seed, "folder": str(tmp_path)} for seed in (5, 2)], tmp_path / "out", "noted")
    frame = read_sweep(tmp_path / "out")
    assert frame["task.seed"].tolist() == frame["seed"].tolist() == [5, 2]
    assert "element" not in frame


def test_arrays_of_several_lengths_stay_whole(tmp_path):
    swept([{"x": 1}], tmp_path / "out", "everything")
    frame = read_sweep(tmp_path / "out")
    assert len(frame) == 1
    assert frame["array"][0].shape == (2, 3)
    assert frame["list"][0] == [1, [2.5, "x"]]
    assert frame["mapping"][0] == {"a": 1}
    assert frame["whole"][0] == 2**63
    assert frame["text"][0] == "中 文"


def test_results_come_with_the_whole_task(tmp_path):
    tasks = [{"seed": 1, "first": 0, "count": 3, "note": "x" * 500}]
    values = swept(tasks, tmp_path / "out", "draws")
    ((task, found),) = read_results(tmp_path / "out")
    assert task == tasks[0]
    same([found], values)
    assert "note" not in read_sweep(tmp_path / "out")


def test_a_folder_can_be_read_while_a_sweep_writes_to_it(tmp_path):
    sweep = run(SerialExecutor(), f"{HERE}:in_flight", chunk_tasks(tmp_path, 4), tmp_path / "out")
    next(sweep), next(sweep)
    (tmp_path / "out" / "results" / "x.npz.part").touch()
    with (tmp_path / "out" / "index.jsonl").open("a") as file:
        file.write('{"digest": "ha')
    assert read_sweep(tmp_path / "out")["task"].nunique() == 2
    sweep.close()


def test_results_without_a_line_in_the_index_are_read_in_order(tmp_path):
    swept(chunk_tasks(tmp_path, 5), tmp_path / "out", "draws")
    whole = read_sweep(tmp_path / "out")
    (tmp_path / "out" / "index.jsonl").unlink()
    assert read_sweep(tmp_path / "out").equals(whole)


def test_an_empty_sweep_is_an_empty_table(tmp_path):
    swept([], tmp_path / "out", "draws")
    assert len(read_sweep(tmp_path / "out")) == 0


def test_what_is_no_sweep_is_told(tmp_path):
    with pytest.raises(SweepError, match=r"there is no sweep in .*: it has no sweep\.json"):
        read_sweep(tmp_path)
    with pytest.raises(SweepError, match="there is no sweep in"):
        read_sweep(tmp_path / "nowhere")


def test_a_damaged_result_is_told_by_name(tmp_path):
    swept(chunk_tasks(tmp_path, 2), tmp_path / "out", "draws")
    file = next((tmp_path / "out" / "results").iterdir())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(
        SweepError, match=rf"{file.name} is damaged .* the sweep, run again, does its task again"
    ):
        read_sweep(tmp_path / "out")
