"""The quadratic programme of one execution: what is foretold, what it should be, what moves cost.

    J = sum over the horizon of (y_j - aim)^2  +  sum of (rho gain^2 (change of u)^2 + sigma gain^2 (u - rest)^2)

y_j is what answers.py foretells plus the disturbance, which is taken to stay as it is (offset-free by a constant output
disturbance: Muske & Badgwell, J. Process Control 12 (2002) 617-632; Maeder, Borrelli & Morari, Automatica 45 (2009)
2214-2222). `rest` are the inputs that carry the aim in the long run (steady.py): with them y is the aim, so the second
sum takes no part of it away. Each input moves a few times: at once, and then after ever longer stretches. Inputs are
shares of their ranges, measured values shares of the target. Called by the policy and design.py; pure arrays.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.mpc.answers import Answers
from models.mpc.qp import Programme
from models.mpc.steady import cheapest

Array = NDArray[np.float64]
STRETCHES = (1, 1, 2, 4)
"""Periods between the moves that are planned; the last one stays."""
RHO = 0.05
"""Weight of a change."""
SIGMA = 0.02
"""Weight of being away from the inputs of rest."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What all cells share; `cost` of the whole range of each input, shape (inputs,), decides who carries the aim."""

    answers: Answers
    cost: Array
    rho: float = RHO

    @property
    def moves(self) -> int:
        """Moves planned for each input."""
        return len(STRETCHES)

    @cached_property
    def _coming(self) -> Array:
        """What each planned input does to y, shape (horizon, moves x inputs), moves first."""
        periods = self.answers.horizon
        steps = self.answers.after_unit(periods)
        begins = np.concatenate([[0], np.cumsum(STRETCHES[:-1])])
        shifted = np.zeros((self.moves + 1, self.answers.inputs, periods))
        for n, begin in enumerate(begins):
            if begin < periods:
                shifted[n, :, begin:] = steps[:, : periods - begin]
        return np.asarray((shifted[:-1] - shifted[1:]).reshape(-1, periods).T)

    @cached_property
    def _weights(self) -> Array:
        """gain^2 of each planned input."""
        return np.tile(self.answers.gain**2, self.moves)

    @cached_property
    def _steps(self) -> Array:
        """Changes from one move to the next, shape ((moves - 1) x inputs, moves x inputs)."""
        size = self.answers.inputs
        return np.eye(self.moves * size)[size:] - np.eye(self.moves * size)[:-size]

    @cached_property
    def programme(self) -> Programme:
        """Matrices of the quadratic programme."""
        size = self.answers.inputs
        first = np.zeros((size, self.moves * size))
        first[:, :size] = np.eye(size)
        every = np.concatenate([first, self._steps])
        changes = self.rho * every.T @ (self._weights[:, None] * every)
        hessian = self._coming.T @ self._coming + changes + SIGMA * np.diag(self._weights)
        return Programme((hessian + hessian.T) / 2, self._steps)

    @property
    def felt(self) -> int:
        """Periods until most of a move is felt: dead time and lag of the quickest input."""
        return int(np.clip(np.ceil((self.answers.dead + self.answers.lag).min()), 1, self.answers.horizon))

    def slope(
        self, f: Array, past: Array, disturbance: Array, aim: Array, coming: Array | None = None
    ) -> Array:
        """g of each cell, shape (cells, moves x inputs).

        Parameters
        ----------
        f, past: as in answers.py, shapes (cells, inputs) and (cells, past, inputs).
        disturbance, aim: shares of the target, shape (cells,).
        coming: what is known in advance of each period ahead, shape (cells, horizon) or longer; None: nothing.
        """
        size, horizon = self.answers.inputs, self.answers.horizon
        ahead = self.answers.free(f, past, horizon) + (disturbance - aim)[:, None]
        wanted = aim - disturbance
        if coming is not None:
            ahead, wanted = ahead + coming[:, :horizon], wanted - coming[:, self.felt - 1]
        found: Array = ahead[:, 0, None] * self._coming[0]
        for n in range(1, ahead.shape[1]):
            found = found + ahead[:, n, None] * self._coming[n]
        rest = cheapest(self.answers.gain, self.cost, wanted)
        found = found - SIGMA * self._weights * np.tile(rest, self.moves)
        found[:, :size] -= self.rho * self._weights[:size] * past[:, 0]
        return found

    def unbounded(self, f: Array, past: Array, disturbance: Array, aim: Array) -> Array:
        """The first move where nothing binds, shape (cells, inputs); linear in all that is given for one input."""
        size = self.answers.inputs
        slope = self.slope(f, past, disturbance, aim)
        if size == 1:  # beyond the ends of the range too
            rest = (aim - disturbance) / self.answers.gain[0]
            kept = cheapest(self.answers.gain, self.cost, aim - disturbance)[:, 0]
            slope = slope - SIGMA * self._weights * (rest - kept)[:, None]
        return np.asarray(np.linalg.solve(self.programme.hessian, -slope.T).T[:, :size], np.float64)
