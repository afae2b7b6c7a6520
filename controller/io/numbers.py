"""Numbers as they come from outside: finite, or refused with the reason.

Called by every reader of text or JSON; calls nothing. Nothing here clamps, rounds or guesses.
"""

import math
import re

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class BadValue(ValueError):
    """What stands there is no number that can be used."""


def finite(value: float | str) -> float:
    """A finite float from a number or from its plain decimal text; raises BadValue.

    >>> finite("12.5"), finite(7)
    (12.5, 7.0)
    >>> finite("1_000")
    Traceback (most recent call last):
    ...
    controller.io.numbers.BadValue: '1_000' is not a number
    >>> finite("1e999")
    Traceback (most recent call last):
    ...
    controller.io.numbers.BadValue: 1e999 is not finite
    """
    if isinstance(value, str):
        shown = value.strip()
        if not _PLAIN.fullmatch(shown):
            if shown.lower().lstrip("+-") in ("nan", "inf", "infinity"):
                raise BadValue(f"{shown} is not finite")
            raise BadValue(f"{shown[:40]!r} is not a number")
    try:
        number = float(value)
    except OverflowError:
        raise BadValue("a whole number of hundreds of digits is not a value") from None
    if not math.isfinite(number):
        raise BadValue(f"{str(value).strip()[:40]} is not finite")
    return number
