"""What is controlled, as a rational process with dead time. Made by identification and by models; calls numpy.

    P(s) = k prod(1 + z_i s) / (s^n prod(1 + tau_i s)) exp(-theta s)

Time constants rather than poles, so that a lag of 0 is no lag. Every number is a scalar or has shape (plants,).
The phase is a sum over factors, each continuous in frequency, so it is never unwrapped.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array, Number

Complex = NDArray[np.complexfloating]
Constant = Number | complex


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """A process by gain, time constants, integrators and dead time.

    ValueError where a number is not finite, the dead time is negative, a lag has a negative real part (the
    process would be unstable by itself) or complex constants do not come in conjugate pairs.

    >>> Process(2.0, lags=(3.0, 1.0), dead_time=0.5).response(np.array([0j]))
    array([[2.+0.j]])
    """

    gain: Number
    """Process units per unit of input; per unit of time too for each integrator."""
    lags: tuple[Constant, ...] = ()
    """tau_i, time; a complex pair oscillates."""
    leads: tuple[Constant, ...] = ()
    """z_i, time; negative: the process first goes the wrong way."""
    dead_time: Number = 0.0
    """theta, time."""
    integrators: int = 0
    """n."""

    def __post_init__(self) -> None:
        for name, constants in (("lags", self.lags), ("leads", self.leads)):
            for constant in constants:
                _finite(name, constant)
            if not _paired(constants):
                raise ValueError(f"{name}: complex constants come in conjugate pairs, got {constants}")
        _finite("gain", self.gain)
        _finite("dead_time", self.dead_time)
        if np.any(np.asarray(self.dead_time) < 0):
            raise ValueError(f"dead_time: got {self.dead_time}, allowed is 0 or more")
        if any(np.any(np.asarray(np.real(lag)) < 0) for lag in self.lags):
            raise ValueError(
                f"lags: got {self.lags}, allowed is 0 or more; an unstable process is not tuned here"
            )
        if np.any(np.asarray(self.gain) == 0):
            raise ValueError(f"gain: got {self.gain}, a process that does not answer cannot be tuned")

    @property
    def process(self) -> "Process":
        """Itself: what is handed a model asks it for its process."""
        return self

    def delayed(self, extra: float) -> "Process":
        """The same, answering later by `extra`, in its unit of time; ValueError unless 0 or more.

        >>> Process(2.0, lags=(3.0,), dead_time=1.0).delayed(0.5).dead_time
        1.5
        """
        if not (extra >= 0 and np.isfinite(extra)):
            raise ValueError(f"extra_delay: got {extra}, allowed is 0 or more")
        return replace(self, dead_time=self.dead_time + extra)

    @property
    def plants(self) -> int:
        """How many plants; 1 where every number is a scalar."""
        numbers = (self.gain, self.dead_time, *self.lags, *self.leads)
        return int(np.broadcast_shapes(*(np.shape(number) for number in numbers), (1,))[0])

    @property
    def degree(self) -> int:
        """Lags and integrators less leads: how steeply the response falls at high frequency."""
        lags, leads = ([bool(np.any(c)) for c in constants] for constants in (self.lags, self.leads))
        return self.integrators + sum(lags) - sum(leads)

    def rational(self, s: Complex) -> Complex:
        """P(s) without its dead time; `s` of shape (points,) or (plants, points) gives (plants, points)."""
        value = column(self.gain) / s**self.integrators if self.integrators else column(self.gain) + 0 * s
        for lead in self.leads:
            value = value * (1 + column(lead) * s)
        for lag in self.lags:
            value = value / (1 + column(lag) * s)
        return np.asarray(value, np.complex128)

    def response(self, s: Complex) -> Complex:
        """P(s); `s` of shape (points,) or (plants, points) gives (plants, points)."""
        return np.asarray(self.rational(s) * np.exp(-column(self.dead_time) * s), np.complex128)

    def phase(self, w: Array) -> Array:
        """Phase of P(jw) / sign(k) in radians, continuous from w = 0; (points,) or (plants, points)."""
        turn = -column(self.dead_time) * w - self.integrators * np.pi / 2
        for lead in self.leads:
            turn = turn + np.angle(1 + 1j * column(lead) * w)
        for lag in self.lags:
            turn = turn - np.angle(1 + 1j * column(lag) * w)
        return np.asarray(turn, np.float64)

    def times(self) -> Array:
        """Every time that shapes the response, shape (plants, times); 0 where there is none."""
        numbers = [self.dead_time, *(np.abs(c) for c in (*self.lags, *self.leads))]
        return np.stack([np.broadcast_to(number, (self.plants,)) for number in numbers], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class FirstOrder:
    """k exp(-theta s) / (tau s + 1), the model that most rules ask for.

    >>> FirstOrder(2.0, lag=8.0, dead_time=1.0).response(np.array([0j]))
    array([[2.+0.j]])
    """

    gain: Number
    lag: Number
    dead_time: Number

    def __post_init__(self) -> None:
        _ = self.process

    @property
    def process(self) -> Process:
        """The same as a process."""
        return Process(self.gain, lags=(self.lag,), dead_time=self.dead_time)

    def response(self, s: Complex) -> Complex:
        """P(s), shape (plants, points)."""
        return self.process.response(s)


@dataclass(frozen=True, slots=True, eq=False)
class SecondOrder:
    """k exp(-theta s) / ((tau1 s + 1)(tau2 s + 1)), tau1 cancelled by the integral, tau2 by the derivative."""

    gain: Number
    lag: Number
    second_lag: Number
    dead_time: Number

    def __post_init__(self) -> None:
        _ = self.process

    @property
    def process(self) -> Process:
        """The same as a process."""
        return Process(self.gain, lags=(self.lag, self.second_lag), dead_time=self.dead_time)

    def response(self, s: Complex) -> Complex:
        """P(s), shape (plants, points)."""
        return self.process.response(s)


@dataclass(frozen=True, slots=True, eq=False)
class Integrating:
    """k' exp(-theta s) / (s (tau2 s + 1)): a constant input moves it at a constant speed k'."""

    slope: Number
    dead_time: Number
    lag: Number = 0.0

    def __post_init__(self) -> None:
        _ = self.process

    @property
    def process(self) -> Process:
        """The same as a process."""
        return Process(self.slope, lags=(self.lag,), dead_time=self.dead_time, integrators=1)

    def response(self, s: Complex) -> Complex:
        """P(s), shape (plants, points)."""
        return self.process.response(s)


Model = Process | FirstOrder | SecondOrder | Integrating


def column(number: Constant) -> NDArray[np.float64] | Complex | Constant:
    """A number a plant against points: (plants,) becomes (plants, 1)."""
    return np.atleast_1d(np.asarray(number))[:, None]


def _paired(constants: tuple[Constant, ...]) -> bool:
    """Real as a whole: every complex constant has its conjugate beside it."""
    if not any(np.any(np.iscomplex(constant)) for constant in constants):
        return True
    table = np.stack(np.broadcast_arrays(*(np.asarray(c, np.complex128) for c in constants)), axis=-1)
    return bool(np.allclose(np.sort_complex(table), np.sort_complex(table.conj()), rtol=1e-9, atol=0))


def _finite(name: str, number: Constant) -> None:
    if not np.all(np.isfinite(number)) or np.ndim(number) > 1:
        raise ValueError(f"{name}: got {number}, allowed are finite numbers, one or shape (plants,)")
