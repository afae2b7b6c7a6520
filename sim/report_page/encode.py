"""Fans as short texts: rounded to what a pixel shows, thinned, then the differences as in source maps.

A line of a chart is one text. Each character holds five bits in base 64: a whole number is its sign in the lowest bit,
then its size from the low bits up, each character but the last of a number with its sixth bit set (base64 VLQ, as in
the source map format, ECMA-426). The first number of a line is its first value in steps of the fan, each further one
the difference to the value before; `.` stands where there is no value; a line of one value holds it all along. Called
by series; decode.js reads it.
"""

import math
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Ints
from sim.evidence.result import Fan

FINE = 200
"""Steps that the span of a fan is divided into, at the least: a chart is about as many pixels high."""
LEAST = 1e-290
"""Spans below it are no spans: their steps could not be told from zero."""
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True, slots=True)
class Coded:
    """A fan as the page holds it."""

    seconds: tuple[int, ...]
    """Since the start of the run, whole, ascending."""
    step: float
    """What one whole number stands for."""
    lines: tuple[str, ...]


def coded(fan: Fan, most: int) -> Coded:
    """A fan at no more than `most` points, the first and the last among them."""
    points = thinned(len(fan.seconds), most)
    levels = fan.levels[:, points]
    step = step_of(levels)
    return Coded(
        tuple(int(second) for second in np.round(fan.seconds[points])),
        step,
        tuple(line(row, step) for row in levels),
    )


def thinned(points: int, most: int) -> Ints:
    """Indices of at most `most` of so many points, evenly spread, ends included.

    >>> thinned(5, 3), thinned(2, 9)
    (array([0, 2, 4]), array([0, 1]))
    """
    if points <= most:
        return np.arange(points)
    return np.unique(np.linspace(0, points - 1, most).round().astype(np.int64))


def step_of(levels: Array) -> float:
    """The step that values are rounded to: 1, 2 or 5 times a power of ten, at least FINE of them over their span.

    >>> step_of(np.array([0.03, 0.12])), step_of(np.array([0.0, 26_600.0])), step_of(np.array([7.0]))
    (0.0002, 100.0, 0.02)
    """
    seen = levels[np.isfinite(levels)]
    if not len(seen):
        return 1.0
    span = float(seen.max() - seen.min()) or float(np.abs(seen).max()) or 1.0
    span = max(span, LEAST)
    power = math.floor(math.log10(span / FINE))
    size = span / FINE / 10.0**power
    return float(f"{5 if size >= 5 else 2 if size >= 2 else 1}e{power}")


def line(values: Array, step: float) -> str:
    """One line of a fan.

    >>> line(np.array([0.0, 2.0, 2.0, np.nan, -30.0]), 1.0), line(np.array([4.0, 4.0]), 1.0)
    ('AEA.hC', 'I')
    """
    known = np.isfinite(values)
    ticks = np.round(np.where(known, values, 0.0) / step).astype(np.int64)
    if known.all() and len(ticks) and (ticks == ticks[0]).all():
        return vlq(int(ticks[0]))
    texts, before = [], 0
    for tick, there in zip(ticks.tolist(), known.tolist(), strict=True):
        texts.append(vlq(tick - before) if there else ".")
        before = tick if there else before
    return "".join(texts)


def vlq(number: int) -> str:
    """One whole number.

    >>> vlq(0), vlq(-1), vlq(16), vlq(1000)
    ('A', 'D', 'gB', 'w+B')
    """
    rest, text = (-number << 1 | 1 if number < 0 else number << 1), ""
    while True:
        low, rest = rest & 31, rest >> 5
        text += _DIGITS[low | (32 if rest else 0)]
        if not rest:
            return text
