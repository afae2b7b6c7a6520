"""Are the groups as large as they should be? A lift between groups that came about wrongly means nothing.

`once` is Pearson's chi-square for one look. `Evidence` may be looked at as often as one likes:

    M = Gamma(c) / Gamma(c + n) prod Gamma(c p_i + n_i) / Gamma(c p_i) / prod p_i^{n_i}

the ratio of a Dirichlet mixture around the wanted shares p to p itself (Lindon & Malek, Anytime-valid inference for
multinomial count data, NeurIPS 35 (2022), eq. 9). Under p it passes 1 / alpha with probability alpha or less, ever.
Counts are its state. A mismatch is looked for at alpha = 0.001 by custom: a wrong split is rare, and stops everything.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln, xlogy

from models.inference.checks import Array, counts, finite

CONCENTRATION = 1000.0
"""c: how near to the wanted shares a mismatch is thought to lie; any value is valid. Proposal."""


def once(sizes: ArrayLike, shares: ArrayLike) -> Array:
    """Probability of sizes (..., groups) at least as far from `shares` (groups,), for one look fixed beforehand.

    Raises
    ------
    ValueError: sizes that are no counts, or all 0; shares that are 0 or less, or do not sum to 1.

    >>> once([[5000, 5000], [5200, 4800]], [0.5, 0.5]).round(6)
    array([1.0e+00, 6.3e-05])
    """
    n, p = _pair(sizes, shares)
    total = n.sum(axis=-1, keepdims=True)
    if (total == 0).any():
        raise ValueError("sizes: received no one, allowed is one person or more")
    return np.asarray(chdtrc(p.size - 1, ((n - total * p) ** 2 / (total * p)).sum(axis=-1)), np.float64)


def evidence(sizes: ArrayLike, shares: ArrayLike, concentration: float = CONCENTRATION) -> Array:
    """log M of sizes (..., groups) so far; log(1 / alpha) or more at any look refutes the shares at alpha.

    >>> evidence([[5000, 5000], [5200, 4800], [5400, 4600]], [0.5, 0.5]).round(2)
    array([-1.2 ,  6.08, 27.92])
    """
    n, p = _pair(sizes, shares)
    if not 0 < concentration < np.inf:
        raise ValueError(f"concentration: received {concentration!r}, allowed is a finite number above 0")
    own = concentration * p
    mixed = gammaln(concentration) - gammaln(concentration + n.sum(axis=-1))
    return np.asarray(mixed + (gammaln(own + n) - gammaln(own) - xlogy(n, p)).sum(axis=-1), np.float64)


def _pair(sizes: ArrayLike, shares: ArrayLike) -> tuple[Array, Array]:
    n, p = counts("sizes", sizes), finite("shares", shares)
    if p.ndim != 1 or p.size < 2 or n.shape[-1:] != p.shape:
        raise ValueError(
            f"sizes, shares: received {n.shape}, {p.shape}, allowed are (..., groups) and (groups,)"
        )
    if (p <= 0).any() or abs(p.sum() - 1.0) > 1e-9:
        raise ValueError(f"shares: received {p.tolist()}, allowed are numbers above 0 that sum to 1")
    return n, p
