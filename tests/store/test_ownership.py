"""One owner a store: who has it is said, who dies frees it, who lost it writes no more."""

import os
import subprocess
import sys

import numpy as np
import pytest

from controller.clock import ManualClock
from controller.errors import StoreBroken, StoreBusy
from controller.ports import Record
from controller.store import SqliteStore, ownership
from tests.store.journals import tick


def test_the_second_owner_is_told_who_has_it(path):
    first = SqliteStore(path, clock=ManualClock(1_750_000_000.0))
    first.claim("summer-cap-lottery")
    second = SqliteStore(path)
    told = (
        rf"summer-cap-lottery \(process {os.getpid()} on .*\) since 2025-06-15T15:06:40Z.*give other a store"
    )
    with pytest.raises(StoreBusy, match=told):
        second.claim("other")
    assert second.holder() == first.holder()
    assert second.holder().owner == "summer-cap-lottery"
    first.close()
    assert second.holder() is None
    assert second.claim("other") == 2
    second.close()


def test_the_term_grows_over_many_lives(path):
    terms = []
    for _ in range(5):
        store = SqliteStore(path)
        terms.append(store.claim("daemon"))
        store.close()
    assert terms == [1, 2, 3, 4, 5]


def test_the_lock_of_a_killed_daemon_is_free(path):
    code = (
        "import sys, os, signal; from controller.store import SqliteStore; s = SqliteStore(sys.argv[1]);"
        "s.claim('victim'); print('claimed', flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout.readline() == "claimed\n"
        heir = SqliteStore(path)
        with pytest.raises(StoreBusy, match=f"victim .process {victim.pid} "):
            heir.claim("heir")
        assert heir.holder().pid == victim.pid
        victim.kill()
        victim.wait()
    assert heir.holder() is None
    assert heir.claim("heir") == 2
    heir.close()


def test_removing_the_lock_file_does_not_make_two_writers(store, path):
    """Who removes it lets a second owner in; the first one notices before its next write."""
    store.append(tick(0))
    ownership._beside(path).unlink()
    second = SqliteStore(path)
    assert second.claim("second") == 2
    with pytest.raises(StoreBroken, match="term 2 of second has begun, this one writes in term 1"):
        store.append(tick(1))
    assert second.append(tick(1)) == 1
    assert [record.index for record in second.records()] == [0, 1]
    second.close()


def test_layouts_of_the_owner_before_are_known(path):
    """A standby that opened the store before the owner met its layouts must not number them again."""
    owner, standby = SqliteStore(path), SqliteStore(path)
    owner.claim("owner")
    owner.append(tick(0))
    owner.close()
    standby.claim("standby")
    standby.append(Record("tick", 1, 60.0, {"other": np.ones(2)}))
    standby.append(tick(2))
    assert [sorted(record.columns) for record in standby.records()] == [
        ["applied.odds"],
        ["other"],
        ["applied.odds"],
    ]
    standby.close()
