"""What a holiday or a promotion does to a level: one factor, learnt from few windows and drawn towards none.

    factor = (sum of measured + CAUTION x expected a window) / (sum of expected + CAUTION x expected a window)

The posterior mean of a factor on a Poisson mean under a gamma prior of mean one that weighs as much as CAUTION windows
(Clayton & Kaldor, Biometrics 43 (1987) 671-681). Pure; called by whoever plans around holidays.
"""

from dataclasses import dataclass

import numpy as np

from models.forecast.hours import Array

CAUTION = 24.0
"""Windows without any effect that the prior counts for: of a day's hours, an effect seen once counts half."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """Sums over the windows that the effect was in, shape (cells,); never changed, only replaced."""

    measured: Array
    expected: Array
    windows: Array

    @classmethod
    def fresh(cls, cells: int) -> "Effect":
        """Nothing seen."""
        measured, expected, windows = np.zeros((3, cells))
        return cls(measured, expected, windows)

    def seen(self, measured: Array, expected: Array) -> "Effect":
        """With one more window a cell; NaN in either: not counted there.

        >>> one = Effect.fresh(1)
        >>> for _ in range(24):
        ...     one = one.seen(np.array([15.0]), np.array([10.0]))
        >>> one.factor
        array([1.25])
        """
        known = np.isfinite(measured) & np.isfinite(expected) & (expected > 0)
        return Effect(
            self.measured + np.where(known, measured, 0.0),
            self.expected + np.where(known, expected, 0.0),
            self.windows + known,
        )

    @property
    def factor(self) -> Array:
        """What a level is multiplied by; one where nothing was seen."""
        usual = CAUTION * np.divide(
            self.expected, self.windows, out=np.zeros_like(self.expected), where=self.windows > 0
        )
        return np.divide(
            self.measured + usual, self.expected + usual,
            out=np.ones_like(usual), where=self.expected + usual > 0,
        )  # fmt: skip
