"""The steady state of people who have known an offer for ever: trips, pantries and streaks, by rate.

    y = exp(-k' h (L y - K)) min(1 + W y, MOST)       trips in a step = g B L y

L: factor of the levers on the rate; K: that of the levers known; h: units at home without any; W: what a person's wins
add to the rate in the long run. Solved for every rate at once, by halving: the right side over y only falls, so the two
meet once. For single persons the stocks are drawn around their means from gamma laws with the mean and the variance of
the shot noise that they are (exact for exponential jumps), at given uniforms. Called by both fidelities; calls
models.response.adstock; draws nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.consumers.declaration import MOST, Consumers, Offer
from models.response.adstock import retained

Floats = NDArray[np.float64]

_ROUNDS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """Shapes as the rates that were asked for."""

    trips: Floats
    """Expected trips a person in a step."""
    units: Floats
    """At home, when a step begins."""
    streak: Floats
    """Share of the rate added by wins, when a step begins."""


def held(keep: float) -> float:
    """What is left, when a step begins, of one unit a step for ever.

    >>> held(0.5)
    1.0
    """
    return keep / (1.0 - keep)


def at_home(people: Consumers, trips: Floats, dt: float) -> Floats:
    """Units at home of a person of mean rate who has known so many trips a step for ever, shape of `trips`."""
    return np.asarray(trips * people.basket.units * held(retained(people.pantry, dt)))


def steady(
    people: Consumers, rate: Floats, offer: Offer, factor: Floats, damping: Floats, dt: float
) -> Steady:
    """The steady state of rates under an offer, shapes broadcast.

    Parameters
    ----------
    rate: relative, shape (rates, 1) against an offer of shape (cells,).
    factor: L, of everything the offer adds.
    damping: k' at the usual pantry; see `Consumers.fullness`.
    """
    base = rate * offer.trips
    home = damping * at_home(people, base, dt)
    known = damping * at_home(people, rate * offer.usual, dt)
    won = held(retained(people.streak_half_life, dt))
    feed = people.streak * offer.chance * people.basket.units * won * base * factor
    low = np.zeros(np.broadcast_shapes(home.shape, feed.shape, factor.shape))
    high = low + MOST * np.exp(known)
    for _ in range(_ROUNDS):
        y = (low + high) / 2.0
        more = np.exp(known - home * factor * y) * people.carried(feed * y) > y
        low, high = np.where(more, y, low), np.where(more, high, y)
    each = base * factor * y
    return Steady(each, at_home(people, each, dt), np.asarray(feed * y))


def spread(mean: Floats, events: Floats, square: Floats, keep: float, u: Floats) -> Floats:
    """A shot noise of that mean at the uniforms `u`: events a step, each with a jump of mean square `square`.

    >>> spread(np.array([2.0, 0.0]), np.array([0.5, 0.0]), np.array(1.0), 0.5, np.array([0.5, 0.5])).round(3)
    array([1.972, 0.   ])
    """
    from scipy.special import gammaincinv

    variance = events * square * keep * keep / (1.0 - keep * keep)
    safe = np.where(variance > 0, variance, 1.0)
    shape = np.where(variance > 0, mean * mean / safe, 1.0)
    size = gammaincinv(shape, u) * safe / np.where(mean > 0, mean, 1.0)
    return np.asarray(np.where(variance > 0, size, mean))
