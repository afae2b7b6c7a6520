"""The noise floor of a band: how well a target can be kept at all, by counting noise alone.

Called by `check`. A count of N events scatters by sqrt(N) (Poisson), a share p of n by sqrt(p (1 - p) / n)
(binomial), so a band narrower than that is missed however good the controller; real sales scatter more
(`dispersion`, the variance of the counts over their mean). Money and gauges have no such floor that could be
known beforehand.
"""

import math
from dataclasses import dataclass

from controller.plan import Campaign, LoopPlan, Sensor, amount_for
from controller.quantities import Unit, write_duration, write_share

REACHABLE = 2 / 3
"""Part of the windows that must lie inside the band at best, or the band is called unreachable."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What can be expected of one loop's band in one cell, the one with the lowest target."""

    loop: str
    cell: str | None
    """The cell with the lowest level; None where all share one."""
    band: float
    """Half-width of the band, as a fraction of the target."""
    noise: float
    """Standard deviation of a window by counting noise alone, as a fraction of the target."""
    over: float
    """Seconds of the window."""

    @property
    def inside(self) -> float:
        """Part of the windows inside the band, with a perfect controller and normal noise."""
        return math.erf(self.band / (self.noise * math.sqrt(2.0))) if self.noise > 0 else 1.0

    @property
    def reachable(self) -> bool:
        """False where even a perfect controller would be outside too often."""
        return self.inside >= REACHABLE

    def __str__(self) -> str:
        where = f"loops.{self.loop}" + (f" ({self.cell})" if self.cell else "")
        noise, band = write_share(round(self.noise, 4)), write_share(round(self.band, 4))
        best = f"at best {self.inside:.0%} of the windows lie inside"
        verdict = (
            ""
            if self.reachable
            else f"; unreachable: widen it to {write_share(self.widened)}, or judge it over longer"
        )
        return f"{where}: counting noise {noise} in {write_duration(self.over)}, band {band}: {best}{verdict}"

    @property
    def widened(self) -> float:
        """The narrowest band that is reachable, as a fraction, rounded up to a tenth of a percent."""
        return math.ceil(self.noise * 0.9674 * 1000) / 1000


def floors(plan: Campaign, dispersion: float = 1.0) -> list[Floor]:
    """The noise floor of every loop with a band whose noise can be known; `dispersion` is variance over mean."""
    found = (floor_of(plan, name, dispersion) for name in plan.loops)
    return [floor for floor in found if floor is not None]


def floor_of(plan: Campaign, name: str, dispersion: float = 1.0) -> Floor | None:
    """The noise floor of one loop; None without a band, or where the noise can't be known beforehand."""
    loop = plan.loops[name]
    sensor = plan.sensors[loop.sensor]
    if loop.target.amount is None or loop.target.band is None:
        return None
    cell, level = _lowest(loop, sensor)
    over = loop.target.over or sensor.window or loop.every
    noise = relative_noise(sensor, level, over)
    if noise is None:
        return None
    band = loop.target.band_in(sensor, level) / level
    return Floor(name, cell, band, noise * math.sqrt(dispersion), over)


def relative_noise(sensor: Sensor, level: float, over: float) -> float | None:
    """Standard deviation over the mean of a window of `over` seconds at a level in the sensor's unit.

    >>> round(relative_noise(Sensor(kind="csv_file", unit="units/h"), 100.0, 4 * 3600.0), 3)
    0.05
    """
    unit = Unit.parse(sensor.unit)
    if unit.is_share:
        count = sensor.min_count * max(over / sensor.window, 1.0) if sensor.window else sensor.min_count
        return math.sqrt((1 - level) / (level * count)) if count else None
    span = unit.seconds or sensor.window
    if unit.is_money or span is None or (unit.per and unit.seconds is None):
        return None
    return 1.0 / math.sqrt(level * over / span)


def _lowest(loop: LoopPlan, sensor: Sensor) -> tuple[str | None, float]:
    amount = loop.target.amount
    if not isinstance(amount, dict):
        return None, loop.target.level_in(sensor)
    levels = {cell: amount_for(amount, cell).level_in(sensor.unit, sensor.window) for cell in amount}
    cell = min(levels, key=lambda name: levels[name])
    return cell, levels[cell]
