"""How a measured value follows each of several inputs: a lag behind a dead time, sampled once a period.

    f' = f + (1 - exp(-1 / lag)) (u(t - dead) - f)        y = sum over inputs of gain x f, and what no input made

exact for inputs that are held over a period; a dead time between two periods weighs both neighbours. What comes is
linear in what is known, so it is worked out once for unit inputs. Called by problem and design; pure arrays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LONGEST = 80
"""Periods ahead, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Arrays of shape (inputs,), times in periods; ValueError for a gain of 0, a lag not above 0, a dead time below 0.

    >>> one = Answers(np.array([0.5]), np.array([4.0]), np.array([1.5]))
    >>> one.past, one.horizon, one.after_unit(3).round(3)[0]
    (3, 14, array([0.   , 0.055, 0.154]))
    """

    gain: Array
    """Share of the target that the whole range of an input does; above or below 0."""
    lag: Array
    dead: Array

    def __post_init__(self) -> None:
        if not (np.isfinite(self.gain) & (self.gain != 0)).all():
            raise ValueError(f"gain: got {self.gain}, allowed are finite numbers other than 0")
        if not (np.isfinite(self.lag) & (self.lag > 0)).all():
            raise ValueError(f"lag: got {self.lag}, allowed are periods above 0")
        if not (np.isfinite(self.dead) & (self.dead >= 0)).all():
            raise ValueError(f"dead: got {self.dead}, allowed are periods, 0 or more")

    @property
    def inputs(self) -> int:
        """How many."""
        return len(self.gain)

    @property
    def past(self) -> int:
        """Inputs of so many periods must be remembered."""
        return int(np.floor(self.dead).max()) + 2

    @property
    def horizon(self) -> int:
        """Periods until all is answered: the dead time and three lags."""
        return int(np.clip(np.ceil((self.dead + 3 * self.lag).max()), 3, LONGEST))

    def advanced(self, f: Array, past: Array, put_in: Array) -> tuple[Array, Array]:
        """After one more period of `put_in`: f of shape (..., inputs), past (..., past, inputs), newest first."""
        line = np.concatenate([put_in[..., None, :], past[..., :-1, :]], axis=-2)
        whole, column = np.floor(self.dead).astype(np.int64), np.arange(self.inputs)
        part, keep = self.dead - whole, np.exp(-1.0 / self.lag)
        later = np.minimum(whole + 1, line.shape[-2] - 1)
        felt = (1 - part) * line[..., whole, column] + part * line[..., later, column]
        return keep * f + (1 - keep) * felt, line

    def after_unit(self, periods: int) -> Array:
        """gain x f after 1, 2, ... periods of an input of one that stays, shape (inputs, periods)."""
        f, past, ones = np.zeros(self.inputs), np.zeros((self.past, self.inputs)), np.ones(self.inputs)
        found = np.empty((self.inputs, periods))
        for n in range(periods):
            f, past = self.advanced(f, past, ones)
            found[:, n] = self.gain * f
        return found

    def free(self, f: Array, past: Array, periods: int) -> Array:
        """gain x f after 1, 2, ... periods with nothing more put in, summed over inputs; shape (..., periods)."""
        nothing = np.zeros_like(f)
        found = []
        for _ in range(periods):
            f, past = self.advanced(f, past, nothing)
            found.append(_summed(self.gain * f))
        return np.stack(found, axis=-1)


def _summed(values: Array) -> Array:
    """Sum over the last axis, one after the other: no bit depends on how many cells lie side by side."""
    total = values[..., 0]
    for n in range(1, values.shape[-1]):
        total = total + values[..., n]
    return total
