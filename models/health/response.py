"""Did a lever that was moved have an answer at all: a regression on the fly, with the error of its slope.

The change of what is measured is regressed on the change of the lever, with forgetting (recursive least squares of one
slope through the origin; Ljung, System Identification, 1999, ch. 11): with sums that fade,

    slope = Sxy / Sxx        error = sqrt(left / Sxx),   left = (Syy - slope Sxy) / (n - 1)

n counts what has not faded. Dead: the lever has travelled far enough, and the upper end of the slope's interval is
under the least answer that would be of use. That a lever was not moved proves nothing: `travelled` says whether it was.
Arrays of shape (cells,).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Sums of a lever's moves and their answers; never changed, only replaced."""

    xx: Array
    xy: Array
    yy: Array
    count: Array
    """Samples that have not faded."""
    travelled: Array
    """Sum of the moves' sizes that has not faded."""

    @classmethod
    def none(cls, cells: int) -> "Response":
        """Before the first sample."""
        return cls(*np.zeros((5, cells)))

    def seen(self, move: Array, answer: Array, keep: float) -> "Response":
        """With one more sample; where one of the two is not finite, nothing is seen.

        move: change of the lever, already as late as its answer; answer: change of what is measured; keep: what stays
        of earlier sums, 0..1.
        """
        known = np.isfinite(move) & np.isfinite(answer)
        x, y = np.where(known, move, 0.0), np.where(known, answer, 0.0)
        kept = np.where(known, keep, 1.0)
        return Response(
            kept * self.xx + x * x,
            kept * self.xy + x * y,
            kept * self.yy + y * y,
            kept * self.count + known,
            kept * self.travelled + np.abs(x),
        )

    @property
    def slope(self) -> Array:
        """Answer to a move of one; NaN where the lever stood still."""
        return np.divide(self.xy, self.xx, out=np.full_like(self.xx, np.nan), where=self.xx > 0)

    @property
    def error(self) -> Array:
        """Standard error of the slope; NaN where there is too little to say.

        >>> state = Response.none(1)
        >>> for k in range(50):
        ...     state = state.seen(np.array([(-1.0) ** k]), np.array([2 * (-1.0) ** k]), 1.0)
        >>> float(state.slope[0]), float(state.error[0])
        (2.0, 0.0)
        """
        left = np.maximum(self.yy - np.nan_to_num(self.slope) * self.xy, 0.0)
        scale = self.xx * (self.count - 1.0)
        return np.sqrt(
            np.divide(left, scale, out=np.full_like(left, np.nan), where=(self.xx > 0) & (self.count > 2))
        )

    def dead(self, least: float, far: float, errors: float = 2.0) -> Bools:
        """Where a lever has travelled `far` and its answer, with so many standard errors, is under `least`."""
        upper = self.slope + errors * self.error
        return np.asarray((self.travelled >= far) & np.isfinite(upper) & (upper < least))
