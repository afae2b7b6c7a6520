"""Saturation: the Hill curve, from nothing at dose zero to one at an endless dose.

    hill(x) = x^slope / (x^slope + half^slope)

The form used after carry-over by media-mix models (Meridian: adstock, then Hill). Called by the plants' parts; calls
nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

SLOPE = Parameter(
    1.3, 0.5, 3.0, "1", "search bounds 0.5 to 3 of Robyn's guideline for the Hill exponent, no estimate", True
)


def hill(dose: NDArray[np.float64], half: float, slope: float = SLOPE.value) -> NDArray[np.float64]:
    """Share of the full response at a dose, in [0, 1), any shape; doses below zero count as zero, NaN stays NaN.

    Parameters
    ----------
    dose: in any unit, the same as `half`.
    half: the dose of half the full response, above zero.
    slope: steepness, above zero; above one the curve is S-shaped.

    >>> hill(np.array([0.0, 8.0, 1e9]), half=8.0, slope=1.0).round(6)
    array([0. , 0.5, 1. ])
    """
    if not (half > 0 and slope > 0):
        raise ValueError(f"half and slope must be above zero, received half={half}, slope={slope}")
    power = (np.maximum(dose, 0.0) / half) ** slope
    return 1.0 - 1.0 / (1.0 + power)
