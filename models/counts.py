"""Quantiles of counts: Poisson, negative binomial and binomial by inverse CDF, monotone in the uniform.

One uniform a count, so that two policies meet the same luck. Counts of small mean are found exactly, by summing up
probabilities; counts of large mean by a Cornish-Fisher expansion on the lattice, whose error is stated at
`EXPANDS_AT` and tested. Arrays are worked through in blocks that stay in cache; a count depends on its own numbers
alone, so no cut changes it. Called by plants; calls scipy.special for the normal quantile; keeps and draws nothing.

All three laws have probabilities with p(k+1) / p(k) = a + b / (k + 1): the recursion of Panjer
(ASTIN Bulletin 12, 1981).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EXPANDS_AT = 0.2
"""Squared skewness below which the expansion is used, from a variance of 4 on. There a count is off by one
for at most 1 uniform in 200, and never by more than one for uniforms in [1e-6, 1 - 1e-6], at dispersions up to
`MOST_DISPERSED`."""

MOST_DISPERSED = 50.0
BLOCK = 4096
"""Counts worked on at a time."""

_TINY = 2.0**-54
_MOST = float(np.finfo(np.float64).max)
_LAST = 1e-9
"""Uniforms nearer to one than this may end in a tail of no weight."""
_FEW = 96
"""So many or fewer walk faster in one array than step by step."""


MEAN: Floats = np.array(np.nan)
"""In the place of the uniforms: the mean of the law instead of a count, for those who look ahead without luck."""

_Recursion = tuple[Floats, Floats, Floats]
"""p(0), a and b of p(k + 1) / p(k) = a + b / (k + 1)."""


def poisson(u: Floats, mean: Floats) -> Floats:
    """Smallest k with P(X <= k) >= u for a Poisson law, shape of `u`; mean zero or more.

    >>> poisson(np.array([0.1, 0.5, 0.9]), np.array([3.0, 3.0, 3.0]))
    array([1., 3., 5.])
    >>> poisson(MEAN, np.array([3.5]))
    array([3.5])
    """
    _check("mean", mean, _MOST)
    if u is MEAN:
        return mean
    return _blocked(_poisson, u, mean)


def negative_binomial(u: Floats, mean: Floats, dispersion: Floats | float) -> Floats:
    """Smallest k with P(X <= k) >= u, for counts whose variance is dispersion x mean, shape of `u`.

    Sums over any cut of time keep this law, because the dispersion, not the shape, is held constant. Dispersion one is
    the Poisson law. `dispersion` is one number, or an array that fits the shape of `u` (one a cell).

    >>> negative_binomial(np.array([0.1, 0.5, 0.9]), np.array([3.0, 3.0, 3.0]), dispersion=3.0)
    array([0., 2., 7.])
    >>> negative_binomial(np.array([0.9, 0.9]), np.array([3.0, 3.0]), dispersion=np.array([1.0, 3.0]))
    array([5., 7.])
    """
    d = np.asarray(dispersion, np.float64)
    if not ((d >= 1) & (d <= MOST_DISPERSED)).all():
        raise ValueError(
            f"a dispersion (variance / mean) must be 1 to {MOST_DISPERSED}, received {dispersion}"
        )
    _check("mean", mean, _MOST)
    if u is MEAN:
        return mean
    if not d.size:
        return np.zeros(np.broadcast_shapes(u.shape, mean.shape, d.shape))
    if d.ndim == 0 or (d == d.flat[0]).all():
        d0 = float(d.flat[0])
        return _blocked(lambda v, m: _negative_binomial(v, m, d0), u, mean)
    return _blocked(_mixed, u, mean, d)


@lru_cache(maxsize=4096)
def negative_binomial_table(mean: float, dispersion: float) -> Floats | None:
    """P(X <= k) for k = 0, 1, ... of one law, as `negative_binomial` adds it up; None where it would be expanded.

    Many counts of one law are then one search: the smallest k is `np.searchsorted(table, u)`, the same for uniforms up
    to 1 - 1e-9, and the table's length beyond.

    >>> table = negative_binomial_table(1.2, 1.5)
    >>> np.searchsorted(table, [0.1, 0.5, 0.9]), negative_binomial(np.array([0.1, 0.5, 0.9]), np.full(3, 1.2), 1.5)
    (array([0, 1, 3]), array([0., 1., 3.]))
    """
    if mean * dispersion >= 4.0 or not (mean >= 0 and 1 <= dispersion <= MOST_DISPERSED):
        return None
    one = np.array([mean])
    first = _poisson_first(one) if dispersion == 1 else _negative_binomial_first(one, dispersion)
    p, a, b = first[0].copy(), first[1], first[2]
    total, step, sums = p.copy(), 0.0, [float(p[0])]
    while total[0] < 1.0 - _LAST:
        step += 1.0
        p *= np.maximum(b / step + a, 0.0)
        total += p
        sums.append(float(total[0]))
    table = np.array(sums)
    table.setflags(write=False)
    return table


def binomial(u: Floats, trials: Floats, chance: Floats) -> Floats:
    """Smallest k with P(X <= k) >= u for a binomial law, shape of `u`; never above `trials`, chance in [0, 1].

    >>> binomial(np.array([0.1, 0.5, 0.9]), np.array([10.0, 10.0, 0.0]), np.array([0.3, 1.0, 0.5]))
    array([ 1., 10.,  0.])
    """
    _check("trials", trials, _MOST)
    _check("chance", chance, 1.0)
    if u is MEAN:
        return trials * chance
    return _blocked(_binomial, u, trials, chance)


def _poisson(u: Floats, mean: Floats) -> Floats:
    return _quantile(u, mean, lambda: (mean, mean, mean, mean, mean), _poisson_first, (mean,))


def _poisson_first(mean: Floats) -> _Recursion:
    return np.exp(-mean), np.zeros_like(mean), mean


def _negative_binomial(u: Floats, mean: Floats, d: Floats | float) -> Floats:
    if isinstance(d, float) and d == 1:
        return _poisson(u, mean)
    skew, tail = 2 * d - 1, 12 * d * (d - 1)
    variance = d * mean

    def laws() -> tuple[Floats, ...]:
        return mean, variance, d * skew * mean, d * (tail / 2 + 1) * mean, d * skew * (tail + 1) * mean

    return _quantile(u, variance, laws, _negative_binomial_first, (mean, d))


def _negative_binomial_first(mean: Floats, d: Floats | float) -> _Recursion:
    share = 1.0 - 1.0 / d
    size = mean / (d - 1.0)
    return d**-size, np.zeros_like(mean) + share, (size - 1.0) * share


def _mixed(u: Floats, mean: Floats, d: Floats) -> Floats:
    """Counts of a dispersion each; those of dispersion one are Poisson."""
    k, plain = np.zeros(u.shape), d == 1
    k[plain] = _poisson(u[plain], mean[plain])
    k[~plain] = _negative_binomial(u[~plain], mean[~plain], d[~plain])
    return k


def _binomial(u: Floats, trials: Floats, chance: Floats) -> Floats:
    many = chance > 0.5  # count the rarer side, from the other end of the uniform
    if not many.any():
        return _rare_binomial(u, trials, chance)
    k = _rare_binomial(np.where(many, 1.0 - u, u), trials, np.where(many, 1.0 - chance, chance))
    return np.asarray(np.where(many, trials - k, k))


def _rare_binomial(u: Floats, trials: Floats, p: Floats) -> Floats:
    q = 1.0 - p
    variance = trials * p * q

    def laws() -> tuple[Floats, ...]:
        third = variance * (q - p)
        return trials * p, variance, third, variance * (1.0 - 6.0 * p * q), third * (1.0 - 12.0 * p * q)

    k = _quantile(u, variance, laws, _binomial_first, (trials, p))
    return np.asarray(np.minimum(k, trials))


def _binomial_first(trials: Floats, p: Floats) -> _Recursion:
    odds = p / (1.0 - p)
    return np.exp(trials * np.log1p(-p)), -odds, (trials + 1.0) * odds


def _check(name: str, value: Floats, most: float) -> None:
    good = (value >= 0.0) & (value <= most)
    if not good.all():
        raise ValueError(f"{name} must be finite and in its range everywhere, received {value[~good][:3]}")


def _blocked(law: Callable[..., Floats], *arrays: Floats) -> Floats:
    """A law over whole arrays, `BLOCK` counts at a time."""
    shape = arrays[0].shape
    if [array.shape for array in arrays] != [shape] * len(arrays):
        arrays = np.broadcast_arrays(*arrays)
        shape = arrays[0].shape
    flat = [array.ravel() for array in arrays]
    if flat[0].size <= BLOCK:
        return law(*flat).reshape(shape)
    k = np.empty(flat[0].size)
    for start in range(0, k.size, BLOCK):
        part = slice(start, start + BLOCK)
        k[part] = law(*(array[part] for array in flat))
    return k.reshape(shape)


def _quantile(
    u: Floats,
    variance: Floats,
    laws: Callable[[], tuple[Floats, ...]],
    first: Callable[..., _Recursion],
    parameters: tuple[Floats | float, ...],
) -> Floats:
    """Exact where the law is skew, expanded where it is nearly normal; `laws` are its first five cumulants."""
    if variance.max(initial=0.0) < 4.0:
        return _walk(u, *first(*parameters))
    cumulants = laws()
    near = (cumulants[2] ** 2 < EXPANDS_AT * variance**3) & (variance >= 4.0)
    if near.all():
        return _expand(u, cumulants)
    if not near.any():
        return _walk(u, *first(*parameters))
    k, at, far = np.empty(u.shape), np.flatnonzero(near), np.flatnonzero(~near)
    own = {id(each): each[at] for each in cumulants}  # some are one array
    k[at] = _expand(u[at], tuple(own[id(each)] for each in cumulants))
    k[far] = _walk(u[far], *first(*(p if isinstance(p, float) else p[far] for p in parameters)))
    return k


def _expand(u: Floats, cumulants: tuple[Floats, ...]) -> Floats:
    """Cornish-Fisher to the third order, with Sheppard's corrections for the lattice."""
    from scipy.special import ndtri

    mean, variance, third, fourth, fifth = cumulants
    z = ndtri(np.minimum(np.maximum(u, _TINY), 1.0 - 2.0**-53))
    z2 = z * z
    sd = np.sqrt(variance - 1.0 / 12.0)
    s, e, f = third / sd**3, (fourth + 1.0 / 120.0) / sd**4, fifth / sd**5
    x = z + s * (z2 - 1.0) / 6.0
    x += e * (z2 - 3.0) * z / 24.0 - s * s * (2.0 * z2 - 5.0) * z / 36.0
    x += f * ((z2 - 6.0) * z2 + 3.0) / 120.0 - s * e * ((z2 - 5.0) * z2 + 2.0) / 24.0
    x += s**3 * ((12.0 * z2 - 53.0) * z2 + 17.0) / 324.0
    return np.asarray(np.maximum(np.ceil(mean + sd * x - 0.5), 0.0))


