"""What a PID controller remembers, is shown and comes to: named arrays of shape (cells,).

Made by policies, filled by `step`; calls nothing but `law` for its types.
"""

from dataclasses import dataclass, fields

import numpy as np

from models.pid.law import Array, Number, part


@dataclass(slots=True, eq=False)
class State:
    """Memory in output units; NaN in `error` and `measured` means that there was no sample yet.

    >>> State.fresh(2, integral=0.3).integral
    array([0.3, 0.3])
    """

    integral: Array
    on_measurement: Array
    """M, the part of P that comes from changes of the measurement."""
    derivative: Array
    """D after its filter."""
    error: Array
    """Last error, scaled, after the deadband."""
    measured: Array
    """Last process value."""

    @classmethod
    def fresh(cls, cells: int, integral: Number = 0.0) -> "State":
        """Before the first sample, starting from an output of `integral`."""
        zero, none = np.zeros(cells), np.full(cells, np.nan)
        return cls(np.zeros(cells) + integral, zero, zero.copy(), none, none.copy())

    @classmethod
    def empty(cls, cells: int) -> "State":
        """Room for a state, filled by `step`."""
        return cls(*(np.empty(cells) for _ in fields(cls)))

    def copy(self) -> "State":
        """The same numbers in new arrays."""
        return State(*(getattr(self, f.name).copy() for f in fields(self)))

    def block(self, where: slice) -> "State":
        """Views of some cells."""
        return State(*(getattr(self, f.name)[where] for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What one execution is shown; every number is finite but the limits, which may be infinite."""

    setpoint: Number
    measured: Array
    elapsed: Number
    """dt of the integral and the filter, seconds; above zero."""
    low: Number
    high: Number
    since: Number | None = None
    """Seconds since the last sample, for the slope of D; None: `elapsed`."""
    scale: Number | None = None
    """What errors are divided by; None: nothing."""
    below: Number | None = None
    """Deadband: an error up to this, with the process value below the setpoint, counts as none; None: no deadband."""
    above: Number | None = None
    """The same with the process value above the setpoint."""
    feedforward: Number | None = None
    """Added inside the limits, output units; None: nothing."""

    def block(self, where: slice) -> "Sample":
        """Views of some cells."""
        return Sample(
            part(self.setpoint, where),
            self.measured[where],
            part(self.elapsed, where),
            part(self.low, where),
            part(self.high, where),
            *(None if x is None else part(x, where) for x in self.optional()),
        )

    def optional(self) -> tuple[Number | None, ...]:
        """The fields from `since` on."""
        return self.since, self.scale, self.below, self.above, self.feedforward


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What one execution came to, output units, shape (cells,)."""

    value: Array
    """u, inside the limits."""
    unlimited: Array
    """v, before the limits."""
    proportional: Array
    increment: Array
    """What the integral gained, before anti-windup."""

    @classmethod
    def empty(cls, cells: int) -> "Move":
        """Room for a move, filled by `step`."""
        return cls(*np.empty((4, cells)))

    @classmethod
    def value_only(cls, cells: int, block: int) -> "Move":
        """Room for the value of every cell; the other parts are those of the last block only."""
        return cls(np.empty(cells), *np.empty((3, min(cells, block))))

    def block(self, where: slice) -> "Move":
        """Views of some cells."""
        value = self.value[where]
        rest = (self.unlimited, self.proportional, self.increment)
        whole = len(self.unlimited) == len(self.value)
        return Move(value, *(part[where] if whole else part[: len(value)] for part in rest))
