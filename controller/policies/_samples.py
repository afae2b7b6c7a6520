"""Samples as the pid policy acts upon them: spikes left out, then smoothed; and what of that must be remembered.

Called by pid alone; calls models.pid.condition. Only samples that were acted upon count, so a gap neither fills the
filter nor empties it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools
from models.pid.condition import middle_of_three, smoothed

_NAMES = ("last_sample", "sample_before", "filtered")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Arrays of shape (cells,), NaN before the first sample; never changed, only replaced."""

    time: float
    """Of the filter, seconds; 0: none."""
    middle: bool
    """Whether the middle of three is taken."""
    last_sample: Array
    sample_before: Array
    filtered: Array

    @classmethod
    def none(cls, cells: int, time: float, middle: bool) -> "Samples":
        """Before the first sample."""
        return cls(time, middle, *np.full((3, cells), np.nan))

    @property
    def raw(self) -> bool:
        """True where samples are taken as they come."""
        return not (self.time or self.middle)

    def take(self, value: Array, elapsed: Array) -> Array:
        """What is acted upon; `elapsed`: seconds since the last sample acted upon."""
        new = middle_of_three(value, self.last_sample, self.sample_before) if self.middle else value
        return smoothed(self.filtered, new, elapsed, self.time) if self.time else new

    def carry(self, value: Array, new: Array, acted: Bools) -> dict[str, NDArray[Any]]:
        """What `observed` needs, for the proposal."""
        if self.raw:
            return {}
        kept = (
            np.where(acted, value, self.last_sample),
            np.where(acted, self.last_sample, self.sample_before),
        )
        return dict(zip(_NAMES, (*kept, np.where(acted, new, self.filtered)), strict=True))

    def observed(self, carry: Mapping[str, Array]) -> "Samples":
        """After an execution whose outcome is known."""
        return self if self.raw else self._with(carry)

    def saved(self) -> dict[str, NDArray[Any]]:
        """Named arrays; none where nothing is remembered."""
        return {} if self.raw else {name: getattr(self, name).copy() for name in _NAMES}

    def restored(self, saved: Mapping[str, NDArray[Any]]) -> "Samples":
        """What was saved; as new where the file has asked for it since."""
        known = all(name in saved for name in _NAMES)
        return self._with(saved) if known else self

    def _with(self, arrays: Mapping[str, NDArray[Any]]) -> "Samples":
        last, before, filtered = (np.array(arrays[name], np.float64) for name in _NAMES)
        return replace(self, last_sample=last, sample_before=before, filtered=filtered)
