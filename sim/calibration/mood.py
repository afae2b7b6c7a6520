"""How much, and for how long, a market's mood swings: the posterior of its disturbance and of its level's wander.

The plant's disturbance is a first-order autoregression in hours (sd, half-life); a day's sales show its mean over the
day. With w the share of each hour in the day's sales and k what an hour keeps of the mood:

    v = sd^2 sum w[i] w[j] k^|i-j|        f = sum w[i] w[j] k^(24+j-i) / sum w[i] w[j] k^|i-j|

are variance and lag-1 correlation of the days (matched; later lags fall as f^n, nearly as they should). Their
likelihood, counting noise taken out, is computed on a grid of settings, twice, the second around the best of the first.
Called by the fit; calls kalman.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from controller.cells import Array
from models.draws import Draws
from models.response.parameter import Parameter
from sim.calibration.kalman import Settings, filtered, sampled
from sim.calibration.luck import normals, uniforms

SD = Parameter(
    0.1, 0.005, 1.0, "log demand", "proposal: any; the logarithm is taken as uniform before the data"
)
HALF_LIFE = Parameter(
    86_400.0, 3600.0, 14 * 86_400.0, "s", "proposal: an hour to two weeks, the logarithm uniform"
)
WALK = Parameter(
    0.02,
    0.001,
    0.08,
    "log demand a square root of a week",
    "proposal: a level wanders some 14 % in a year",
    True,
)
DISPERSION = Parameter(
    4.0, 1.0, 50.0, "variance / mean", "proposal; used only where days alone are known", True
)

_SIZE = (12, 12, 7)
_SMALL = 1e-3
"""Share of the greatest likelihood below which the second grid does not look."""


@dataclass(frozen=True, slots=True, eq=False)
class Moods:
    """Posterior draws; all of shape (draws,) but the level."""

    sd: Array
    half_life: Array
    walk: Array
    dispersion: Array
    """As given, or as drawn where days can't tell."""
    level: Array
    """Log of the expected level over the profile's, each day, shape (draws, days)."""
    day: Array
    """Factor of level and mood that each day had, mean over the draws, shape (days,)."""


def of_days(half_life: Array, share: Array) -> tuple[Array, Array]:
    """Variance of a day's mean for a disturbance of variance one, and its lag-1 correlation; shape of `half_life`.

    share: of each hour in the day's sales, shape (24,), sum one.

    >>> v, f = of_days(np.array([1.0, 1e9]), np.full(24, 1 / 24))
    >>> v.round(3), f.round(3)
    (array([0.042, 1.   ]), array([0., 1.]))
    """
    keep = (0.5 ** (3600.0 / half_life))[..., None, None]
    hours = np.arange(24.0)
    weight = share[:, None] * share[None, :]
    within = (weight * keep ** np.abs(hours[:, None] - hours[None, :])).sum(axis=(-1, -2))
    across = (weight * keep ** (24.0 + hours[None, :] - hours[:, None])).sum(axis=(-1, -2))
    return within, across / within


def moods(
    counts: Array, expected: Array, share: Array, draws: Draws, count: int, dispersion: float | None
) -> Moods:
    """Posterior draws from the counts of days.

    Parameters
    ----------
    counts, expected: of each day over the slots that are known, shape (days,); NaN or zero where unknown.
    share: of each hour in a day's sales, shape (24,).
    count: how many draws.
    dispersion: variance over mean of the counts; None where days alone are known: then it is drawn too.
    """
    known = np.isfinite(counts) & (counts > 0) & (expected > 0)
    y = np.where(known, np.log(np.where(known, counts, 1.0) / np.where(known, expected, 1.0)), np.nan)
    each = 1.0 / np.where(known, expected, 1.0)
    axes = [_axis(SD, _SIZE[0]), _axis(HALF_LIFE, _SIZE[1]), _axis(WALK, _SIZE[2])]
    axes.append(_axis(DISPERSION, 6) if dispersion is None else np.array([np.log(dispersion)]))
    axes = _around(axes, _posterior(y, each, share, axes))
    sd, half_life, walk, ratio = np.exp(_drawn(axes, _posterior(y, each, share, axes), draws, count))
    given, within = _settings(sd, half_life, walk, share)
    noise = each[:, None] * ratio
    y = y[:, None] + 0.5 * noise  # the mean of a log lies below the log of the mean
    path = _paths(y, noise, given, partial(normals, draws, count, "mood"))
    level = path[:, :, 0] + 0.5 * sd**2 * within
    return Moods(sd, half_life, walk, ratio, level.T, np.exp(path.sum(axis=2)).mean(axis=1))


def _paths(y: Array, noise: Array, given: Settings, deal: partial[Array]) -> Array:
    """`sampled`, where what is seen differs a little between draws by their noise."""
    return sampled(y, noise, given, lambda ordinal: deal(ordinal=ordinal))


def _settings(sd: Array, half_life: Array, walk: Array, share: Array) -> tuple[Settings, Array]:
    within, forget = of_days(half_life, share)
    return Settings(forget, sd**2 * within, walk), within


def _axis(parameter: Parameter, points: int) -> Array:
    return np.linspace(np.log(parameter.low), np.log(parameter.high), points)


def _posterior(y: Array, each: Array, share: Array, axes: list[Array]) -> Array:
    """Likelihood times what is believed before, greatest one, shape of the grid."""
    sd, half_life, walk, ratio = (np.exp(axis.ravel()) for axis in np.meshgrid(*axes, indexing="ij"))
    given, _ = _settings(sd, half_life, walk, share)
    log = filtered(y[:, None] + 0.5 * each[:, None] * ratio, each[:, None] * ratio, given).likelihood
    log = log - 0.5 * (walk / WALK.value) ** 2 + np.log(walk)  # half-normal walk, on a grid of its logarithm
    return np.asarray(np.exp(log - log.max()).reshape([len(axis) for axis in axes]))


def _around(axes: list[Array], mass: Array) -> list[Array]:
    """A grid of the same size over what the first one found likely."""
    closer = []
    for number, axis in enumerate(axes):
        if len(axis) == 1:
            closer.append(axis)
            continue
        rest = tuple(other for other in range(len(axes)) if other != number)
        likely = np.flatnonzero(mass.max(axis=rest) > _SMALL)
        low, high = max(likely[0] - 1, 0), min(likely[-1] + 1, len(axis) - 1)
        closer.append(np.linspace(axis[low], axis[high], len(axis)))
    return closer


def _drawn(axes: list[Array], mass: Array, draws: Draws, count: int) -> Array:
    """Points of the posterior, anywhere within their cell of the grid; shape (axes, count)."""
    sums = np.cumsum(mass)
    # one stratum a draw, so that few draws cover the posterior evenly
    where = (np.arange(count) + uniforms(draws, count, "setting")) / count
    place = np.unravel_index(
        np.searchsorted(sums, where * sums[-1], side="right").clip(0, mass.size - 1), mass.shape
    )
    found = []
    for number, (axis, at) in enumerate(zip(axes, place, strict=True)):
        step = axis[1] - axis[0] if len(axis) > 1 else 0.0
        moved = axis[at] + step * (uniforms(draws, count, "setting", number + 1) - 0.5)
        found.append(np.clip(moved, axis[0], axis[-1]))
    return np.array(found)
