"""A pseudo-random binary signal: small, bounded, of mean near zero, and as rich as its length allows.

A maximal-length sequence of a shift register of n bits repeats after 2^n - 1 steps and is nearly white over them
(Ljung, System Identification, 1999, ch. 13.3). Added to an output it makes the plant visible to identification while
the loop goes on steering. It never leaves the limits, and lies on the grid of values that the law and the actuator
allow: where the amplitude does not fit, there is none. Called by whoever runs a test; pure.
"""

import numpy as np

from models.pid.law import Array

_TAPS = {
    3: (3, 2),
    4: (4, 3),
    5: (5, 3),
    6: (6, 5),
    7: (7, 6),
    8: (8, 6, 5, 4),
    9: (9, 5),
    10: (10, 7),
    11: (11, 9),
}
"""Feedback taps of maximal length (Golomb, Shift Register Sequences, 1967)."""


def sequence(bits: int, start: int = 1) -> Array:
    """One period of +1 and -1, shape (2^bits - 1,); `start` is where in the period it begins.

    >>> one = sequence(4)
    >>> len(one), float(one.sum()), float((one * np.roll(one, 3)).sum())
    (15, 1.0, -1.0)
    """
    if bits not in _TAPS:
        raise ValueError(f"bits: got {bits}, allowed are {min(_TAPS)} to {max(_TAPS)}")
    length = 2**bits - 1
    register, found = [1] * bits, np.empty(length)
    for n in range(length):
        found[n] = 1.0 if register[-1] else -1.0
        new = sum(register[tap - 1] for tap in _TAPS[bits]) % 2
        register = [new, *register[:-1]]
    return np.roll(found, -(start % length))


def dithered(
    output: Array, sign: Array, amplitude: float, low: Array, high: Array, resolution: float = 0.0
) -> Array:
    """An output with a test signal on it, shape (cells,): inside the limits, on the grid counted from `low`.

    The amplitude is made a whole number of `resolution`, rounded down; where one side would leave the limits the signal
    is left out there, so that its mean stays zero. ValueError for an amplitude below zero.

    >>> dithered(np.array([0.05, 0.031]), np.ones(2), 0.0025, np.full(2, 0.03), np.full(2, 0.12), 0.001)
    array([0.052, 0.031])
    """
    if not (amplitude >= 0 and np.isfinite(amplitude)) or not resolution >= 0:
        raise ValueError(
            f"amplitude, resolution: got {amplitude}, {resolution}; allowed are numbers of 0 or more"
        )
    size = np.floor(amplitude / resolution + 1e-9) * resolution if resolution else amplitude
    fits = (output - size >= low - 1e-12) & (output + size <= high + 1e-12)
    return np.where(fits, output + size * np.sign(sign), output)
