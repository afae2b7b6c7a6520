"""A journal in an empty folder, and its owner."""

import pytest

from controller.store import SqliteStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.journal"


@pytest.fixture
def store(path):
    store = SqliteStore(path)
    store.claim("daemon")
    yield store
    store.close()
