"""A journal read as a table: every row where it belongs, every unit told, from a file, a store or a backup alike."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from controller.cells import Cells
from controller.errors import StoreBroken, StoreError
from controller.ports import Record
from controller.store import MemoryStore, SqliteStore
from sim.journal.journal import KEYS, ORDER, read_journal
from tests.support.world import START, World, campaign_with, policy_plan

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "journal.md"
ABOUT = {
    "campaign": "caps",
    "cells": ["a", "b"],
    "pool": [0, 1],
    "labels": ["shop", "shop"],
    "channels": {"odds": {"unit": "share"}, "push": {"unit": "push/week"}},
    "sensors": {"units": {"unit": "units/h"}, "opens": {"unit": "opens/h"}},
    "loops": {
        "sales": {"measure": "units", "channels": ["odds"]},
        "activity": {"measure": "opens", "channels": ["push"]},
    },
}


def opened(store):
    store.claim("test")
    return store


@pytest.fixture
def store():
    return opened(MemoryStore())


def world(store, size=3):
    names = tuple(f"store-{number}" for number in range(size))
    return World(campaign_with(policy_plan("pid", gain=0.5, integral_time=1800.0)), Cells(names), store=store)


def test_a_real_loop_s_journal(tmp_path):
    """Each cell of the frame against the record it came from."""
    path = tmp_path / "a.journal"
    store = SqliteStore(path)
    run = world(store)
    run.turns(25)
    frame = sim.read_journal(path)  # while the owner lives
    ticks = list(store.records(0, ("tick",)))
    assert len(frame) == 25 * 3
    assert frame["number"].tolist() == [r.number for r in ticks for _ in range(3)]
    assert frame["index"].tolist() == [r.index for r in ticks for _ in range(3)]
    assert (
        frame["time"] == pd.to_datetime([r.time for r in ticks for _ in range(3)], unit="s", utc=True)
    ).all()
    assert frame["cell"].tolist() == ["store-0", "store-1", "store-2"] * 25
    flat = {
        "applied": "applied.win_rate",
        "requested": "requested.win_rate",
        "decided": "decided.win_rate",
        "low": "limit.win_rate.low",
        "high": "limit.win_rate.high",
        "setpoint": "setpoint.sales",
        "signal.units.value": "signal.units.value",
        "reading.units.samples": "reading.units.samples",
        "known": "known.win_rate",
    }
    for column, name in flat.items():
        wanted = np.concatenate([record.columns[name] for record in ticks])
        assert frame[column].to_numpy().tobytes() == wanted.tobytes(), column
    due = np.array(["process.sales" in record.columns for record in ticks])
    assert 0 < due.sum() < len(ticks)
    assert frame["process_value"].notna().to_numpy().reshape(25, 3)[:, 0].tolist() == due.tolist()
    assert frame["usable"].isna().to_numpy().reshape(25, 3)[:, 0].tolist() == (~due).tolist()
    parts = frame.loc[frame["proposed"].notna(), [c for c in frame if c.startswith("term.")]]
    assert parts.notna().all().all()
    assert set(frame["mode"].unique()) == {"auto"}
    assert set(frame["requested_mode"].unique()) == {"auto"}
    assert set(frame["landing"].unique()) <= {"confirmed", "unconfirmed"}
    assert set(frame["low_by"].astype(str)) <= set(ticks[0].data["names"])
    assert frame.attrs["units"]["applied"] == "share"
    assert frame.attrs["units"]["setpoint"] == frame.attrs["units"]["reading.units.value"] == "units/h"
    store.close()


def test_file_memory_and_backup_give_the_same_frame(tmp_path):
    path = tmp_path / "a.journal"
    file, memory = SqliteStore(path), MemoryStore()
    for store in (file, memory):
        world(store, 400).turns(12)  # 400 cells: records are packed
    wanted = read_journal(memory)
    pd.testing.assert_frame_equal(read_journal(file), wanted)
    file.backup(tmp_path / "b.journal")
    file.close()
    pd.testing.assert_frame_equal(read_journal(tmp_path / "b.journal"), wanted)
    assert wanted.attrs == read_journal(path).attrs
    many = {f"store-{n}": n for n in range(400)}
    assert wanted["cell"].map(many).tolist() == list(range(400)) * 12


def test_packed_columns_of_every_form(store):
    """What is one value, repeated, narrow or wild comes back bit for bit, tick by tick."""
    cells = 3000
    store.append(
        Record(
            "start",
            0,
            0.0,
            {},
            {**ABOUT, "cells": [str(n) for n in range(cells)], "pool": [0] * cells, "labels": None},
        )
    )
    wild = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    written = []
    for index in range(6):
        columns = {
            "applied.odds": np.full(cells, 0.03 + index),
            "decided.odds": np.full(cells, 0.03 + index) if index % 2 else np.sqrt(np.arange(cells) + index),
            "requested.odds": np.resize(np.roll(wild, index), cells),
            "residual.odds": np.arange(cells) * 10.0 ** (index % 3),
            "setpoint.sales": np.resize(np.roll(wild, index), cells),
        }
        written.append(columns)
        store.append(Record("tick", index, 60.0 * index, columns))
    frame = read_journal(store)
    frame = frame[frame["channel"] == "odds"]
    for column, name in {"applied": "applied.odds", "decided": "decided.odds", "requested": "requested.odds",
                         "residual": "residual.odds", "setpoint": "setpoint.sales"}.items():  # fmt: skip
        assert (
            frame[column].to_numpy().tobytes() == np.concatenate([each[name] for each in written]).tobytes()
        ), column


def test_two_channels_two_loops_two_pools(store):
    store.append(Record("start", 0, 0.0, {}, ABOUT))
    columns = {
        "applied.odds": np.array([0.03, 0.04]),
        "applied.push": np.array([1.0, 2.0]),
        "setpoint.sales": np.array([100.0, 200.0]),
        "setpoint.activity": np.array([10.0, 20.0]),
        "signal.units.value": np.array([90.0, 190.0]),
        "term.sales.odds.p": np.array([0.1, 0.2]),
        "civil.business_date": np.array([739000, 739001]),
        "something.new": np.array([7.0, 8.0]),
    }
    store.append(Record("tick", 3, 180.0, columns, {"elapsed": 60.0, "mode": 2, "permitted": False}))
    frame = read_journal(store)
    assert frame[["cell", "channel"]].astype(str).agg("/".join, axis=1).tolist() == [
        "a/odds",
        "a/push",
        "b/odds",
        "b/push",
    ]
    assert frame["applied"].tolist() == [0.03, 1.0, 0.04, 2.0]
    assert frame["setpoint"].tolist() == [100.0, 10.0, 200.0, 20.0]
    assert frame["loop"].tolist() == ["sales", "activity"] * 2
    assert frame["sensor_unit"].tolist() == ["units/h", "opens/h"] * 2
    assert frame["unit"].tolist() == ["share", "push/week"] * 2
    assert frame["pool"].tolist() == [0, 0, 1, 1]
    assert frame["label"].tolist() == ["shop"] * 4
    assert frame["signal.units.value"].tolist() == [90.0, 90.0, 190.0, 190.0]
    np.testing.assert_equal(frame["term.p"].to_numpy(), [0.1, np.nan, 0.2, np.nan])
    assert frame["something.new"].tolist() == [7.0, 7.0, 8.0, 8.0]
    assert frame["business_date"].dt.strftime("%Y-%m-%d").tolist()[1:3] == [
        date.fromordinal(739000 + n).isoformat() for n in (0, 1)
    ]
    assert frame["requested_mode"].tolist() == ["advise"] * 4
    assert frame["elapsed"].tolist() == [60.0] * 4
    units = frame.attrs["units"]
    assert (units["applied"], units["setpoint"], units["signal.units.value"]) == (
        "see unit",
        "see sensor_unit",
        "units/h",
    )


def test_a_second_loop_on_one_channel_keeps_its_own_columns(store):
    loops = {**ABOUT["loops"], "rescue": {"measure": "opens", "channels": ["odds"]}}
    store.append(Record("start", 0, 0.0, {}, {**ABOUT, "loops": loops}))
    columns = {
        "applied.odds": np.ones(2),
        "setpoint.rescue": np.array([5.0, 6.0]),
        "propose.rescue.odds": np.ones(2),
    }
    store.append(Record("tick", 0, 0.0, columns))
    frame = read_journal(store)
    assert frame["setpoint.rescue"].tolist() == [5.0, 5.0, 6.0, 6.0]
    assert "propose.rescue.odds" in frame
    assert "setpoint" not in frame


def test_guardrails_are_named_by_the_list_of_their_own_tick(store):
    store.append(Record("start", 0, 0.0, {}, ABOUT))
    for index, names in enumerate((["terms", "slew"], ["slew", "terms", "calm"])):
        columns = {"limit.odds.low_by": np.array([0, 1]), "limit.odds.high_by": np.array([1, -1])}
        store.append(Record("tick", index, 60.0 * index, columns, {"names": names}))
    frame = read_journal(store)
    frame = frame[frame["channel"] == "odds"]
    assert frame["low_by"].tolist() == ["terms", "slew", "slew", "terms"]
    assert frame["high_by"].astype(object).fillna("nobody").tolist() == ["slew", "nobody", "terms", "nobody"]


def test_lives_with_other_cells_follow_each_other(store):
    one = {**ABOUT, "channels": {"odds": {"unit": "share"}}, "loops": {}}
    for number, cells in enumerate((["a", "b"], ["b", "c", "d"])):
        kind = "start" if number == 0 else "config"
        store.append(Record("config", 0, 0.0, {}, {"text": "campaign: caps"}))
        store.append(
            Record(kind, 0, 0.0, {}, {**one, "cells": cells, "labels": cells, "pool": [0] * len(cells)})
        )
        values = np.arange(float(len(cells))) + 10 * number
        extra = {"mode.odds": np.full(len(cells), 4, np.int8)} if number else {}
        store.append(Record("tick", number, 60.0 * number, {"applied.odds": values, **extra}))
    frame = read_journal(store)
    assert frame["cell"].tolist() == ["a", "b", "b", "c", "d"]
    assert frame["applied"].tolist() == [0.0, 1.0, 10.0, 11.0, 12.0]
    assert isinstance(frame["cell"].dtype, pd.CategoricalDtype)
    assert frame["mode"].astype(object).fillna("-").tolist() == ["-", "-", "auto", "auto", "auto"]


def test_a_journal_without_a_start_is_read_all_the_same(store):
    columns = {"applied.odds": np.ones(2), "signal.units.value": np.ones(2), "setpoint.sales": np.ones(2)}
    store.append(Record("tick", 0, 0.0, columns, {"units": {"units": "units/h"}}))
    frame = read_journal(store)
    assert frame["cell"].tolist() == ["0", "1"]
    assert frame["channel"].tolist() == ["odds", "odds"]
    assert frame.attrs["units"]["signal.units.value"] == "units/h"


def test_an_empty_journal_is_an_empty_frame(tmp_path):
    store = opened(SqliteStore(tmp_path / "a.journal"))
    store.append(Record("start", 0, 0.0, {}, ABOUT))
    frame = read_journal(store)
    assert len(frame) == 0
    assert set(KEYS) <= set(frame.columns)
    store.close()


def test_only_some_columns_and_some_time():
    store = MemoryStore()
    world(store).turns(30)
    whole = read_journal(store)
    some = read_journal(store, columns=["applied", "reason"], since=START + 300, until=START + 900)
    assert list(some.columns) == [*KEYS, "applied", "reason"]
    inside = whole[(whole["time"] >= pd.Timestamp(START + 300, unit="s", tz="UTC"))
                   & (whole["time"] < pd.Timestamp(START + 900, unit="s", tz="UTC"))]  # fmt: skip
    assert some["applied"].tolist() == inside["applied"].tolist()
    assert len(some) == 10 * 3


def test_a_damaged_record_is_refused(tmp_path):
    path = tmp_path / "a.journal"
    store = SqliteStore(path)
    world(store).turns(5)
    number = store.last("tick").number
    store._db.execute("UPDATE records SET body = CAST(body || x'00' AS BLOB) WHERE number = ?", (number,))
    store.close()
    with pytest.raises(StoreBroken, match=f"record {number} .*checksum"):
        read_journal(path)
    with pytest.raises(StoreError, match="there is no journal"):
        read_journal(tmp_path / "b.journal")


def test_every_column_is_documented_with_its_unit():
    """docs/journal.md lists whatever a frame may have."""
    store = MemoryStore()
    world(store).turns(12)
    frame = read_journal(store)
    first_cells = re.findall(r"^\| (`.+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    listed = {name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)}
    general = {
        re.sub(r"^(reading|signal)\.units\.", r"\1.S.", column)
        if not column.startswith("term.")
        else "term.NAME"
        for column in frame
    }
    assert general <= listed
    assert {name for name in ORDER if name != "term"} <= listed
    assert set(frame.columns) == set(frame.attrs["units"])
