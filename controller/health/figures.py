"""What is remembered of one loop from turn to turn, so that its health can be told: arrays of shape (cells,).

Moved on by fold. Gaps are measured minus target, in shares of the target; they fade
with the time over which the target is judged. Never changed, only replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from controller.cells import Array
from models.health.drift import Sums
from models.health.response import Response

UNKNOWN = -1e300
Saved = Mapping[str, list[float]]
"""An array by name, as JSON has it; NaN as `UNKNOWN`."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Figures:
    """The figures of one loop."""

    time: Array
    """UTC seconds of the last sample; NaN before the first."""
    gap: Array
    """Mean gap of late."""
    usual: Array
    """Mean gap over a longer time, against which a jump stands out."""
    spread: Array
    """Mean square of the gap around `usual`."""
    samples: Array
    off_since: Array
    """UTC seconds from which the mean gap has been out of the band; NaN while it is within."""
    blind: Array
    """Share of the time of late in which the sensor could not be believed."""
    deaf: Array
    """Share of the time of late in which an output did not have the value it was told."""
    low: Array
    high: Array
    """Share of the time of late in which every output stood at its end that lowers, and that raises, the KPI."""
    shift: Sums
    shifted_at: Array
    """UTC seconds of the last jump of the KPI; -inf before the first."""
    answer: Response
    stretch: Array
    """Seconds, sum of gaps times seconds, sum of levers times seconds: of the stretch that runs; shape (3, cells)."""
    before: Array
    """Mean gap and mean lever of the stretch before it, and how the lever had moved into that; shape (3, cells)."""

    @classmethod
    def none(cls, cells: int) -> "Figures":
        """Before the first turn."""
        zero, unknown = np.zeros(cells), np.full(cells, np.nan)
        return cls(
            time=unknown, gap=zero, usual=unknown, spread=zero, samples=zero, off_since=unknown, blind=zero,
            deaf=zero, low=zero, high=zero, shift=Sums.none(cells),
            shifted_at=np.full(cells, -np.inf), answer=Response.none(cells), stretch=np.zeros((3, cells)),
            before=np.full((3, cells), np.nan),
        )  # fmt: skip

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> Saved:
        """Small JSON that goes with a snapshot."""
        return {name: np.nan_to_num(value, nan=UNKNOWN).tolist() for name, value in _flat(self).items()}

    @classmethod
    def restored(cls, saved: Saved, cells: int) -> "Figures":
        """From what was saved; afresh where it is of other cells or another version."""
        fresh = cls.none(cells)
        found = {name: np.array(value, np.float64) for name, value in saved.items()}
        asked = _flat(fresh)
        if {n: v.shape for n, v in found.items()} != {n: v.shape for n, v in asked.items()}:
            return fresh
        return _built({name: np.where(value <= UNKNOWN, np.nan, value) for name, value in found.items()})


_GROUPS = {"shift": Sums, "answer": Response}


def _flat(figures: Figures) -> dict[str, Array]:
    """Every array by its name, those of a group as GROUP.NAME."""
    found: dict[str, Array] = {}
    for each in fields(figures):
        value = getattr(figures, each.name)
        if each.name in _GROUPS:
            found |= {f"{each.name}.{inner.name}": getattr(value, inner.name) for inner in fields(value)}
        else:
            found[each.name] = value
    return found


def _built(flat: Mapping[str, Array]) -> Figures:
    groups = {
        name: kind(
            **{key.partition(".")[2]: value for key, value in flat.items() if key.startswith(f"{name}.")}
        )
        for name, kind in _GROUPS.items()
    }
    plain = {name: value for name, value in flat.items() if "." not in name}
    return Figures(**plain, **groups)  # type: ignore[arg-type]
