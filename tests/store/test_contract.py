"""Both stores keep the contract of the port; a store that breaks it is found out."""

import itertools

import pytest

from controller.checks import stores
from controller.store import MemoryStore, SqliteStore


def test_memory_store():
    stores.check_store(MemoryStore)


def test_sqlite_store(tmp_path):
    counter = itertools.count(1)
    stores.check_store(
        lambda: SqliteStore(tmp_path / f"{next(counter)}.journal"),
        lambda: SqliteStore(max(tmp_path.glob("*.journal"), key=lambda path: int(path.stem))),
    )


class Forgetful(MemoryStore):
    def last(self, kind):
        return next(iter(self.records(0, (kind,))), None)


class Sharing(MemoryStore):
    def claim(self, owner):
        self._owner = None
        return super().claim(owner)


class Unordered(MemoryStore):
    def records(self, start=0, kinds=None):
        return reversed(list(super().records(start, kinds)))


class Lossy(MemoryStore):
    def append(self, record, durable=True):
        return super().append(record, durable) if durable else self._next - 1


@pytest.mark.parametrize("planted", [Forgetful, Sharing, Unordered, Lossy])
def test_planted_faults_are_found(planted):
    with pytest.raises(AssertionError):
        stores.check_store(planted)
