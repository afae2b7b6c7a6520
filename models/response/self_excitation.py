"""Self-excitation: an event makes further events likelier for a while (a win that is told, a queue that is seen).

    rate(t) = base(t) + sum over events before t of n beta exp(-beta (t - t_j))        beta = ln 2 / half_life
    excess' = excess exp(-beta dt) + n beta events

The process of Hawkes (Biometrika 58, 1971) with an exponential memory: one number holds all past events. Each event
brings n others in the mean, at any step; below one the events in all are 1 / (1 - n) times those of the base, at one
and above the process has no steady state. Clicks and purchases excite each other (Xu, Duan & Whinston, Management
Science 60:6, 2014), but no portable values are published. Rates are a second. Called by twists; calls adstock; draws
nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import retained
from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

BRANCHING = Parameter(0.3, 0.1, 0.5, "events per event", "proposal; no portable value is published", True)
HALF_LIFE = Parameter(3600.0, 600.0, 86_400.0, "s", "proposal; no portable value is published", True)


def amplification(branching: Value = BRANCHING.value) -> Floats:
    """Events in all for each of the base: 1 / (1 - n).

    >>> amplification(np.array([0.0, 0.5]))
    array([1., 2.])
    """
    _check(branching, False)
    return 1.0 / (1.0 - np.asarray(branching, dtype=float))


def expected(excess: Floats, base: Value, dt: float, half_life: Value = HALF_LIFE.value) -> Floats:
    """Events to expect in the next dt seconds from the base and from past events, shape of `excess`.

    Parameters
    ----------
    excess: rate above the base, events a second, zero or more.
    base: rate without any excitation, events a second.

    What these events bring comes from the next step on: `excited` books it whole.

    >>> expected(np.array([0.0, 0.01]), base=0.1, dt=60.0).round(3)
    array([6.   , 6.597])
    """
    decay = _decay(half_life)
    return np.asarray(base * dt + excess * (1.0 - retained(half_life, dt)) / decay)


def excited(
    excess: Floats,
    events: Floats,
    dt: float,
    branching: Value = BRANCHING.value,
    half_life: Value = HALF_LIFE.value,
    *,
    supercritical: bool = False,
) -> Floats:
    """The rate above the base after a step with so many events, events a second, shape (cells,).

    branching: n, events that each event brings; below one unless `supercritical`.

    >>> excited(np.array([0.0, 1.0]), np.array([10.0, 0.0]), dt=3600.0).round(6)
    array([0.000578, 0.5     ])
    """
    _check(branching, supercritical)
    decay = _decay(half_life)
    return np.asarray(excess * retained(half_life, dt) + branching * decay * events)


def settled(
    base: Floats, dt: float, branching: Value = BRANCHING.value, half_life: Value = HALF_LIFE.value
) -> Floats:
    """The mean excess at the start of a step where a base has been in force for ever, shape of `base`.

    Under it dt base / (1 - n) events are to be expected in every step. For short steps it is base n / (1 - n).

    >>> settled(np.array([0.1]), 1e-3, branching=0.5).round(6)
    array([0.1])
    >>> expected(settled(np.array([0.1]), 60.0, branching=0.5), 0.1, 60.0).round(9)
    array([12.])
    """
    brought = _decay(half_life) * dt * base * branching * amplification(branching)
    return np.asarray(brought / (1.0 - retained(half_life, dt)))


def mean_rate(
    excess: Floats,
    base: Value,
    t: Value,
    branching: Value = BRANCHING.value,
    half_life: Value = HALF_LIFE.value,
) -> Floats:
    """Mean rate of all events t seconds on, a base that stays given: the exact mean of the process in time.

    It nears base / (1 - n) as exp(-beta (1 - n) t): the nearer n is to one, the longer a burst is felt.

    >>> mean_rate(np.array([1.0]), 0.1, np.array([0.0, 1e6]), branching=0.5).round(4)
    array([1.1, 0.2])
    """
    decay = _decay(half_life)
    last = base * amplification(branching)
    return np.asarray(last + (base + excess - last) * np.exp(-decay * (1.0 - np.asarray(branching)) * t))


def _decay(half_life: Value) -> Floats:
    if not (np.greater(half_life, 0) & np.isfinite(half_life)).all():
        raise ValueError(f"the half-life of an excitement must be above zero seconds, received {half_life}")
    return np.asarray(np.log(2.0) / half_life)


def _check(branching: Value, supercritical: bool) -> None:
    if not (np.greater_equal(branching, 0) & np.isfinite(branching)).all():
        raise ValueError(f"a branching ratio must be zero or more and finite, received {branching}")
    if not supercritical and not np.less(branching, 1).all():
        raise ValueError(
            f"a branching ratio must be below one, or events grow without end, received {branching}; "
            "say supercritical=True to see just that"
        )
