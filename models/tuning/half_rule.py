"""The half rule: a long process reduced to one or two lags and a dead time. Called by the tuner; calls process.

Skogestad, J. Process Control 13 (2003) 291-309, sections 2.2 and 2.3: the largest neglected lag is split evenly
between the smallest lag kept and the dead time; all shorter ones and the wrong-way leads add to the dead time.
A positive lead T0 is first cancelled against a neighbouring lag tau0 (rules T1 to T3), which needs the closed
loop's time constant; that is taken equal to the dead time of the result, found by repeating from a long one: of
several results that agree with themselves, the most cautious. One process at a time: its structure decides the way.
"""

import numpy as np

from models.tuning.process import FirstOrder, Integrating, Process, SecondOrder

_ROUNDS = 50
_CLOSE = 1.6 * (1 - 1e-12)  # a shorter lag is "close to" the lead below this ratio


def first_order(process: Process) -> FirstOrder | Integrating:
    """The model for PI; Integrating where the process integrates once.

    >>> first_order(Process(1.0, lags=(1.0, 0.2)))
    FirstOrder(gain=1.0, lag=1.1, dead_time=0.1)
    """
    gain, lags, dead = _reduced(process, 1)
    return Integrating(gain, dead) if process.integrators else FirstOrder(gain, lags[0], dead)


def second_order(process: Process) -> SecondOrder | Integrating:
    """The model for PID; Integrating with its lag where the process integrates once.

    >>> second_order(Process(1.0, lags=(1.0, 1.0, 1.0, 1.0)))
    SecondOrder(gain=1.0, lag=1.5, second_lag=1.0, dead_time=1.5)
    """
    gain, lags, dead = _reduced(process, 2)
    return (
        Integrating(gain, dead, lags[1]) if process.integrators else SecondOrder(gain, lags[0], lags[1], dead)
    )


def _reduced(process: Process, keep: int) -> tuple[float, list[float], float]:
    numbers = (process.gain, process.dead_time, *process.lags, *process.leads)
    if any(np.size(number) != 1 for number in numbers):
        raise ValueError("process: the half rule takes one plant at a time, got arrays of several")
    if any(np.any(np.iscomplex(number)) for number in numbers):
        raise ValueError(f"lags: got {process.lags}, the half rule knows real time constants only")
    if process.integrators > 1:
        raise ValueError(f"integrators: got {process.integrators}, allowed is 0 or 1")
    dead = sum(abs(_value(number)) for number in numbers[1:])
    for _ in range(_ROUNDS):
        gain, lags, after = _split(process, keep, dead)
        if abs(after - dead) <= 1e-12 * (1 + dead):
            return gain, lags, after
        dead = after
    # The rules jump, so the round may run in a circle; then the longer dead time of the last two serves.
    return max((gain, lags, after), _split(process, keep, after), key=lambda model: model[2])


def _split(process: Process, keep: int, closed_loop: float) -> tuple[float, list[float], float]:
    """Gain, the kept lags (inf first where it integrates) and the dead time, given the closed loop's time constant."""
    gain = _value(process.gain)
    lags = sorted((_value(lag) for lag in process.lags if _value(lag) > 0), reverse=True)
    dead = _value(process.dead_time) - sum(min(_value(lead), 0.0) for lead in process.leads)
    for lead in sorted((_value(z) for z in process.leads if _value(z) > 0), reverse=True):
        factor = _cancel(lags, lead, closed_loop)
        gain *= factor
    lags = [np.inf] * process.integrators + lags + [0.0] * (keep + 1)
    half = lags[keep] / 2
    kept = lags[:keep]
    kept[-1] += half
    return gain, sorted(kept, reverse=True), dead + half + sum(lags[keep + 1 :])


def _cancel(lags: list[float], lead: float, closed_loop: float) -> float:
    """Takes the neighbour of a lead out of `lags` (rule T3 leaves a shorter one); gives the factor on the gain."""
    longer = [lag for lag in lags if lag >= lead]
    shorter = [lag for lag in lags if lag < lead]
    if not lags:
        raise ValueError(f"leads: got {lead} with no lag to cancel it against")
    close = (
        bool(shorter) and lead / shorter[0] < _CLOSE and (not longer or lead / shorter[0] < longer[-1] / lead)
    )
    lag = shorter[0] if close or not longer else longer[-1]
    lags.remove(lag)
    if lag <= lead:
        if lag >= closed_loop:
            return lead / lag  # T1
        return lead / closed_loop if lead >= closed_loop else 1.0  # T1a, T1b
    if lead >= 5 * closed_loop:
        return lead / lag  # T2
    near = max(min(lag, 5 * closed_loop), lead)
    lags.append(near - lead)
    lags.sort(reverse=True)
    return near / lag  # T3


def _value(number: object) -> float:
    return float(np.real(np.asarray(number)).reshape(-1)[0])
