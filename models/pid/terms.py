"""Error, proportional and derivative term of one block.

Called by step.py. The order of the operations is that of simple-pid 2.x where that library has the term, so that equal
settings give equal bits. Equations: law.py.
"""

import numpy as np

from models.pid.frame import Frame
from models.pid.law import Array, Number


def errors(f: Frame) -> None:
    """`room.error` and `room.drop`: scaled error after the deadband, scaled fall of the process value."""
    error, drop, sample = f.room.error, f.room.drop, f.sample
    np.subtract(sample.setpoint, sample.measured, out=error)
    np.subtract(f.before.measured, sample.measured, out=drop)
    f.zero_where_nan(drop)
    if sample.scale is not None:
        np.divide(error, sample.scale, out=error)
        np.divide(drop, sample.scale, out=drop)
    if sample.below is not None and sample.above is not None:
        _deadband(error, sample.below, sample.above, f.room.spare)


def _deadband(error: Array, below: Number, above: Number, spare: Array) -> None:
    """e -> max(e - below, 0) + min(e + above, 0): no jump at the edges."""
    np.add(error, above, out=spare)
    np.minimum(spare, 0.0, out=spare)
    np.subtract(error, below, out=error)
    np.maximum(error, 0.0, out=error)
    np.add(error, spare, out=error)


def proportional(f: Frame) -> None:
    """`move.proportional` and `after.on_measurement`."""
    law, total, weight = f.law, f.move.proportional, f.law.setpoint_weight
    np.multiply(law.kp, f.room.error, out=total)
    if weight == 1.0:
        if not f.lean:
            f.after.on_measurement.fill(0.0)
        return
    np.multiply(law.kp, f.room.drop, out=f.room.spare)
    np.multiply(f.room.spare, 1.0 - weight, out=f.room.spare)
    np.add(f.before.on_measurement, f.room.spare, out=f.after.on_measurement)
    np.multiply(total, weight, out=total)
    np.add(total, f.after.on_measurement, out=total)


def derivative(f: Frame) -> None:
    """`room.derivative`, and `after.derivative` for the filter."""
    law, raw, sample = f.law, f.room.derivative, f.sample
    np.multiply(law.kd, f.room.drop, out=raw)
    if law.derivative_weight != 0.0:
        np.subtract(f.room.error, f.before.error, out=f.room.spare)
        f.zero_where_nan(f.room.spare)
        np.multiply(law.kd, f.room.spare, out=f.room.spare)
        _mix(raw, f.room.spare, law.derivative_weight)
    np.divide(raw, sample.elapsed if sample.since is None else sample.since, out=raw)
    if law.filter_time != 0.0:
        np.subtract(raw, f.before.derivative, out=raw)
        np.multiply(raw, sample.elapsed / (sample.elapsed + law.filter_time), out=raw)
        np.add(f.before.derivative, raw, out=raw)
    if law.filter_time != 0.0 or not f.lean:
        np.copyto(f.after.derivative, raw)


def _mix(on_measurement: Array, on_error: Array, weight: float) -> None:
    """(1 - c) x first + c x second, into the first; exact at c = 1."""
    if weight == 1.0:
        np.copyto(on_measurement, on_error)
        return
    np.multiply(on_measurement, 1.0 - weight, out=on_measurement)
    np.multiply(on_error, weight, out=on_error)
    np.add(on_measurement, on_error, out=on_measurement)


def remember(f: Frame) -> None:
    """The sample, for the next execution's changes."""
    np.copyto(f.after.measured, f.sample.measured)
    if f.law.derivative_weight != 0.0 or not f.lean:
        np.copyto(f.after.error, f.room.error)
