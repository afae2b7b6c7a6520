"""Consumers whom others brought: each with an id from who brought them and as how manieth, never from the order.

The third friend of a person is the same stranger whatever the policy, whoever else came before, however the market was
cut: same id, same rate, same place on the wheel of messages, same luck. Few, so they lie in a table and are all asked
in every step. Called by the agents; calls models.draws and models.response.gamma_rates.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.consumers.declaration import Floats, State
from models.consumers.fading import NOTHING
from models.consumers.layout import Ints
from models.draws import Uint64, key_of, personal, uniforms
from models.response.gamma_rates import rate as rate_of

_BROUGHT, _RATE, _PLACE = (
    np.array([key_of(name)], np.uint64)
    for name in ("brought by", "rate of a newcomer", "place of a newcomer")
)
_NEW = np.uint64(1 << 63)
_COLUMNS = {
    "cell": np.int64,
    "person": np.uint64,
    "by": np.uint64,
    "rate": np.float64,
    "pantry": np.float32,
    "streak": np.float32,
    "memory": np.float32,
    "reached": np.bool_,
}


def ids(by: Uint64, ordinal: Ints) -> Uint64:
    """Ids of the newcomers number `ordinal`, from 0, of these persons; the top bit tells them from the first people.

    >>> ids(np.array([5, 5], np.uint64), np.array([0, 1])) >> np.uint64(63)
    array([1, 1], dtype=uint64)
    """
    return personal(_BROUGHT, by, ordinal.astype(np.uint64)) | _NEW


@dataclass(frozen=True, slots=True, eq=False)
class Newcomers:
    """A table of newcomers, a row each, in the order in which they came."""

    cell: Ints
    person: Uint64
    by: Uint64
    rate: Floats
    pantry: NDArray[np.float32]
    streak: NDArray[np.float32]
    memory: NDArray[np.float32]
    reached: NDArray[np.bool_]

    @staticmethod
    def none() -> "Newcomers":
        """An empty table."""
        return Newcomers(**{name: np.empty(0, kind) for name, kind in _COLUMNS.items()})

    @staticmethod
    def of(state: State) -> "Newcomers":
        """The table of a state."""
        return Newcomers(**{name: state[f"new.{name}"] for name in _COLUMNS})

    @property
    def size(self) -> int:
        """Rows."""
        return int(self.person.size)

    def state(self) -> dict[str, Any]:
        """The table as named arrays of a state."""
        return {f"new.{name}": getattr(self, name) for name in _COLUMNS}

    def joined(self, cell: Ints, by: Uint64, shape: float) -> "Newcomers":
        """The table with one more for each of these persons, who may stand there several times."""
        order = np.lexsort((by, cell))
        cell, by = cell[order], by[order]
        person = ids(by, self._ordinals(cell, by))
        nothing, yes = np.full(cell.size, NOTHING), np.ones(cell.size, np.bool_)
        rate = rate_of(uniforms(personal(_RATE, person)), shape)
        new = Newcomers(cell, person, by, rate, nothing, nothing, nothing, yes)
        return Newcomers(
            **{name: np.concatenate([getattr(self, name), getattr(new, name)]) for name in _COLUMNS}
        )

    def passed(self, wheel: Floats, turned: Floats) -> NDArray[np.bool_]:
        """Whom the wheel of messages passes as it turns."""
        place = uniforms(personal(_PLACE, self.person))
        return np.asarray((place - wheel[self.cell]) % 1.0 < turned[self.cell])

    def _ordinals(self, cell: Ints, by: Uint64) -> Ints:
        """As how manieth each comes: those of the same person before, in the table and among these (sorted)."""
        old = np.flatnonzero(np.isin(self.by, by))
        both = np.concatenate([cell, self.cell[old]]), np.concatenate([by, self.by[old]])
        _, group = np.unique(_pairs(*both), return_inverse=True)
        before = np.bincount(group[cell.size :], minlength=int(group.max(initial=-1)) + 1)
        mine = group[: cell.size]
        starts = np.flatnonzero(np.diff(mine, prepend=-1))
        run = np.arange(mine.size) - np.repeat(starts, np.diff(starts, append=mine.size))
        return np.asarray(before[mine] + run)


def _pairs(cell: Ints, by: Uint64) -> Any:
    """Cell and person as one sortable thing."""
    pairs = np.empty(cell.size, [("cell", np.int64), ("by", np.uint64)])
    pairs["cell"], pairs["by"] = cell, by
    return pairs
