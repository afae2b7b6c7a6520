"""A digest of the code that a trial runs on: part of every task, so that no result outlives the code that made it.

Called by sim.trial.cases; reads the source files of the three packages.
"""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

PACKAGES = ("controller", "models", "sim")
READ = (".py", ".csv", ".yaml", ".json")
"""Endings of the files that decide what comes out of a run."""


@cache
def digest() -> str:
    """SHA-256 over names and contents of all source files, the first 16 characters.

    >>> len(digest())
    16
    """
    found = hashlib.sha256()
    for package in PACKAGES:
        _add(found, package, files(package))
    return found.hexdigest()[:16]


def _add(found: "hashlib._Hash", name: str, place: Traversable) -> None:
    for each in sorted(place.iterdir(), key=lambda inner: inner.name):
        if each.is_dir():
            _add(found, f"{name}/{each.name}", each)
        elif each.name.endswith(READ):
            found.update(f"{name}/{each.name}\0".encode())
            found.update(hashlib.sha256(each.read_bytes()).digest())
