"""What a bank believes, told in a few numbers a cell: the plant with intervals, and how likely it is that the lever
does nothing or does it the wrong way round. Called by the policies; pure.
"""

from dataclasses import dataclass, fields

import numpy as np

from models.adaptive.bank import AT, GAIN, WORN, Bank
from models.adaptive.plants import Array, Plants, summed


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Means and standard deviations, shape (cells,); gains in shares of the target per range, times in periods."""

    gain: Array
    gain_sd: Array
    lasting: Array
    """Gain in the long run: what is left of it where a market wears out."""
    lasting_sd: Array
    lag: Array
    lag_sd: Array
    dead: Array
    dead_sd: Array
    useless: Array
    """Probability that the lasting gain is below what a lever must do: dead, or of the wrong sign."""
    wrong: Array
    """Probability that it is below zero by as much."""

    def arrays(self) -> dict[str, Array]:
        """Its arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def believed(bank: Bank, plants: Plants, useful: float) -> Belief:
    """Summed up over all plants; `useful`: gain below which a lever counts as dead."""
    from scipy.special import ndtr  # late: a check of a file builds this policy and needs no scipy

    weights, mean, cov = bank.weights, bank.mean, bank.cov
    lasting = mean[GAIN] + mean[WORN]
    both = cov[AT[GAIN, GAIN]] + 2 * cov[AT[GAIN, WORN]] + cov[AT[WORN, WORN]]
    sd = np.sqrt(np.maximum(both, 1e-12))
    return Belief(
        *_moments(weights, mean[GAIN], cov[AT[GAIN, GAIN]]),
        *_moments(weights, lasting, both),
        *_moments(weights, plants.lag, 0.0),
        *_moments(weights, plants.dead, 0.0),
        summed(weights * ndtr((useful - lasting) / sd)),
        summed(weights * ndtr((-useful - lasting) / sd)),
    )


def _moments(weights: Array, mean: Array, variance: Array | float) -> tuple[Array, Array]:
    """Mean and standard deviation of a mixture, shape (cells,)."""
    middle = summed(weights * mean)
    around = summed(weights * (variance + (mean - middle) ** 2))
    return middle, np.sqrt(np.maximum(around, 0.0))
