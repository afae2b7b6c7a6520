"""The budget's multiplier: a price on money that rises while spending runs ahead and falls while it lags.

Adaptive pacing keeps a multiplier mu >= 0 on the budget and shades what it offers by 1 / (1 + mu). After each period,
with the spending z and the budgeted rate rho (Balseiro and Gur 2019, Management Science 65(9), adaptive pacing
strategy):

    mu' = P[0, most]( mu - step (rho - z) / rho )                      projected sub-gradient of the dual

Here the error is relative, so one step suits every currency. The dual PID (Balseiro, Lu, Mirrokni and Sivan 2022,
arXiv 2202.06152) adds proportional and derivative parts on the same sub-gradient g = (rho - z) / rho. It is written in
its increments, so that the multiplier is the whole memory and the projection acts on it alone:

    mu' = P[0, most]( mu - step g - proportional (g - g1) - derivative (g - 2 g1 + g2) )

In the Euclidean geometry of these steps the answer of spending to a step shrinks with the multiplier: 1 / (1 + mu) is
flat where mu is large. With `relative` the same steps are taken on log(1 + mu), mirror descent on the dual with an
entropy (Balseiro, Lu and Mirrokni 2023, "The Best of Many Worlds", Operations Research 71(1), gives the regret of such
references): a step then moves spending by the same share wherever it stands.

An output in a range is the shading of that range, scaled so that the highest multiplier is its low end:

    share = (1 / (1 + mu) - 1 / (1 + most)) / (1 - 1 / (1 + most))     1 at mu = 0, 0 at mu = most

Called by the pacing policy and benchmarks; pure arrays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CUT = 4.0
"""Most that one period counts as overspent, in budgeted rates."""


@dataclass(frozen=True, slots=True)
class Law:
    """Numbers of the dual PID, none of them negative; `most` above zero."""

    step: float
    """Change of the multiplier a period at an error of the whole rate: the integral part."""
    proportional: float = 0.0
    derivative: float = 0.0
    most: float = 9.0
    """Highest multiplier."""
    relative: bool = False
    """Whether steps are taken on log(1 + mu)."""

    def after(self, multiplier: Array, gradient: Array, before: Array, earlier: Array) -> Array:
        """The multiplier after one period, shape (cells,).

        `gradient`: of this period; `before`, `earlier`: of the last one and of the one before it, NaN for none.

        >>> law, none = Law(step=0.5), np.full(2, np.nan)
        >>> law.after(np.array([1.0, 0.1]), np.array([-0.2, 0.4]), none, none)
        array([1.1, 0. ])
        >>> Law(0.5, proportional=2.0).after(np.array([1.0]), np.array([0.2]), np.array([0.1]), none[:1])
        array([0.7])
        >>> Law(0.1, relative=True).after(np.array([0.0, 9.0]), np.array([-1.0, 1.0]), none, none).round(3)
        array([0.105, 8.048])
        """
        moved = self.step * gradient
        if self.proportional or self.derivative:
            known = np.where(np.isfinite(before), before, gradient)
            older = np.where(np.isfinite(earlier), earlier, known)
            moved = moved + self.proportional * (gradient - known)
            moved = moved + self.derivative * (gradient - 2.0 * known + older)
        if self.relative:
            return np.clip(np.expm1(np.log1p(multiplier) - moved), 0.0, self.most)
        return np.clip(multiplier - moved, 0.0, self.most)

    def share(self, multiplier: Array) -> Array:
        """Share of the range that a multiplier leaves, 1 at none and 0 at the highest; shape (cells,).

        >>> Law(step=0.1, most=9.0).share(np.array([0.0, 1.0, 9.0])).round(4)
        array([1.    , 0.4444, 0.    ])
        """
        floor = 1.0 / (1.0 + self.most)
        return np.asarray((1.0 / (1.0 + multiplier) - floor) / (1.0 - floor))

    def at_share(self, share: Array) -> Array:
        """The multiplier that leaves a share of the range: the inverse of `share`, shape (cells,).

        >>> Law(step=0.1).at_share(Law(step=0.1).share(np.array([0.0, 2.5, 9.0]))).round(9)
        array([0. , 2.5, 9. ])
        """
        floor = 1.0 / (1.0 + self.most)
        shaded = floor + (1.0 - floor) * np.clip(share, 0.0, 1.0)
        return np.clip(1.0 / shaded - 1.0, 0.0, self.most)


def relative_gradient(rate: Array, spent: Array) -> Array:
    """(rho - z) / rho cut at -CUT, shape (cells,); -CUT where something is spent of a rate of nothing.

    It is never above 1. A period that spends a hundred times its rate says no more about the multiplier than one that
    spends five times as much; cut, a single one can't throw it away.

    >>> relative_gradient(np.array([10.0, 10.0, 0.0, 0.0]), np.array([8.0, 900.0, 1.0, 0.0]))
    array([ 0.2, -4. , -4. ,  0. ])
    """
    gap = rate - spent
    found = np.divide(gap, rate, out=CUT * np.sign(gap), where=rate > 0)
    return np.clip(found, -CUT, 1.0)
