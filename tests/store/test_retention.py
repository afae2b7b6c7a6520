"""A journal that forgot its beginning still gives the same facts, and says where it begins."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.errors import StoreError
from controller.loop.facts import Facts
from controller.ports import BudgetScope, Record
from controller.signals import Channel
from controller.store import MemoryStore, SqliteStore
from controller.store.retention import superfluous

CELLS = Cells(("a", "b"))
ODDS = Channel("odds", "share", low=0.0, high=0.1, start=0.03, safe=0.03)
DAY = np.array([739000, 739000])


@pytest.fixture(params=["memory", "sqlite"])
def store(request, path):
    made = MemoryStore() if request.param == "memory" else SqliteStore(path)
    made.claim("daemon")
    yield made
    made.close()


def facts():
    budget = BudgetScope("prizes", "CNY", 1e6, "paid", None, ("odds",))
    return Facts(CELLS, {"odds": ODDS}, {"prizes": budget})


def tick(index):
    level = 0.03 + 0.01 * np.sin(np.array([index, 2.0 * index]))
    paid = {
        "signal.paid.value": np.array([index, index / 3]),
        "signal.paid.good_at": np.full(2, 60.0 * index),
    }
    columns = {"applied.odds": level, "civil.business_date": DAY + index // 50, **paid}
    return Record("tick", index, 60.0 * index, columns)


def run(store, ticks, snapshot_every):
    """Folds as a loop does; returns the facts at the end."""
    folded = facts()
    store.append(Record("config", 0, 0.0, {}, {"text": "campaign: a"}))
    store.append(Record("start", 0, 0.0, {}, {"cells": ["a", "b"]}))
    for index in range(ticks):
        record = tick(index)
        number = store.append(record, durable=index % 10 == 0)
        folded.fold(record)
        if index % snapshot_every == 0:
            store.save_snapshot(
                number, {f"facts/all/{k}": v for k, v in folded.state().items()}, {"index": index}
            )
    return folded.values()


def rebuilt(store):
    """Facts from what the journal still has: its base, then every record after it."""
    folded, first = facts(), 0
    base = store.base()
    if base is not None:
        number, state, _ = base
        folded.restore({key.removeprefix("facts/all/"): value for key, value in state.items()})
        first = number + 1
    for record in store.records(first):
        folded.fold(record)
    return folded.values()


def same(one, other):
    assert list(one) == list(other)
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@pytest.fixture(autouse=True)
def close_snapshots(monkeypatch):
    """Bases every 40 records, so that a short journal has several."""
    narrow = lambda known, new: superfluous(known, new, 40)  # noqa: E731
    monkeypatch.setattr("controller.store.retention.superfluous", narrow)
    monkeypatch.setattr("controller.store.memory.superfluous", narrow)


def test_a_pruned_journal_rebuilds_the_same_facts(store):
    wanted = run(store, 400, 5)
    assert store.base() is None
    same(rebuilt(store), wanted)
    for before in (60.0 * 100, 60.0 * 250, 60.0 * 399):
        gone = store.prune(before, keep_at_least=20)
        assert gone > 0
        base = store.base()
        assert base[0] <= store.last("tick").number - 20
        assert tick(base[2]["index"]).time < before
        same(rebuilt(store), wanted)
        assert [r.number for r in store.records(base[0] + 1)] == list(range(base[0] + 1, 402))
    assert store.prune(60.0 * 399, 20) == 0


def test_the_last_start_and_config_stay(store):
    run(store, 200, 5)
    store.prune(60.0 * 150, 1)
    assert [record.kind for record in store.records(0, ("start", "config"))] == ["config", "start"]
    assert store.last("start").data == {"cells": ["a", "b"]}
    assert [record.kind for record in store.records()][:3] == ["config", "start", "tick"]


def test_nothing_goes_where_no_snapshot_allows_it(store):
    folded = run(store, 100, 10_000)  # one snapshot, at the first tick
    assert store.prune(60.0 * 99, 1) == 1
    same(rebuilt(store), folded)
    assert store.prune(0.0, 1) == 0


def test_keep_at_least_wins_over_age(store):
    run(store, 100, 5)
    store.prune(1e9, keep_at_least=60)
    assert len(list(store.records(0, ("tick",)))) >= 60
    assert store.prune(1e9, keep_at_least=10_000) == 0


def test_numbers_go_on_after_pruning(store):
    run(store, 100, 5)
    store.prune(1e9, 1)
    assert store.append(tick(100)) == 102


def test_only_the_owner_prunes(path):
    for stranger in (MemoryStore(), SqliteStore(path)):
        with pytest.raises(StoreError, match="only the owner"):
            stranger.prune(0.0, 1)
        stranger.close()


def test_pruning_in_small_steps(path):
    store = SqliteStore(path)
    store.claim("daemon")
    wanted = run(store, 400, 5)
    steps = []
    while gone := store.prune(60.0 * 300, 20, at_most=50):
        steps.append(gone)
        same(rebuilt(store), wanted)
    assert steps[:-1] == [50] * (len(steps) - 1)
    store.close()
    heir = SqliteStore(path, readonly=True)
    same(rebuilt(heir), wanted)
    heir.verify()
    heir.close()


def test_snapshots_do_not_pile_up(path):
    store = SqliteStore(path)
    store.claim("daemon")
    run(store, 500, 1)
    assert store._db.execute("SELECT count(*) FROM snapshots").fetchone()[0] <= 500 / 40 + 2
    number, _, data = store.snapshot()
    assert (number, data["index"]) == (501, 499)
    store.close()
