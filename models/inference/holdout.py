"""Who is held out: by keyed hash of a name, so that it is the same in any order, on any machine, for ever.

    hash = first 8 bytes of HMAC-SHA-256(key, purpose NUL name)          held out where hash < share x 2^64

(HMAC: RFC 2104.) Nothing is stored and nobody can move in or out by asking again; without the key nobody can tell who
is held out. Raising the share keeps those who were held out. Another purpose is another, independent choice. Persons
fall on each side with binomial noise; for a few cells (stores) `held_cells` takes exactly the wanted number.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from models.inference.checks import Bools


def hashes(names: Sequence[str], key: bytes, purpose: str = "holdout") -> NDArray[np.uint64]:
    """A 64-bit word a name, shape (names,).

    Raises
    ------
    ValueError: a key of fewer than 16 bytes; an empty name; a purpose with a NUL.
    """
    if len(key) < 16:
        raise ValueError(f"key: received {len(key)} bytes, allowed are 16 or more")
    if "\0" in purpose:
        raise ValueError(f"purpose: received {purpose!r}, allowed is a word without NUL")
    if "" in names:
        raise ValueError(f"names: received an empty name at ({list(names).index('')},), allowed are names")
    start = hmac.new(key, purpose.encode() + b"\0", sha256)
    return np.array([_word(start, name) for name in names], np.uint64)


def held_out(names: Sequence[str], key: bytes, share: float, purpose: str = "holdout") -> Bools:
    """Whether each name is held out, shape (names,); about `share` of them, 0 <= share < 1.

    >>> held = held_out([f"person-{n}" for n in range(10_000)], b"sixteen bytes or", 0.05)
    >>> bool(0.04 < held.mean() < 0.06)
    True
    """
    return np.asarray(hashes(names, key, purpose) < np.uint64(int(_share(share) * 2.0**64)), np.bool_)


def held_cells(names: Sequence[str], key: bytes, share: float, purpose: str = "holdout") -> Bools:
    """Exactly round(share x cells) cells, at least one where share is above 0: those of the lowest hashes.

    A cell that is added or closed changes the choice by one other cell at most.

    Raises
    ------
    ValueError: as `hashes`; a name that is there twice; a share that would hold out every cell.

    >>> int(held_cells([f"store-{n}" for n in range(40)], b"sixteen bytes or", 0.05).sum())
    2
    """
    words, wanted = hashes(names, key, purpose), 0
    if len(set(names)) != len(names):
        raise ValueError(
            f"names: received {len(names)} of which {len(set(names))} differ, allowed is each once"
        )
    if _share(share) > 0:
        wanted = max(1, int(np.floor(share * len(names) + 0.5)))
    if wanted >= max(len(names), 1):
        raise ValueError(
            f"share: received {share!r} of {len(names)} cells, allowed is one that leaves a cell treated"
        )
    held = np.zeros(len(names), np.bool_)
    held[np.argsort(words, kind="stable")[:wanted]] = True
    return held


def _word(start: hmac.HMAC, name: str) -> int:
    each = start.copy()
    each.update(name.encode())
    return int.from_bytes(each.digest()[:8], "big")


def _share(share: float) -> float:
    if not 0.0 <= share < 1.0:
        raise ValueError(f"share: received {share!r}, allowed is a number from 0 to below 1")
    return share
