"""Small pictures of fans, drawn here so that they need no script: paths in a box of 240 by 64.

Called by content. All pictures of one kind share their scale, so that they can be compared; what lies beyond it is
drawn at its edge.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from sim.evidence.result import Fan
from sim.report_page.encode import thinned

WIDTH, HEIGHT, POINTS = 240, 64, 60
RARE = 0.02
"""Share of the values at either end that the shared scale of the KPIs passes over."""


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture: paths, and heights of level lines; empty or None where there is none."""

    far: str
    """The area of nine of ten futures."""
    near: str
    """The area of half of them."""
    middle: str
    still: str
    target: float | None = None
    top: float | None = None
    bottom: float | None = None
    """Edges of the band."""


def kpi(fan: Fan, still: Fan | None, band: float, scale: tuple[float, float]) -> Thumb:
    """A KPI as a share of its target; `scale` is what `shared` found."""
    one = _picture(fan, still, scale)
    target, top, bottom = (float(round(y)) for y in _heights(np.array([1.0, 1.0 + band, 1.0 - band]), scale))
    return Thumb(
        one.far, one.near, one.middle, one.still, target, top if band else None, bottom if band else None
    )


def lever(fan: Fan, scale: tuple[float, float]) -> Thumb:
    """A lever; `scale` is its limits."""
    return _picture(fan, None, scale)


def shared(fans: Iterable[Fan], bands: Iterable[float]) -> tuple[float, float]:
    """One scale for many KPIs: nearly all that nine of ten futures hold, and every band; not below zero."""
    values = np.concatenate([np.zeros(0), *(fan.levels[[0, -1]].ravel() for fan in fans)])
    seen = values[np.isfinite(values)]
    ends = np.quantile(seen, [RARE, 1.0 - RARE]) if len(seen) else np.ones(2)
    widest = max([0.05, *bands])
    low, high = min(float(ends[0]), 1.0 - widest), max(float(ends[1]), 1.0 + widest)
    room = 0.04 * (high - low)
    return max(low - room, 0.0), high + room


def _picture(fan: Fan, still: Fan | None, scale: tuple[float, float]) -> Thumb:
    x, y = _points(fan, scale)
    beside = "" if still is None else _path(*_single(still, scale))
    return Thumb(_area(x, y[4], y[0]), _area(x, y[3], y[1]), _path(x, y[2]), beside)


def _points(fan: Fan, scale: tuple[float, float]) -> tuple[Array, Array]:
    """Pixels of the points at which every level is known."""
    chosen = thinned(len(fan.seconds), POINTS)
    levels, seconds = fan.levels[:, chosen], fan.seconds[chosen]
    known = np.isfinite(levels).all(axis=0)
    last = float(fan.seconds[-1]) if len(fan.seconds) else 1.0
    return WIDTH * seconds[known] / (last or 1.0), _heights(levels[:, known], scale)


def _single(fan: Fan, scale: tuple[float, float]) -> tuple[Array, Array]:
    x, y = _points(fan, scale)
    return x, y[2]


def _heights(values: Array, scale: tuple[float, float]) -> Array:
    low, high = scale
    return np.asarray(np.clip(HEIGHT * (high - values) / ((high - low) or 1.0), 0, HEIGHT))


def _path(x: Array, y: Array) -> str:
    """A line through points, as differences in whole pixels."""
    if not len(x):
        return ""
    across, down = np.round(x).astype(np.int64), np.round(y).astype(np.int64)
    steps = zip(np.diff(across).tolist(), np.diff(down).tolist(), strict=True)
    return f"M{across[0]} {down[0]}" + "".join(f"l{dx} {dy}" for dx, dy in steps)


def _area(x: Array, upper: Array, lower: Array) -> str:
    path = _path(np.concatenate([x, x[::-1]]), np.concatenate([upper, lower[::-1]]))
    return path and path + "z"
