"""Free space, whole copies, archives, and a log that is written over and over."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from controller.errors import StoreError
from controller.ports import OperatorCommand
from controller.store import SqliteStore, connection
from tests.store.journals import log_of, shell, tick


def test_free_space_is_that_of_the_journal_s_disk(path):
    asked = []

    def statvfs(folder):
        asked.append(folder)
        return SimpleNamespace(f_bavail=10, f_bfree=99, f_frsize=4096)

    store = SqliteStore(path, statvfs=statvfs)
    assert (store.free_bytes(), asked) == (40_960, [str(path.parent)])
    store.close()
    assert SqliteStore(path).free_bytes() > 0


def test_a_backup_of_a_running_journal_is_whole(store, path, tmp_path):
    for index in range(20):
        store.append(tick(index))
    store.save_snapshot(19, {"a/b/c": np.ones(3)}, {"n": 1})
    store.post(OperatorCommand("hold", "ann", ""))
    store.append(tick(20), durable=False)
    for number, source in enumerate((store, SqliteStore(path, readonly=True))):
        target = tmp_path / f"copy-{number}.journal"
        assert source.backup(target) == target.stat().st_size
        copy = SqliteStore(target)
        assert copy.verify() == 21
        assert copy.snapshot()[0] == 19
        assert copy.claim("drill") == 2
        assert copy.append(tick(21)) == 21
        copy.close()
        with pytest.raises(StoreError, match="overwrites nothing"):
            source.backup(target)
    with pytest.raises(StoreError, match="failed, nothing was left there"):
        store.backup(tmp_path / "no" / "such" / "folder")
    assert sorted(p.name for p in tmp_path.glob("*.part")) == []
    assert store.append(tick(21)) == 21


def test_an_archive_in_a_folder_that_can_not_be_written(store, path, tmp_path, monkeypatch):
    store.append(tick(0))
    archive = tmp_path / "archive" / "b.journal"
    archive.parent.mkdir()
    store.backup(archive)
    monkeypatch.setattr(os, "access", lambda *_: False)
    reader = SqliteStore(archive, readonly=True)
    assert [record.index for record in reader.records()] == [0]
    reader.close()
    assert [p.name for p in archive.parent.iterdir()] == ["b.journal"]


def test_the_log_is_grown_once_and_kept(store, path):
    log = log_of(path)
    grown = log.stat().st_size
    assert grown >= connection.PAGE_SIZE * connection.CHECKPOINT_PAGES
    for index in range(100):
        store.append(tick(index))
    assert log.stat().st_size == grown
    assert shell(path, "SELECT name FROM sqlite_schema WHERE name = 'scratch'") == []
