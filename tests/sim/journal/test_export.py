"""`setpoint export`: the journal as CSV and JSON, equal to what `read_journal` gives, to the last bit."""

import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from controller.store import SqliteStore
from sim import read_journal
from tests.sim.replay.replay_kit import SCAN, START, World


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    store = SqliteStore(tmp_path_factory.mktemp("export") / "a.journal")
    world = World(store).live()
    world.accept()
    world.sources["units"].ills = {"down"}
    world.turns(3)
    world.sources["units"].ills.clear()
    world.turns(37)
    store.close()
    return store.path


def export(*words, ok=True):
    words = [sys.executable, "-m", "controller.cli", "export", *map(str, words)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == ok, done.stderr
    return done.stdout if ok else (done.returncode, done.stderr)


def test_csv_holds_every_row_and_column_to_the_last_bit(journal, tmp_path):
    target = tmp_path / "a.csv"
    assert export(journal, "--csv", target) == ""
    found, frame = pd.read_csv(target), read_journal(journal)
    assert list(found.columns) == list(frame.columns)
    assert len(found) == len(frame) == 40 * 2 * 2
    for name in ("decided", "setpoint", "process_value", "reading.units.value", "signal.paid.value"):
        assert np.array_equal(found[name], frame[name], equal_nan=True), name
    assert found["process_value"].isna().any()
    assert found["time"][0] == "2026-07-01T00:05:00Z"
    assert (found["reason"] == frame["reason"].astype(str)).all()


def test_csv_goes_to_stdout_as_well(journal, tmp_path):
    target = tmp_path / "a.csv"
    export(journal, "--csv", target)
    assert export(journal, "--csv", "-") == target.read_text()


def test_json_is_one_value_with_units_and_null_for_what_is_unknown(journal):
    found, frame = json.loads(export(journal, "--json")), read_journal(journal)
    assert found["campaign"] == "trial"
    assert found["columns"] == list(frame.columns)
    assert found["units"]["setpoint"] == frame.attrs["units"]["setpoint"]
    assert len(found["rows"]) == len(frame)
    place = found["columns"].index("process_value")
    expected = [value if math.isfinite(value) else None for value in frame["process_value"].tolist()]
    assert [row[place] for row in found["rows"]] == expected
    assert None in expected
    reason, known = found["columns"].index("reason"), found["columns"].index("known")
    assert [row[reason] for row in found["rows"]] == frame["reason"].tolist()
    assert {type(row[known]) for row in found["rows"]} == {bool}


def test_columns_and_a_window_may_be_chosen(journal):
    begins, ends = pd.Timestamp(START + 10 * SCAN, unit="s"), pd.Timestamp(START + 20 * SCAN, unit="s")
    words = ("--columns", "applied,reason", "--from", begins.isoformat(), "--to", ends.isoformat())
    found = json.loads(export(journal, "--json", *words))
    assert found["columns"] == ["number", "time", "index", "cell", "channel", "applied", "reason"]
    assert len(found["rows"]) == 10 * 2 * 2
    assert found["rows"][0][1] == begins.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_window_without_a_tick_is_an_empty_table(journal):
    assert json.loads(export(journal, "--json", "--from", "2031-01-01"))["rows"] == []
    assert export(journal, "--csv", "-", "--from", "2031-01-01").count("\n") == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["--parquet", "a.parquet"],
            "--parquet is not available in this version, received a.parquet, allowed: --csv",
        ),
        ([], "one form is needed, received none, allowed: --csv, --json"),
        (["--json", "--csv", "-"], "one form is needed, received both"),
        (["--json", "--columns", "aplied"], "no column is called 'aplied'; did you mean 'applied'?"),
    ],
)
def test_what_can_not_be_done_is_refused_by_name(journal, words, text):
    code, said = export(journal, *words, ok=False)
    assert code == 2
    assert text in " ".join(said.split())


def test_a_file_that_is_there_is_not_overwritten_unless_asked(journal, tmp_path):
    target = tmp_path / "mine.csv"
    target.write_text("precious")
    code, said = export(journal, "--csv", target, ok=False)
    assert code == 2
    assert "is there already" in said
    assert target.read_text() == "precious"
    export(journal, "--csv", target, "--overwrite")
    assert target.read_text().startswith("number,time,")


def test_a_journal_that_is_not_there_is_told(tmp_path):
    code, said = export(tmp_path / "no.journal", "--json", ok=False)
    assert code == 4
    assert "there is no journal at" in said
    assert not (tmp_path / "no.journal").exists()
