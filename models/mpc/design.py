"""How much of a surprise is believed at once, so that the loop keeps its margins around every plant that is possible.

What is measured beyond what was foretold is believed by a share each period, 1 - exp(-1 / time): the disturbance's
filter is the one knob of a predictive loop (Garcia & Morari, Ind. Eng. Chem. Process Des. Dev. 21 (1982) 308-323).
Where no bound binds the policy is linear, so its loop around any plant has a sensitivity

    S(z) = 1 + C (zI - A)^-1 B        from a disturbance of the measured value to that value

worked out here from the very code that steers: A and B are what one execution makes of unit vectors. Called by the
policy, once for its settings, and by the certificate's gate.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.mpc.answers import Answers
from models.mpc.problem import Problem

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
MS = 1.6
TIMES = tuple(float(t) for t in np.geomspace(0.25, 64.0, 33))
"""Periods after which 63 % of a surprise is believed; the shortest that keeps the margins is taken."""
POINTS = 120


def trust(time: float) -> float:
    """Share of a surprise that is believed at once.

    >>> round(trust(2.0), 3)
    0.393
    """
    return float(1 - np.exp(-1.0 / time))


def sensitivity(problem: Problem, time: float, plants: Answers) -> Array:
    """Ms around each plant, shape (plants,); inf where the loop is unstable. The problem has one input.

    `plants`: each entry is a plant of its own.

    >>> mine = Answers(np.array([0.5]), np.array([4.0]), np.array([1.5]))
    >>> sensitivity(Problem(mine, np.zeros(1)), 3.0, mine).round(2)
    array([1.41])
    """
    found = []
    for gain, lag, dead in zip(plants.gain, plants.lag, plants.dead, strict=True):
        one = Answers(np.array([gain]), np.array([lag]), np.array([dead]))
        found.append(_largest(*_loop(problem, time, one)))
    return np.array(found)


def breaks_later(problem: Problem, time: float, plants: Answers, extra: float) -> Bools:
    """Around which plants the loop is unstable once they answer `extra` periods later, shape (plants,)."""
    late = Answers(plants.gain, plants.lag, plants.dead + extra)
    return np.asarray(~np.isfinite(sensitivity(problem, time, late)))


@lru_cache(maxsize=256)
def filter_time(
    gain: tuple[float, ...], lag: tuple[float, ...], dead: tuple[float, ...], rho: float
) -> float:
    """The shortest filter, in periods, that keeps Ms at 1.6 or below around every corner of what is possible.

    Parameters
    ----------
    gain, lag, dead: ends of what is possible, in the order that `nominal` takes them; lag and dead in periods.

    Raises ValueError where none of the filters does.
    """
    problem = Problem(nominal(gain, lag, dead), np.zeros(1), rho)
    corners = np.array(
        [(k, t, d) for k in sorted(set(gain)) for t in sorted(set(lag)) for d in sorted(set(dead))]
    ).T
    plants = Answers(*corners)
    low, high = 0, len(TIMES) - 1
    if not (sensitivity(problem, TIMES[high], plants) <= MS).all():
        raise ValueError(
            f"no filter keeps Ms at {MS} over gains {gain}, lags {lag} and dead times {dead} (in executions): the "
            "plant must be known better, or acted on less often"
        )
    while low < high:
        middle = (low + high) // 2
        if (sensitivity(problem, TIMES[middle], plants) <= MS).all():
            high = middle
        else:
            low = middle + 1
    return TIMES[high]


def nominal(gain: tuple[float, ...], lag: tuple[float, ...], dead: tuple[float, ...]) -> Answers:
    """The plant that is reckoned with: the strongest, of the middle lag and dead time."""
    strongest = max(gain, key=abs)
    middle = np.sqrt(lag[0] * lag[-1]), (dead[0] + dead[-1]) / 2
    return Answers(np.array([strongest]), np.array([middle[0]]), np.array([middle[1]]))


def _loop(problem: Problem, time: float, plant: Answers) -> tuple[Array, Array, Array]:
    """A, B and C of the loop from one execution to the next."""
    mine, theirs = problem.answers.past, plant.past
    size = 3 + mine + theirs
    states = np.concatenate([np.eye(size), np.zeros((1, size))])
    surprise = np.concatenate([np.zeros(size), [1.0]])
    f, d, real = states[:, 0:1], states[:, 1], states[:, 2:3]
    past, line = states[:, 3 : 3 + mine, None], states[:, 3 + mine :, None]
    y = plant.gain[0] * real[:, 0] + surprise
    d = d + trust(time) * (y - problem.answers.gain[0] * f[:, 0] - d)
    put_in = problem.unbounded(f, past, d, np.zeros(len(d)))
    f, past = problem.answers.advanced(f, past, put_in)
    real, line = plant.advanced(real, line, put_in)
    after = np.concatenate([f, d[:, None], real, past[..., 0], line[..., 0]], axis=1)
    read = np.zeros(size)
    read[2] = plant.gain[0]
    return after[:-1].T, after[-1], read


def _largest(a: Array, b: Array, c: Array) -> float:
    if np.abs(np.linalg.eigvals(a)).max() >= 1 - 1e-9:
        return float("inf")
    z = np.exp(1j * np.geomspace(1e-3, np.pi, POINTS))
    solved = np.linalg.solve(
        z[:, None, None] * np.eye(len(a)) - a, np.broadcast_to(b, (POINTS, len(b)))[..., None]
    )
    return float(np.abs(1 + (solved[..., 0] @ c)).max())
