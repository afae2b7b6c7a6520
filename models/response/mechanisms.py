"""What a win-rate does to people, under each reading that the literature disagrees on: swappable, cell by cell.

    dose = reference x appeal(chance) / appeal(reference)

All mechanisms agree at the reference, the win-rate that a market's response was fitted at; they part from there. The
linear one gives the chance back as it is. A policy is to be judged under each of MECHANISMS. Called by the lottery's
part of the plants; calls expected_value, prospect and small_discount; draws nothing.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.response import expected_value, prospect, small_discount

Floats = NDArray[np.float64]
Value = float | Floats

MECHANISMS = ("expected_value", "prospect", "small_discount")
"""Names by code: a cell's code is the place of its mechanism here. The first is the plain chance."""

_APPEALS: tuple[Callable[[Floats, Value, Value], Floats], ...] = (
    expected_value.appeal,
    prospect.appeal,
    small_discount.appeal,
)


def code_of(name: str) -> int:
    """The code of a mechanism.

    >>> code_of("prospect")
    1
    """
    if name not in MECHANISMS:
        raise ValueError(f"a lottery mechanism is one of {', '.join(MECHANISMS)}, received {name!r}")
    return MECHANISMS.index(name)


def dose(
    chance: Floats, prize: Value, price: Value, code: Floats | NDArray[np.int64], reference: Value
) -> Floats:
    """The win-rate that would do the same under `expected_value`, shape of `chance`; at `reference` it is itself.

    Parameters
    ----------
    chance: that one unit wins, in [0, 1], shape (cells,).
    prize, price: in money, above zero wherever a mechanism other than the first is in force.
    code: whole places in MECHANISMS, shape (cells,).
    reference: the win-rate at which all mechanisms agree, above zero, at most one.

    Never falls as the chance rises; zero at zero; may pass one.

    >>> dose(np.full(3, 0.12), 2.0, 4.0, np.array([0, 1, 2]), reference=0.03).round(4)
    array([0.12  , 0.0667, 0.0775])
    """
    codes = np.unique(code)
    if not np.isin(codes, np.arange(len(MECHANISMS))).all():
        raise ValueError(
            f"codes of lottery mechanisms are 0 to {len(MECHANISMS) - 1} ({', '.join(MECHANISMS)}), received {codes}"
        )
    others = [int(each) for each in codes if each]
    if not others:
        return chance
    _check(prize, price, reference)
    felt, (prizes, prices, at) = (
        chance.copy(),
        (np.broadcast_to(x, chance.shape) for x in (prize, price, reference)),
    )
    for each in others:
        here = np.broadcast_to(np.equal(code, each), chance.shape)
        appeal = _APPEALS[each]
        agreed = appeal(at[here], prizes[here], prices[here])
        felt[here] = at[here] * (appeal(chance[here], prizes[here], prices[here]) / agreed)
    return felt


def _check(prize: Value, price: Value, reference: Value) -> None:
    if not (np.greater(prize, 0).all() and np.greater(price, 0).all()):
        raise ValueError(f"prize and price must be above zero, received {prize} and {price}")
    if not (np.greater(reference, 0) & np.less_equal(reference, 1)).all():
        raise ValueError(
            f"a reference win-rate must lie above none and at one or below, received {reference}"
        )
