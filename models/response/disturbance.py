"""The disturbance that nobody ordered: a first-order autoregression of the logarithm of demand.

    x' = x 2^(-dt / half_life) + sd sqrt(1 - 4^(-dt / half_life)) z        factor = exp(x - sd^2 / 2), mean one

After weekday and season are taken out, daily grocery sales show a residual sd of 0.12 with lag-1 correlation 0.3,
hourly baskets a lag-1 correlation of 0.2 (Complete Journey). Called by the plants; calls adstock; its uniforms
are handed in.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import retained
from models.response.parameter import Parameter

SD = Parameter(
    0.05,
    0.0,
    0.12,
    "log demand",
    "proposal below the residual of Complete Journey's days, which the base carries",
)
HALF_LIFE = Parameter(
    3 * 3600.0, 1800.0, 24 * 3600.0, "s", "proposal; hourly residuals correlate .20 .16 .11 at 1 to 3 h"
)


def ar1(
    state: NDArray[np.float64],
    u: NDArray[np.float64],
    sd: float | NDArray[np.float64],
    half_life: float | NDArray[np.float64],
    dt: float,
) -> NDArray[np.float64]:
    """The log disturbance after dt seconds, shape kept; stationary with standard deviation `sd`.

    sd, half_life: log demand and seconds, one for all or one a cell, shape (cells,).

    >>> ar1(np.array([0.2]), np.array([0.5]), sd=0.1, half_life=3600.0, dt=3600.0)
    array([0.1])
    """
    from scipy.special import ndtri

    keep = retained(half_life, dt)
    z = ndtri(np.clip(u, 2.0**-54, 1.0 - 2.0**-53))
    return np.asarray(state * keep + sd * np.sqrt(1.0 - keep * keep) * z)


def factor(state: NDArray[np.float64], sd: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """The factor on demand, mean one over the stationary law, shape kept; `sd` as for `ar1`.

    >>> factor(np.array([0.0, 0.02]), np.array([0.0, 0.2]))
    array([1., 1.])
    """
    return np.exp(state - sd * sd / 2.0)
