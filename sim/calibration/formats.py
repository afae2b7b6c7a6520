"""Tables that are known by their columns: what their stamps, counts and missing hours mean needs no asking.

Called by table.py. A new table is one more entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.calibration.asked import Gaps

_EASTERN = "America/New_York"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What is known of a table."""

    name: str
    time: str
    value: str
    """Column that is fitted unless another one is named."""
    counts: tuple[str, ...]
    """Columns that count events."""
    zone: str
    gaps: Gaps
    """What an hour without a row is."""


_KNOWN: dict[tuple[str, ...], Format] = {
    ("hour", "units", "baskets", "sales", "retail_disc", "households"): Format(
        name="soft drinks by the hour", time="hour", value="units",
        counts=("units", "baskets", "sales", "households"), zone=_EASTERN, gaps="zero",
    ),
    ("hour", "sales", "baskets", "coupon_baskets", "coupon_disc"): Format(
        name="all baskets by the hour", time="hour", value="baskets",
        counts=("baskets", "sales", "coupon_baskets"), zone=_EASTERN, gaps="zero",
    ),
    (
        "day", "sales", "units", "retail_disc", "coupon_disc", "baskets", "households", "red_A", "red_B", "red_C",
        "reach_A", "reach_B", "reach_C", "sales_nofuel",
    ): Format(
        name="all sales by the day", time="day", value="units",
        counts=("units", "sales", "baskets", "households", "sales_nofuel"), zone=_EASTERN, gaps="zero",
    ),
}  # fmt: skip


def format_of(columns: Sequence[str]) -> Format | None:
    """The table that has these columns, if it is a known one.

    >>> format_of(["hour", "sales", "baskets", "coupon_baskets", "coupon_disc"]).zone
    'America/New_York'
    """
    return _KNOWN.get(tuple(columns))
