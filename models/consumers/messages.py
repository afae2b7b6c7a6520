"""Messages: who is sent one in a step, and how tired of them a person is when the next one comes.

The messages of a week are spread evenly over the people: everyone has a place on a wheel, the wheel turns by the
messages a person of each step, and whoever it passes is sent one if reachable. So a person's messages come regularly,
one every P seconds, and what is still remembered when the next one comes is less than the mean over time, P's worth:

    remembered = 1 / (exp(1 / f) - 1)      f = mean over time = half-life / (ln 2 P)

Called by both fidelities and their plant; draws nothing.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def before_next(tired: Floats) -> Floats:
    """Messages remembered when the next one comes, where the mean over time is `tired`; shape kept.

    >>> before_next(np.array([0.0, 0.5, 5.0])).round(3)
    array([0.   , 0.157, 4.517])
    """
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1.0 / np.expm1(1.0 / np.maximum(tired, 1e-300)))


@lru_cache(maxsize=4096)
def stride(people: int) -> tuple[int, int]:
    """A step around the wheel that meets everyone once, near the golden section, and its inverse.

    >>> stride(10)
    (3, 7)
    """
    step = max(round(people * 0.381966), 1)
    while math.gcd(step, people) != 1:
        step -= 1
    return step, pow(step, -1, people) if people > 1 else 0


def places(people: int) -> Ints:
    """Everyone's place on the wheel, 0 .. people - 1, shape (people,); neighbours are far apart."""
    return np.arange(people, dtype=np.int64) * stride(people)[0] % people


def passes(wheel: Floats, turned: Floats, people: Ints) -> tuple[Ints, Ints, Ints]:
    """Places that the wheel passes as it turns from `wheel` by `turned`, in turns of each cell; shapes (cells,).

    Returns the first place, below `people`, how many are passed, and the step from person to person on the wheel.
    """
    first = np.floor(wheel * people).astype(np.int64)
    count = np.floor((wheel + turned) * people).astype(np.int64) - first
    return first, count, np.array([stride(int(n))[1] for n in people], np.int64)


def check(messages: Floats) -> None:
    """ValueError where a person would be sent more than one message a step."""
    if not ((messages >= 0) & (messages <= 1)).all():
        raise ValueError(f"a person is sent at most one message a step, received {messages}: a shorter step")
