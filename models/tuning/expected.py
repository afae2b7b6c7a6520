"""What a tuned loop will do, told beforehand: after demand drops by a tenth of the target at once.

Each possible plant is simulated without noise or limits; what comes out is a median and the ends of 90 %. A drop of
what is measured is, to the controller, a target that was raised, so the same figures hold for that. Called by
`setpoint tune`; calls closed_loop and margins.
"""

from dataclasses import dataclass, replace

import numpy as np

from models.pid.law import Array
from models.tuning.closed_loop import simulate
from models.tuning.forms import Controller, ideal
from models.tuning.margins import margins
from models.tuning.process import Model

SHARE = 0.1
"""Size of the disturbance and of the setpoint's step: a tenth of the target."""
_LONG = 40
"""Times of the plant that are simulated."""


@dataclass(frozen=True, slots=True)
class Span:
    """Median and the ends of 90 % of the weight; inf where it never happens within the time simulated."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Array, weights: Array) -> "Span":
        """Weighted quantiles of values, shape (plants,)."""
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(weights[order]) / weights.sum()
        picked = [
            float(values[order[min(int(np.searchsorted(reached, q - 1e-12)), len(order) - 1)]])
            for q in (0.05, 0.5, 0.95)
        ]
        return cls(*picked)


@dataclass(frozen=True, slots=True)
class Expected:
    """Times in the process's unit, shares of the target."""

    half: Span
    """Until half of the drop is made good for good."""
    back: Span
    """Until the measured value is back within the band for good; 0 where the drop does not leave it."""
    overshoot: Span
    """How far the measured value then goes beyond the target, as a share of the drop."""
    move: Span
    """Largest move of the output for it, as a share of its range."""


@dataclass(frozen=True, slots=True)
class Breaks:
    """What would break the loop in the worst of the plants."""

    gain: float
    """Factor by which the plant's gain may be higher than thought."""
    delay: float
    """Time by which the answer may come later than thought."""
    ms_at_double: float
    """Ms if the gain is twice as high; inf: unstable."""


def expected(
    controller: Controller,
    model: Model,
    *,
    band: float,
    weights: Array | None = None,
    extra_delay: float = 0.0,
) -> Expected:
    """What to expect; the plants' outputs are shares of the target, so `band` is one too, 0.05 for 5 %.

    >>> from models.tuning.forms import Ideal
    >>> from models.tuning.process import FirstOrder
    >>> found = expected(Ideal(2.0, 8.0), FirstOrder(np.array([0.8, 1.0]), lag=8.0, dead_time=1.0), band=0.05)
    >>> round(found.back.median, 1), round(found.move.median, 3)
    (3.2, 0.225)
    """
    if not 0 < band < np.inf:
        raise ValueError(f"band: got {band}, allowed is a share of the target above 0")
    plant = model.process.delayed(extra_delay)
    share = np.ones(plant.plants) if weights is None else np.asarray(weights, np.float64)
    reach = float(plant.times().sum(axis=1).max())
    c = ideal(controller)
    integral = np.asarray(c.integral_time, np.float64)
    reach = max(reach, float(integral) if integral.ndim == 0 and np.isfinite(integral) else reach)
    dt = reach / 300
    raised = simulate(c, plant, duration=_LONG * reach, dt=dt, setpoint=SHARE)
    error = np.abs(SHARE - raised.output)
    half, back = _settled(raised.times, error, SHARE / 2), _settled(raised.times, error, band)
    moves = np.abs(raised.moves).max(axis=1)
    return Expected(*(Span.of(values, share) for values in (half, back, raised.overshoot, moves)))


def breaks(controller: Controller, model: Model, *, extra_delay: float = 0.0) -> Breaks:
    """The least margins over all plants.

    >>> from models.tuning.forms import Ideal
    >>> from models.tuning.process import FirstOrder
    >>> found = breaks(Ideal(4.0, 8.0), FirstOrder(1.0, lag=8.0, dead_time=1.0))
    >>> round(found.gain, 2), round(found.delay, 2), round(found.ms_at_double, 2)
    (3.14, 2.14, 3.13)
    """
    plant, c = model.process.delayed(extra_delay), ideal(controller)
    found, double = margins(c, plant), margins(replace(c, gain=2 * np.asarray(c.gain)), plant)
    return Breaks(float(found.gain_margin.min()), float(found.delay_margin.min()), float(double.ms.max()))


def _settled(times: Array, error: Array, band: float) -> Array:
    """When an error is within a band for good, shape (plants,); 0 where it never leaves it, inf if never."""
    outside = error > band
    last = error.shape[1] - 1 - np.argmax(outside[:, ::-1], axis=1)
    rows = np.arange(len(error))
    after = times[rows, np.minimum(last + 1, error.shape[1] - 1)]
    return np.where(~outside.any(axis=1), 0.0, np.where(last == error.shape[1] - 1, np.inf, after))
