"""What a market has seen: cumulative counts and levels on its grid of steps, for as long as anybody asks.

Written by the market once a step, read by its sensors and by scoring. Windows are differences of cumulative counts, so
a window of any length costs the same. Keeps `keep` steps and no more; asking further back is an error, never a guess.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from controller.cells import Array


class History:
    """A ring of rows, one a step, for a set of signals.

    >>> history = History(("units",), cells=1, keep=4)
    >>> for count in (5.0, 7.0, 1.0):
    ...     history.add({"units": np.array([count])}, counted=("units",))
    >>> history.at("units", 3), history.between("units", 1, 3), history.oldest
    (array([13.]), array([8.]), 0)
    """

    def __init__(self, signals: Iterable[str], cells: int, keep: int) -> None:
        self._rows = {name: np.zeros((keep + 1, cells)) for name in signals}
        self._keep = keep
        self.steps = 0
        """Steps written so far; row n is the state after n steps, row 0 the start."""

    def add(self, values: Mapping[str, Array], counted: Iterable[str]) -> None:
        """Write a step: `counted` signals are added up, the others stand as they are."""
        before, after = self.steps % (self._keep + 1), (self.steps + 1) % (self._keep + 1)
        adding = frozenset(counted)
        for name, value in values.items():
            rows = self._rows[name]
            rows[after] = rows[before] + value if name in adding else value
        self.steps += 1

    @property
    def oldest(self) -> int:
        """The first step that is still known."""
        return max(self.steps - self._keep, 0)

    def at(self, signal: str, step: int) -> Array:
        """Value after `step` steps, shape (cells,): a total so far, or a level; before the start, the start's."""
        step = max(step, 0)
        if not self.oldest <= step <= self.steps:
            raise LookupError(f"{signal}: step {step} is not kept, only {self.oldest} to {self.steps}")
        return np.array(self._rows[signal][step % (self._keep + 1)])

    def between(self, signal: str, start: int, end: int) -> Array:
        """What was counted after step `start` up to step `end`."""
        return np.asarray(self.at(signal, end) - self.at(signal, start))
