"""The agents' loops compiled by numba: the extra `fast`. The log is NumPy's, bit for bit, on any number of threads.

Only what is whole numbers is compiled: hashing, comparing with limits, and uniforms out of words, which is most of the
work. Everything with an exponential in it stays in agents.py, so no compiler decides who buys. Compiled at the first
call, in seconds. Called by the plant `consumers` and by benchmarks; imports numba late.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.consumers.agents import Agents
from models.consumers.declaration import Consumers, Floats
from models.consumers.layout import GRAIN, Ints, Layout
from models.consumers.scan import Limits
from models.draws import Uint64

Compiled = Callable[..., Any]


class MissingNumba(ImportError):
    """The extra `fast` is not installed."""


def fast(consumers: Consumers, threads: int | None = None) -> Agents:
    """People as persons, with compiled loops; see `models.consumers.agents.Agents`.

    Parameters
    ----------
    consumers: the declaration.
    threads: as many as that; None: as many as numba takes by itself. Never changes the log.

    Raises MissingNumba, saying what to install.
    """
    return Agents(consumers, FastLoops(threads))


class FastLoops:
    """The loops, compiled; see `models.consumers.loops.Loops`."""

    def __init__(self, threads: int | None = None) -> None:
        numba = _numba()
        most = int(numba.config.NUMBA_NUM_THREADS)
        if threads is not None and not 1 <= threads <= most:
            raise ValueError(f"this process has 1 to {most} threads for compiled loops, received {threads}")
        self._use, self._threads = numba.set_num_threads, threads or most
        self._scan, self._gather, self._reached, self._trips, self._uniforms = _compiled()
        self._room = np.empty((0, GRAIN), np.int32)

    def scan(self, heads: Uint64, place: Layout, limits: Limits) -> tuple[Ints, Ints]:
        """See `Loops.scan`."""
        if len(self._room) < limits.size:
            self._room = np.empty((limits.size, GRAIN), np.int32)
        self._use(self._threads)
        found = np.empty(limits.size, np.int64)
        self._scan(heads, place.count, place.grain, place.cell_of_grain, limits, self._room, found)
        cell, person = np.empty((2, int(found.sum())), np.int64)
        self._gather(self._room, found, place.cell_of_grain, cell, person)
        return cell, person

    def reached(
        self, place: Layout, first: Ints, count: Ints, step: Ints, reached: NDArray[np.bool_]
    ) -> tuple[Ints, Ints]:
        """See `Loops.reached`."""
        cell, person = np.empty((2, int(count.sum())), np.int64)
        some = self._reached(place.count, place.first, first, count, step, reached, cell, person)
        return cell[:some], person[:some]

    def trips(self, shared: Uint64, own: Uint64, cell: Ints, person: Uint64) -> Floats:
        """See `Loops.trips`."""
        u = np.empty(cell.size)
        self._trips(shared, own, cell, person, u)
        return u

    def uniforms(self, heads: Uint64, cell: Ints, person: Uint64, ordinal: Ints | None) -> Floats:
        """See `Loops.uniforms`."""
        u = np.empty(cell.size)
        self._uniforms(heads, cell, person, np.zeros(1, np.int64) if ordinal is None else ordinal, u)
        return u


def _numba() -> Any:
    try:
        import numba
    except ImportError as fault:
        raise MissingNumba(
            f"compiled agents need numba, which is not installed here ({fault}): pip install 'setpoint[fast]'; "
            "without it, agents run in NumPy and give the same log"
        ) from fault
    return numba


@lru_cache(maxsize=1)
def _compiled() -> tuple[Compiled, ...]:
    """The loops; whole numbers of 64 bits throughout, as in models.draws."""
    numba = _numba()
    mix = _mix(numba)
    return _scan(numba, mix), _gather(numba), _reached(numba), _trips(numba, mix), _uniforms(numba, mix)


_U8 = np.uint64
_GOLDEN = _U8(0x9E3779B97F4A7C15)
_LANE = _U8(0xFFFF)


def _mix(numba: Any) -> Compiled:
    mix_1, mix_2, s27, s30, s31 = _U8(0xBF58476D1CE4E5B9), _U8(0x94D049BB133111EB), _U8(27), _U8(30), _U8(31)

    def mix(word: Any) -> Any:
        word = word + _GOLDEN
        word = (word ^ (word >> s30)) * mix_1
        word = (word ^ (word >> s27)) * mix_2
        return word ^ (word >> s31)

    compiled: Compiled = numba.njit(mix, inline="always")
    return compiled


def _scan(numba: Any, mix: Compiled) -> Compiled:
    four, ones, tops = _U8(4), _U8(0x0001000100010001), _U8(0x8000800080008000)
    words_a_grain, half, prange = GRAIN // 4, 0x8000, numba.prange

    def scan(heads: Any, count: Any, grain: Any, cells: Any, limits: Any, room: Any, found: Any) -> None:
        for g in prange(limits.size):
            number = g - grain[cells[g]]
            left = count[cells[g]] - number * GRAIN
            words = min(words_a_grain, (left + 3) // 4)
            start = heads[cells[g]] + _U8(number * words_a_grain) * _GOLDEN
            most, some = limits[g], 0
            below = ones * _U8(most + 1)  # a lane borrows from its top bit where it is less than that
            every = tops if most >= half else _U8(0)  # above half that tells nothing: look at them all
            word, hit = np.zeros(words_a_grain, np.uint64), np.zeros(words_a_grain, np.uint64)
            for k in range(words):
                word[k] = mix(start + _U8(k) * _GOLDEN)
                hit[k] = (((word[k] - below) & ~word[k]) | every) & tops
            for first in range(0, words, 8):
                if (hit[first] | hit[first + 1] | hit[first + 2] | hit[first + 3]) | (
                    hit[first + 4] | hit[first + 5] | hit[first + 6] | hit[first + 7]
                ):
                    for k in range(first, min(first + 8, words)):
                        if hit[k] != 0:
                            for j in range(min(4, left - 4 * k)):
                                if ((word[k] >> (_U8(j) << four)) & _LANE) <= most:
                                    room[g, some] = number * GRAIN + 4 * k + j
                                    some += 1
            found[g] = some

    compiled: Compiled = numba.njit(scan, parallel=True)
    return compiled


def _gather(numba: Any) -> Compiled:
    def gather(room: Any, found: Any, cells: Any, cell: Any, person: Any) -> None:
        n = 0
        for g in range(found.size):
            for k in range(found[g]):
                cell[n], person[n] = cells[g], room[g, k]
                n += 1

    compiled: Compiled = numba.njit(gather)
    return compiled


def _reached(numba: Any) -> Compiled:
    def reached(
        people: Any, row: Any, first: Any, count: Any, step: Any, there: Any, cell: Any, person: Any
    ) -> Any:
        some = 0
        for c in range(people.size):
            at = first[c] % people[c] * step[c] % people[c]
            for _ in range(count[c]):
                if there[row[c] + at]:
                    cell[some], person[some] = c, at
                    some += 1
                at += step[c]
                if at >= people[c]:
                    at -= people[c]
        return some

    compiled: Compiled = numba.njit(reached)
    return compiled


def _trips(numba: Any, mix: Compiled) -> Compiled:
    two, three, four, s11, s16, s48 = (_U8(n) for n in (2, 3, 4, 11, 16, 48))

    def trips(shared: Any, own: Any, cell: Any, person: Any, u: Any) -> None:
        for n in range(u.size):
            word = mix(shared[cell[n]] + (person[n] >> two) * _GOLDEN)
            first = (word >> ((person[n] & three) << four)) & _LANE
            rest = mix(own[cell[n]] + person[n] * _GOLDEN)
            u[n] = float(((first << s48) | (rest >> s16)) >> s11) * 2.0**-53

    compiled: Compiled = numba.njit(trips)
    return compiled


def _uniforms(numba: Any, mix: Compiled) -> Compiled:
    s11 = _U8(11)

    def uniforms(heads: Any, cell: Any, person: Any, ordinal: Any, u: Any) -> None:
        many = ordinal.size > 1
        for n in range(u.size):
            head = heads[cell[n]]
            number = _U8(ordinal[n]) if many else _U8(ordinal[0])
            u[n] = float(mix(mix(person[n] ^ head) + head + number * _GOLDEN) >> s11) * 2.0**-53

    compiled: Compiled = numba.njit(uniforms)
    return compiled
