"""What pid is told of its plant, so that it can act before what is known in advance shows.

Called by pid alone. With G the gain in % of the target per % of the output's range, S the range, s the direction, x the
change that events bring (0.25: a quarter more):

    (1 + x) (1 + G move / S) = 1        move = s S (1 / (1 + x) - 1) / G

(static feed-forward from a known disturbance: Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 5).
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.quantities import Duration, QuantityError

LEAST = -0.9
"""A fall of more than that counts as this one: where next to nothing is left there is nothing to steer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedforward:
    """How the output answers, for events that are known in advance."""

    gain: float
    """% of the target per % of the output's range, once a move has had its whole effect; above zero, since `move` gives
    the direction."""
    ahead: Duration = 0.0
    """The time that a move needs to be felt: its counter begins so long before an event, and ends so long before its
    end."""

    def __post_init__(self) -> None:
        if not 0 < self.gain < np.inf:
            raise QuantityError(
                "feedforward.gain must be above zero: a lever of no effect counters nothing",
                self.gain,
                "% of the target per % of the output's range, such as 0.6",
            )

    def counter(self, span: float, sign: float, felt: Array, period: float) -> Array:
        """The move that undoes what is coming, in output units, shape (cells,).

        `felt`: change in each execution's time from now on, shape (cells, executions), `period` seconds each.

        >>> told = Feedforward(gain=0.5, ahead=3600.0)
        >>> told.counter(0.10, +1.0, np.array([[0.0, 0.25], [0.0, 0.0]]), 3600.0).round(3)
        array([-0.04,  0.  ])
        """
        place = min(self.ahead / period, felt.shape[1] - 1.0)
        first = int(place)
        after = min(first + 1, felt.shape[1] - 1)
        coming = felt[:, first] + (place - first) * (felt[:, after] - felt[:, first])
        return np.asarray(sign * span * (1.0 / (1.0 + np.maximum(coming, LEAST)) - 1.0) / self.gain)
