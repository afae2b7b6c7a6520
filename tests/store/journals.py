"""Small journals for the tests of the stores."""

import sqlite3
from contextlib import closing

import numpy as np

from controller.ports import Record


def tick(index, size=1):
    return Record("tick", index, 60.0 * index, {"applied.odds": np.full(size, index / 7)}, {"elapsed": 60.0})


def shell(path, sql):
    """What another process would see or do: a connection of its own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(sql).fetchall()


def log_of(path):
    return path.with_name(path.name + "-wal")