def _walk(u: Floats, first: Floats, a: Floats, b: Floats) -> Floats:
    """Add up probabilities until they reach u: stretch by stretch, each by those alone who have not arrived yet."""
    k = np.zeros(u.shape)
    last = u > 1.0 - _LAST
    if last.any():
        k[last] = _walk_out(u[last], first[last], a[last], b[last])
        at = np.flatnonzero((first < u) & ~last)
    else:
        at = np.flatnonzero(first < u)
    u, p, a, b = u[at], first[at], a[at], b[at]
    total, done, stretch = p.copy(), 0, 2
    while at.size:
        few = at.size <= _FEW
        walk, stretch = (_at_once, max(stretch, 16)) if few else (_side_by_side, stretch)
        walked, p, total = walk(u, p, total, a, b, np.arange(done + 1.0, done + stretch + 1.0))
        k[at] = walked + (done + 1.0)
        on = np.flatnonzero(total < u)
        at, u, p, a, b, total = at[on], u[on], p[on], a[on], b[on], total[on]
        done, stretch = done + stretch, min(2 * stretch, 64)
    return k


_Walked = tuple[NDArray[np.uint8], Floats, Floats]


def _side_by_side(u: Floats, p: Floats, total: Floats, a: Floats, b: Floats, steps: Floats) -> _Walked:
    """A stretch by many: each step in place. Steps that ended short of u, last probability, sum."""
    walked, each, short = np.zeros(u.size, np.uint8), np.empty(u.size), np.empty(u.size, np.bool_)
    for step in steps:
        np.divide(b, step, out=each)
        each += a
        np.maximum(each, 0.0, out=each)
        p *= each
        total += p
        np.less(total, u, out=short)
        walked += short.view(np.uint8)
    return walked, p, total


def _at_once(u: Floats, p: Floats, total: Floats, a: Floats, b: Floats, steps: Floats) -> _Walked:
    """The same by few: all steps in one array, accumulated in the same order to the same bits."""
    each = np.maximum(b / steps[:, None] + a, 0.0)
    each[0] *= p
    np.multiply.accumulate(each, axis=0, out=each)
    sums = each.copy()
    sums[0] += total
    np.add.accumulate(sums, axis=0, out=sums)
    walked = np.add.reduce((sums < u).view(np.uint8), axis=0, dtype=np.uint8)
    return walked, each[-1], sums[-1]


def _walk_out(u: Floats, first: Floats, a: Floats, b: Floats) -> Floats:
    """The walk of uniforms so near to one that it may have to stop where the tail is below the uniform's grain."""
    k, p, total = np.zeros(u.shape), first.copy(), first.copy()
    short = total < u
    while short.any():
        p = p * np.where(short, np.maximum(a + b / (k + 1.0), 0.0), 1.0)  # what has arrived stays as it is
        rest = p > 1e-18
        k = np.where(short, k + 1.0, k)
        total = np.where(short, total + p, total)
        short &= (total < u) & (rest | (total < 0.5))
    return k
