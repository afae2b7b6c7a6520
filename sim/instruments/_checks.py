"""What a number of a declaration may be; every refusal says the value received and what is allowed.

Called by the declarations beside this file and by sim.market.disturbances; calls nothing.
"""

import math


def within(name: str, value: float, low: float, high: float = math.inf, *, below: bool = False) -> None:
    """Raise ValueError unless a value lies in [low, high], or in [low, high) where it must stay `below`.

    >>> within("feed.dropout", 1.0, 0.0, 1.0, below=True)
    Traceback (most recent call last):
    ...
    ValueError: feed.dropout: must be at least 0 and below 1, received 1.0
    """
    good = low <= value < high if below else low <= value <= high
    if not good:
        top = "finite" if below and math.isinf(high) else f"{'below' if below else 'at most'} {high:g}"
        raise ValueError(f"{name}: must be at least {low:g} and {top}, received {value!r}")


def finite(name: str, value: float) -> None:
    """Raise ValueError unless a value is a finite number."""
    if not math.isfinite(value):
        raise ValueError(f"{name}: must be a finite number, received {value!r}")


def span(name: str, starts: float, ends: float) -> None:
    """Raise ValueError unless something starts at a moment and ends later; it may never end."""
    if not (math.isfinite(starts) and starts < ends):
        raise ValueError(
            f"{name}: must start at a finite moment and end later, received {starts!r} to {ends!r}"
        )


def inside(spans: tuple[tuple[float, float], ...], moment: float) -> bool:
    """Whether a moment lies in one of several spans; each holds its start and not its end.

    >>> inside(((0.0, 10.0),), 0.0), inside(((0.0, 10.0),), 10.0)
    (True, False)
    """
    return any(starts <= moment < ends for starts, ends in spans)
