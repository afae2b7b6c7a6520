"""The plants that are held possible: a lag and a dead time each, and what follows from them.

    f' = f + (1 - exp(-1 / lag)) (u(t - dead) - f)        in periods; the measured value answers with gain x f

exactly sampled for an input that is held between executions; a dead time between two periods weighs both neighbours.
A window over which a value is measured delays it by half its length, and counts as dead time here. Made once by
`Plants.over`; read by bank, law and margins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complexfloating]

_MOST = 400
"""Periods ahead, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Plants:
    """Plants and their constants, times in periods; arrays of shape (plants, 1) unless said otherwise.

    >>> some = Plants.over((4.0,), (1.75,), 12.0)
    >>> some.horizon.ravel(), some.answer.ravel().round(3)
    (array([12]), array([0.584]))
    """

    lag: Array
    dead: Array
    keep: Array
    """Share of f that a period leaves."""
    whole: NDArray[np.int64]
    """Whole periods of the dead time, shape (plants,)."""
    part: Array
    """What is left of the dead time."""
    horizon: NDArray[np.int64]
    """Periods ahead whose mean is foretold: those of the target's window, or as many as the plant needs to answer."""
    answer: Array
    """That mean of f where a unit is put in from now on."""
    stays: Array
    """That mean of f where it is one and nothing more is put in."""
    coming: Array
    """That mean of f for a unit in each past period, newest first, that was not felt yet; shape (plants, past)."""

    @property
    def count(self) -> int:
        """How many plants."""
        return len(self.lag)

    @property
    def past(self) -> int:
        """Past inputs that must be remembered."""
        return int(self.coming.shape[1])

    @classmethod
    def over(cls, lags: tuple[float, ...], deads: tuple[float, ...], window: float) -> "Plants":
        """Every lag with every dead time, in periods; `window`: periods over which the target is judged.

        ValueError where a lag is not above zero or a dead time below it.
        """
        if not (lags and deads and min(lags) > 0 and min(deads) >= 0):
            raise ValueError(
                f"lags must be above zero and dead times zero or more, received {lags} and {deads}"
            )
        grid = np.meshgrid(np.array(lags, np.float64), np.array(deads, np.float64), indexing="ij")
        lag, dead = grid[0].ravel(), grid[1].ravel()
        keep, whole = np.exp(-1.0 / lag), np.floor(dead).astype(np.int64)
        needed = np.maximum(window, np.ceil(dead + 1.5 * lag))
        horizon = np.clip(np.rint(needed), 1, _MOST).astype(np.int64)
        past = int(whole.max()) + 2
        each = zip(keep, whole, dead - whole, horizon, strict=True)
        rows = [_ahead(k, int(w), p, int(n), past) for k, w, p, n in each]
        answer, stays, coming = (np.array(column) for column in zip(*rows, strict=True))
        part = dead - whole
        return cls(
            lag=lag[:, None], dead=dead[:, None], keep=keep[:, None], whole=whole, part=part[:, None],
            horizon=horizon[:, None], answer=answer[:, None], stays=stays[:, None], coming=coming,
        )  # fmt: skip

    def response(self, z: Complex) -> Complex:
        """From the input in force from a moment on to f at that moment, z-transform; (plants, points)."""
        late = z ** (-1.0 - self.whole[:, None])
        return np.asarray((1 - self.keep) / (1 - self.keep / z) * late * (1 - self.part + self.part / z))

    def foretold(self, z: Complex) -> Complex:
        """From the same input to the mean of f over the horizon, if it stays; (plants, points)."""
        steps = np.arange(1.0, self.past + 1)[:, None]
        return np.asarray(self.answer + self.stays * self.response(z) + self.coming @ z**-steps)


def _ahead(keep: float, whole: int, part: float, horizon: int, past: int) -> tuple[float, float, Array]:
    """Means of f over the horizon after: a unit from now on; f = 1 now; a unit in each past period."""
    cases = past + 2
    line, f, now, total = np.zeros((cases, past)), np.zeros(cases), np.zeros(cases), np.zeros(cases)
    now[0], f[1], line[2:] = 1.0, 1.0, np.eye(past)
    for _ in range(horizon):
        line = np.concatenate([now[:, None], line[:, :-1]], axis=1)
        f = keep * f + (1 - keep) * ((1 - part) * line[:, whole] + part * line[:, whole + 1])
        total += f
    mean = total / horizon
    return float(mean[0]), float(mean[1]), mean[2:]


def summed(rows: Array) -> Array:
    """Sum over the first axis, one after the other: no bit of it depends on how many cells lie side by side."""
    return np.asarray(np.cumsum(rows, axis=0)[-1])
