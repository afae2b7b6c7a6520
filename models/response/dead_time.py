"""Dead time: what is done now is first felt later, unchanged in shape.

    y(t) = x(t - delay)

A line of past doses, first row oldest. Exact, because only steps that divide the delay are taken. Called by the plants'
parts; calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

DELAY = Parameter(
    2 * 3600.0,
    0.0,
    3 * 86_400.0,
    "s",
    "proposal; 0 to 3 days for mailed coupons (Complete Journey, type A campaigns)",
    True,
)


def steps_of(delay: float, dt: float) -> int:
    """How many steps of dt seconds make the delay; ValueError where dt does not divide it.

    >>> steps_of(7200.0, 600.0)
    12
    """
    count = round(delay / dt)
    if delay < 0 or dt <= 0 or abs(count * dt - delay) > 1e-9 * max(dt, delay):
        raise ValueError(
            f"a delay must be a multiple of the step, received a delay of {delay} s and a step of {dt} s"
        )
    return count


def line(delay: float, dt: float, first: NDArray[np.float64]) -> NDArray[np.float64]:
    """A delay line as if `first`, shape (cells,), had been given for ever; shape (steps, cells)."""
    return np.repeat(first[None, :], steps_of(delay, dt), axis=0)


def delayed(
    past: NDArray[np.float64], dose: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put a dose in, shape (cells,), and take the oldest out: (new line, delayed dose).

    >>> past = line(120.0, 60.0, np.array([0.0]))
    >>> for dose in (1.0, 2.0, 3.0):
    ...     past, out = delayed(past, np.array([dose]))
    >>> out
    array([1.])
    """
    if not len(past):
        return past, dose
    return np.concatenate([past[1:], dose[None, :]]), past[0]
