"""The full pantry: what is bought on promotion and not used at once is not bought later.

    stock' = max(0, stock + bought - used)            one household's, utility of buying falls by kappa stock
    debt'  = debt 2^(-dt / half_life) + share bump    a market's: sales borrowed from the weeks to come
    dip    = debt (1 - 2^(-dt / half_life))           sales missing in the step

The two are one thing seen from a household and from a count. Sums are exact: every borrowed unit is missing once, so a
lift kept up for ever is worth 1 - share of what it shows. How much is borrowed is disputed, hence the range. Called by
plants and twists; calls adstock; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import retained
from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

SHARE = Parameter(
    0.12,
    0.04,
    0.25,
    "share of the bump",
    "dips of 4 to 25 % of the effect, hard to see in raw store data (van Heerde, Leeflang & Wittink 2000); a third of "
    "the bump in 2004 (van Heerde et al.), 2 % for coffee (Gupta 1988), 6 % in daily data (Leeflang et al. 2008)",
    True,
)
HALF_LIFE = Parameter(
    14 * 86_400.0,
    3 * 86_400.0,
    42 * 86_400.0,
    "s",
    "proposal: repaid over some weeks, about an interpurchase time",
)
KAPPA = Parameter(0.3, 0.0, 1.0, "logit per unit at home", "proposal; no portable value is published", True)


def stocked(stock: Floats, bought: Floats, used: Value) -> Floats:
    """Units at home after a step in which `bought` came and `used` were wanted, shapes broadcast; never below none.

    >>> stocked(np.array([0.0, 2.0]), np.array([6.0, 0.0]), used=1.5)
    array([4.5, 0.5])
    """
    for name, value in (("stock", stock), ("bought", bought), ("used", used)):
        if not np.greater_equal(value, 0).all():
            raise ValueError(f"{name} must be zero units or more, received {value}")
    return np.asarray(np.maximum(stock + bought - used, 0.0))


def utility(stock: Floats, kappa: Value = KAPPA.value) -> Floats:
    """What a stock at home takes from the logit of buying, zero or below, shape of `stock`.

    >>> utility(np.array([0.0, 4.0]))
    array([-0. , -1.2])
    """
    if not np.greater_equal(kappa, 0).all():
        raise ValueError(f"kappa must be zero or more, received {kappa}")
    return np.asarray(-np.asarray(kappa) * stock)


def borrowed(
    debt: Floats, bump: Floats, dt: float, share: Value = SHARE.value, half_life: Value = HALF_LIFE.value
) -> tuple[Floats, Floats]:
    """The debt after a step with `bump` units sold above the usual, and the dip: units missing in that step.

    Parameters
    ----------
    debt: units still to be missed, shape (cells,).
    bump: units above what would sell without a lever in the step; below zero they are paid back, not borrowed.
    dt: seconds.
    share: of the bump that is borrowed, in [0, 1].
    half_life: of the debt, seconds.

    >>> debt, missing = np.array([0.0]), 0.0
    >>> for bump in [100.0] + [0.0] * 100:
    ...     debt, dip = borrowed(debt, np.array([bump]), 86_400.0, share=0.25)
    ...     missing += dip[0]
    >>> round(float(missing), 2), debt.round(2)
    (24.82, array([0.18]))
    """
    _share(share)
    keep = retained(half_life, dt)
    return np.asarray(debt * keep + share * bump), np.asarray(debt * (1.0 - keep))


def settled(
    bump: Floats, dt: float, share: Value = SHARE.value, half_life: Value = HALF_LIFE.value
) -> Floats:
    """The debt at which a bump of so many units in every step is matched by a dip of `share` of it, shape of `bump`.

    >>> debt = settled(np.array([100.0]), 86_400.0, share=0.25)
    >>> borrowed(debt, np.array([100.0]), 86_400.0, share=0.25)[1].round(9)
    array([25.])
    """
    _share(share)
    return np.asarray(share * bump / (1.0 - retained(half_life, dt)))


def _share(share: Value) -> None:
    if not (np.greater_equal(share, 0) & np.less_equal(share, 1)).all():
        raise ValueError(f"a share must lie in [0, 1], received {share}")
