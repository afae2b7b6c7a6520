"""The posterior of a ratio of two sensors' counts, for the formula sensor: what it is made of, and its value.

Called by formula alone; calls models.pacing.ratio. Counts are those of the window: a rate (CNY/h) is multiplied by the
window's hours, and a count without a window enters as it stands.
"""

import ast
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from controller.cells import Array
from controller.quantities import Amount, QuantityError, Range
from controller.quantities.units import Unit
from controller.signals import Reading
from models.pacing import ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """What is believed of a ratio before its events, and how much."""

    of: Literal["share", "per_event", "per_amount"]
    """`share`: events of trials (redeemed / sent); `per_event`: an amount per event (spend / sales); `per_amount`:
    events per amount (sales / visits)."""
    prior: Amount
    """The ratio that is believed before anything is seen, in the sensor's unit."""
    weight: Annotated[float, Range(0, 1e9)]
    """How much that counts: so many trials, events, or units of the amount; 0 is refused."""
    certain_from: Annotated[int, Range(0, 1e9)] = 0
    """Events below which the value is called uncertain; see `uncertain_counts_as`."""

    def __post_init__(self) -> None:
        if self.weight <= 0:
            raise QuantityError(
                "a belief needs a weight above zero", self.weight, "so many events, such as 10"
            )


def parts_of(text: str, tree: ast.expr) -> tuple[str, str]:
    """The two sensors of a ratio; raises QuantityError for any other expression."""
    match tree:
        case ast.BinOp(left=ast.Name(id=above), op=ast.Div(), right=ast.Name(id=below)):
            return above, below
    raise QuantityError("a posterior is that of one sensor over another", text, "a / b")


def worked_out(posterior: Posterior, above: Reading, below: Reading, unit: str) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and the number of events behind them, shape (cells,)."""
    prior, weight = posterior.prior.level_in(unit, bare=True), posterior.weight
    top, bottom = _counted(above), _counted(below)
    if posterior.of == "share":
        found, events = ratio.of_share(np.minimum(top, bottom), bottom, prior, weight), bottom
    elif posterior.of == "per_event":
        found, events = ratio.of_amount_per_event(top, bottom, prior, weight), bottom
    else:
        found, events = ratio.of_events_per_amount(top, bottom, prior, weight), top
    return found.mean, found.spread, events


def _counted(part: Reading) -> Array:
    """What was counted in the window; a negative one is no count."""
    seconds = Unit.parse(part.unit).seconds
    span = part.window_end - part.window_start
    count = part.value * span / seconds if seconds and span > 0 else part.value
    return np.where(count >= 0, count, np.nan)
