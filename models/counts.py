"""Quantiles of counts: Poisson, negative binomial and binomial by inverse CDF, monotone in the uniform.

One uniform a count, so that two policies meet the same luck. Counts of small mean are found exactly, by summing up
probabilities; counts of large mean by a Cornish-Fisher expansion on the lattice, whose error is stated at
`EXPANDS_AT` and tested. Called by plants; calls scipy.special for the normal quantile; keeps nothing, draws nothing.

All three laws have probabilities with p(k+1) / p(k) = a + b / (k + 1): the recursion of Panjer
(ASTIN Bulletin 12, 1981).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXPANDS_AT = 0.2
"""Squared skewness below which the expansion is used, from a variance of 4 on. There a count is off by one
for at most 1 uniform in 200, and never by more than one for uniforms in [1e-6, 1 - 1e-6], at dispersions up to
`MOST_DISPERSED`."""

MOST_DISPERSED = 50.0

_TINY = 2.0**-54


def poisson(u: Floats, mean: Floats) -> Floats:
    """Smallest k with P(X <= k) >= u for a Poisson law, shape of `u`; mean zero or more.

    >>> poisson(np.array([0.1, 0.5, 0.9]), np.array([3.0, 3.0, 3.0]))
    array([1., 3., 5.])
    """
    u, mean = np.broadcast_arrays(u, mean)
    _check("mean", mean, mean >= 0)
    return _quantile(u, np.exp(-mean), np.zeros_like(mean), mean, (mean, mean, mean, mean, mean))


def negative_binomial(u: Floats, mean: Floats, dispersion: float) -> Floats:
    """Smallest k with P(X <= k) >= u, for counts whose variance is dispersion x mean, shape of `u`.

    Sums over any cut of time keep this law, because the dispersion, not the shape, is held constant. Dispersion one is
    the Poisson law.

    >>> negative_binomial(np.array([0.1, 0.5, 0.9]), np.array([3.0, 3.0, 3.0]), dispersion=3.0)
    array([0., 2., 7.])
    """
    if not 1 <= dispersion <= MOST_DISPERSED:
        raise ValueError(
            f"a dispersion (variance / mean) must be 1 to {MOST_DISPERSED}, received {dispersion}"
        )
    if dispersion == 1:
        return poisson(u, mean)
    u, mean = np.broadcast_arrays(u, mean)
    _check("mean", mean, mean >= 0)
    d, share = dispersion, 1.0 - 1.0 / dispersion
    size = mean / (d - 1.0)
    skew, tail = 2 * d - 1, 12 * d * (d - 1)
    laws = (mean, d * mean, d * skew * mean, d * (tail / 2 + 1) * mean, d * skew * (tail + 1) * mean)
    return _quantile(u, d**-size, np.full_like(mean, share), (size - 1.0) * share, laws)


def binomial(u: Floats, trials: Floats, chance: Floats) -> Floats:
    """Smallest k with P(X <= k) >= u for a binomial law, shape of `u`; never above `trials`, chance in [0, 1].

    >>> binomial(np.array([0.1, 0.5, 0.9]), np.array([10.0, 10.0, 0.0]), np.array([0.3, 1.0, 0.5]))
    array([ 1., 10.,  0.])
    """
    u, trials, chance = np.broadcast_arrays(u, trials, chance)
    _check("trials", trials, trials >= 0)
    _check("chance", chance, (chance >= 0) & (chance <= 1))
    many = chance > 0.5  # count the rarer side, from the other end of the uniform
    p = np.where(many, 1.0 - chance, chance)
    k = _rare_binomial(np.where(many, 1.0 - u, u), trials, p)
    return np.asarray(np.where(many, trials - k, k))


def _rare_binomial(u: Floats, trials: Floats, p: Floats) -> Floats:
    odds, q = p / (1.0 - p), 1.0 - p
    variance = trials * p * q
    third = variance * (q - p)
    laws = (trials * p, variance, third, variance * (1.0 - 6.0 * p * q), third * (1.0 - 12.0 * p * q))
    k = _quantile(u, np.exp(trials * np.log1p(-p)), -odds, (trials + 1.0) * odds, laws)
    return np.asarray(np.minimum(k, trials))


def _check(name: str, value: Floats, good: NDArray[np.bool_]) -> None:
    if not (good & np.isfinite(value)).all():
        raise ValueError(
            f"{name} must be finite and in its range everywhere, received {value[~good | ~np.isfinite(value)][:3]}"
        )


def _quantile(u: Floats, first: Floats, a: Floats, b: Floats, laws: tuple[Floats, ...]) -> Floats:
    """Exact where the law is skew, expanded where it is nearly normal."""
    variance, third = laws[1], laws[2]
    near = (third**2 < EXPANDS_AT * variance**3) & (variance >= 4.0)
    k = np.zeros(u.shape)
    if near.any():
        k[near] = _expand(u[near], tuple(law[near] for law in laws))
    if not near.all():
        far = ~near
        k[far] = _walk(u[far], first[far], a[far], b[far])
    return k


def _expand(u: Floats, cumulants: tuple[Floats, ...]) -> Floats:
    """Cornish-Fisher to the third order, with Sheppard's corrections for the lattice."""
    from scipy.special import ndtri

    mean, variance, third, fourth, fifth = cumulants
    z = ndtri(np.clip(u, _TINY, 1.0 - 2.0**-53))
    z2 = z * z
    sd = np.sqrt(variance - 1.0 / 12.0)
    s, e, f = third / sd**3, (fourth + 1.0 / 120.0) / sd**4, fifth / sd**5
    x = z + s * (z2 - 1.0) / 6.0
    x += e * (z2 - 3.0) * z / 24.0 - s * s * (2.0 * z2 - 5.0) * z / 36.0
    x += f * ((z2 - 6.0) * z2 + 3.0) / 120.0 - s * e * ((z2 - 5.0) * z2 + 2.0) / 24.0
    x += s**3 * ((12.0 * z2 - 53.0) * z2 + 17.0) / 324.0
    return np.asarray(np.maximum(np.ceil(mean + sd * x - 0.5), 0.0))


def _walk(u: Floats, first: Floats, a: Floats, b: Floats) -> Floats:
    """Add up probabilities until they reach u; stops where the rest of the tail is below the uniform's grain."""
    k, p, total = np.zeros(u.shape), first.copy(), first.copy()
    short = total < u
    while short.any():
        p = p * np.where(short, np.maximum(a + b / (k + 1.0), 0.0), 1.0)  # what has arrived stays as it is
        rest = p > 1e-18
        k = np.where(short, k + 1.0, k)
        total = np.where(short, total + p, total)
        short &= (total < u) & (rest | (total < 0.5))
    return k
