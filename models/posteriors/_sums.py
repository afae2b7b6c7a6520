"""What every posterior asks of its sums and its prior."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def amounts(name: str, value: ArrayLike, shape: tuple[int, ...], least: float = 0.0) -> Array:
    """An array of that shape, finite and at least so much; raises ValueError with what was received."""
    found = np.asarray(value, np.float64)
    if found.shape != shape:
        raise ValueError(f"{name} has shape {found.shape}, allowed: {shape}, cells by arms")
    bad = ~(np.isfinite(found) & (found >= least))
    if bad.any():
        raise ValueError(f"{name} holds {found[bad][0]:g}, allowed: finite numbers of {least:g} or more")
    return found


def share(keep: float) -> float:
    """What stays of earlier sums; raises ValueError outside (0, 1]."""
    if not 0 < keep <= 1:
        raise ValueError(f"keep is {keep:g}, allowed: above 0, up to 1 (1 forgets nothing)")
    return keep


def positive(**given: float) -> None:
    """Raises ValueError for a number of a prior that is not above zero."""
    for name, value in given.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value:g}, allowed: finite, above 0")
