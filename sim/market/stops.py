"""Stock and budget at the target: when what a lever gives away is gone, the lever is off.

Made by the market for each Cap of a Drive and asked after each step; reads the truth of the history, as a target knows
its own ledger, and stops the lever. What the cells of a pool use is one sum, and they stop together.
"""

import numpy as np

from controller.cells import Array, Cells
from sim.instruments import Cap
from sim.market.history import History
from sim.market.levers import Lever


class Stop:
    """Acts out one cap of one lever."""

    def __init__(self, cap: Cap, lever: Lever, cells: Cells, history: History) -> None:
        self._cap, self._lever, self._cells, self._history = cap, lever, cells, history
        self._before: Array | None = cells.full(0.0) if cap.since == -np.inf else None

    def look(self, moment: float) -> None:
        """Stop the lever where its cap is reached; `moment` is the end of the step, UTC seconds."""
        used = np.sum([self._history.at(name, self._history.steps) for name in self._cap.signals], axis=0)
        if self._before is None:
            if moment < self._cap.since:
                return
            self._before = used
        gone = self._cells.total(used - self._before) >= self._cap.total
        if gone.any():
            self._lever.stop(gone[self._cells.pool_of], moment)
