"""Ultimate gain and period: where a proportional controller makes the process swing for ever. Calls loop, margins.

And the Ziegler-Nichols rules that start from them (Trans. ASME 64, 1942), kept to be warned about: they leave
Ms above 2 almost everywhere. Use SIMC or AMIGO.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array
from models.tuning.forms import Ideal
from models.tuning.loop import around
from models.tuning.margins import crossings, odd_turns
from models.tuning.process import Model


@dataclass(frozen=True, slots=True, eq=False)
class Ultimate:
    """Both of shape (plants,)."""

    gain: Array
    """Ku; inf where no proportional gain makes it swing."""
    period: Array
    """Tu, time; NaN there."""


def ultimate(model: Model) -> Ultimate:
    """The least gain at which the process under proportional control swings, and its period.

    >>> from models.tuning.process import Process
    >>> found = ultimate(Process(1.0, lags=(1.0, 1.0, 1.0, 1.0)))
    >>> f"{found.gain[0]:.4f} {found.period[0]:.4f}"
    '4.0000 6.2832'
    """
    process = model.process
    sign = np.sign(np.asarray(process.gain, np.float64))
    loop = around(Ideal(sign), process)
    w = loop.frequencies()
    turns = odd_turns(loop.phase(w))
    at, swings = crossings(turns[:, 1:] != turns[:, :-1], w, lambda x: odd_turns(loop.phase(x)))
    size = np.where(swings, loop.magnitude(at), 0.0)
    worst = np.argmax(size, axis=1)[:, None]
    there, where = np.take_along_axis(size, worst, axis=1)[:, 0], np.take_along_axis(at, worst, axis=1)[:, 0]
    gain = np.divide(sign, there, out=np.full(len(there), np.inf), where=there > 0)
    return Ultimate(gain, np.where(there > 0, 2 * np.pi / where, np.nan))


def ziegler_nichols_pi(found: Ultimate) -> Ideal:
    """K = 0.45 Ku, Ti = Tu / 1.2. A warning, not a proposal: judge it before use."""
    _swings(found)
    return Ideal(0.45 * found.gain, found.period / 1.2)


def ziegler_nichols_pid(found: Ultimate) -> Ideal:
    """K = 0.6 Ku, Ti = Tu / 2, Td = Tu / 8. A warning, not a proposal: judge it before use."""
    _swings(found)
    return Ideal(0.6 * found.gain, found.period / 2, found.period / 8)


def _swings(found: Ultimate) -> None:
    if not np.all(np.isfinite(found.gain)):
        raise ValueError(
            f"ultimate gain: got {found.gain}, allowed is finite; this process never swings under it"
        )
