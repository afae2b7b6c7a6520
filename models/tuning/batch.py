"""The test batch on which tuning rules are judged: nine families of processes, from pure lag to pure dead time.

    P1  e^-s / (1 + sT)                              P6  e^-sL / (s (1 + sT1)),               T1 = 1 - L
    P2  e^-s / (1 + sT)^2                            P7  T e^-sL / ((1 + sT)(1 + sT1)),       T1 = 1 - L
    P3  1 / ((s + 1)(1 + sT)^2)                      P8  (1 - as) / (s + 1)^3
    P4  1 / (s + 1)^n                                P9  1 / ((s + 1)((sT)^2 + 1.4 sT + 1))
    P5  1 / ((1 + s)(1 + as)(1 + a^2 s)(1 + a^3 s))

Astrom & Hagglund, J. Process Control 14 (2004) 635-650; Advanced PID Control, ISA 2006, ch. 7. The text of both counts
134; the values below, as remembered and as a public transcription has them too, are 133, and that is what is counted
here. Called by benchmarks and tests; calls process.
"""

from collections.abc import Callable
from dataclasses import dataclass

from models.tuning.process import Process

_P1 = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.3, 1.5, 2, 4, 6, 8, 10, 20, 50, 100, 200, 500, 1000)
_P2 = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.3, 1.5, 2, 4, 6, 8, 10, 20, 50, 100, 200, 500)
_P3 = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 2, 5, 10)
_DELAYS = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_TENTHS = tuple(n / 10 for n in range(1, 12))


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the batch."""

    family: str
    """P1 to P9."""
    name: str
    """The family with its values: `P7 T=2 L=0.3`."""
    process: Process


def batch() -> tuple[Member, ...]:
    """All processes, family by family.

    >>> members = batch()
    >>> len(members), [sum(m.family == f"P{n}" for m in members) for n in range(1, 10)]
    (133, [21, 21, 10, 6, 9, 9, 36, 11, 10])
    """
    rows = [
        *_family("P1", "T", _P1, lambda t: Process(1.0, (t,), dead_time=1.0)),
        *_family("P2", "T", _P2, lambda t: Process(1.0, (t, t), dead_time=1.0)),
        *_family("P3", "T", _P3, lambda t: Process(1.0, (1.0, t, t))),
        *_family("P4", "n", range(3, 9), lambda n: Process(1.0, (1.0,) * int(n))),
        *_family("P5", "a", _TENTHS[:9], lambda a: Process(1.0, (1.0, a, a**2, a**3))),
        *_family("P6", "L", _DELAYS, lambda d: Process(1.0, (1 - d,), dead_time=d, integrators=1)),
    ]
    for lag in (1.0, 2.0, 5.0, 10.0):
        rows += _family(f"P7 T={lag:g}", "L", _DELAYS, lambda d, t=lag: Process(t, (t, 1 - d), dead_time=d))
    rows += _family("P8", "a", _TENTHS, lambda a: Process(1.0, (1.0,) * 3, leads=(-a,)))
    rows += _family("P9", "T", _TENTHS[:10], _oscillating)
    return tuple(rows)


def _family(
    name: str, key: str, values: "range | tuple[float, ...]", made: Callable[..., Process]
) -> list[Member]:
    return [Member(name.split(maxsplit=1)[0], f"{name} {key}={value:g}", made(value)) for value in values]


def _oscillating(t: float) -> Process:
    """(sT)^2 + 1.4 sT + 1 as two lags: T (0.7 +- j sqrt(1 - 0.49))."""
    pair = t * complex(0.7, 0.51**0.5)
    return Process(1.0, (1.0, pair, pair.conjugate()))
