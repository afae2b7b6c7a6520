"""The integral of one block, the limited output, and what keeps the integral from winding up.

Called by step.py. Saturation is judged against the limits of this very execution. With v the output before the limits
and u inside them:

    back_calculation   I -= (v - u) dt / (Tt + dt)   Astrom & Hagglund (2006), sec. 3.5, in implicit Euler: stable for
                                                     any dt; at Tt = 0 the integral is recomputed from u
    conditional        I takes only that part of its increment that does not push v further outside
    clamp              low <= I <= high, before and after the increment: as simple-pid does it

A law without integral gain keeps its bias, whatever the limits say.
"""

import numpy as np

from models.pid.frame import Frame, limit
from models.pid.law import Number


def integrate(f: Frame) -> None:
    """`after.integral` and what is left of `move`; needs P in `move` and D in `room`."""
    np.multiply(f.law.ki, f.room.error, out=f.move.increment)
    np.multiply(f.move.increment, f.sample.elapsed, out=f.move.increment)
    if f.law.anti_windup == "clamp":
        _clamped(f)
        _output(f)
        return
    np.add(f.before.integral, f.move.increment, out=f.after.integral)
    _output(f)
    if f.law.integrates:
        np.subtract(f.move.unlimited, f.move.value, out=f.room.spare)
        _conditional(f) if f.law.anti_windup == "conditional" else _back(f)


def _output(f: Frame) -> None:
    total = f.move.unlimited
    np.add(f.move.proportional, f.after.integral, out=total)
    np.add(total, f.room.derivative, out=total)
    if f.sample.feedforward is not None:
        np.add(total, f.sample.feedforward, out=total)
    limit(total, f.sample.low, f.sample.high, f.move.value)


def _clamped(f: Frame) -> None:
    low: Number = f.sample.low
    high: Number = f.sample.high
    integral = f.after.integral
    if f.sample.feedforward is not None:
        low, high = low - f.sample.feedforward, high - f.sample.feedforward
    if f.law.loose_clamp:
        low = np.minimum(low, f.before.integral, out=f.room.spare)
        high = np.maximum(high, f.before.integral, out=f.room.other)
    limit(f.before.integral, low, high, integral)
    np.add(integral, f.move.increment, out=integral)
    limit(integral, low, high, integral)


def _back(f: Frame) -> None:
    share = f.room.other
    np.add(f.sample.elapsed, f.law.tracking_time, out=share)
    np.divide(f.sample.elapsed, share, out=share)
    np.multiply(f.room.spare, share, out=f.room.spare)
    np.subtract(f.after.integral, f.room.spare, out=f.after.integral)


def _conditional(f: Frame) -> None:
    excess, bound = f.room.spare, f.room.other
    np.minimum(f.move.increment, 0.0, out=bound)
    np.maximum(excess, bound, out=excess)
    np.maximum(f.move.increment, 0.0, out=bound)
    np.minimum(excess, bound, out=excess)
    np.subtract(f.after.integral, excess, out=f.after.integral)
