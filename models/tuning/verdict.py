"""What the margins of a loop mean, in one sentence: what would break it. Called by the command line and the gate.

Calls margins' result only. The limit on Ms is the usual one: below 1.6 is robust, above 2 a small error of the
model makes the loop swing (Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 4).
"""

import numpy as np

from models.tuning.margins import Margins

ROBUST, FRAGILE = 1.6, 2.0


def judge(found: Margins, unit: str = "s") -> list[str]:
    """One sentence a loop; `unit` is that of the times handed to the process.

    >>> from models.tuning.forms import Ideal
    >>> from models.tuning.margins import margins
    >>> from models.tuning.process import FirstOrder
    >>> judge(margins(Ideal(4.0, 8.0), FirstOrder(1.0, lag=8.0, dead_time=1.0)))[0]
    'Robust (Ms 1.59): breaks if the dead time is 2.14 s longer than thought, or the gain is 3.14 times as high.'
    """
    return [_sentence(found, plant, unit) for plant in range(len(found.ms))]


def _sentence(found: Margins, plant: int, unit: str) -> str:
    if not found.stable[plant]:
        return "Unstable: this loop swings ever wider even if the model is exact; do not run it."
    ms, delay, gain = (
        float(found.ms[plant]),
        float(found.delay_margin[plant]),
        float(found.gain_margin[plant]),
    )
    breaks = []
    if np.isfinite(delay):
        breaks.append(f"the dead time is {delay:.3g} {unit} longer than thought")
    if np.isfinite(gain):
        breaks.append(f"the gain is {gain:.3g} times as high")
    if found.gain_floor[plant] > 0:
        breaks.append(f"the gain falls below {found.gain_floor[plant]:.3g} of it")
    what = "breaks if " + ", or ".join(breaks) if breaks else "no error of gain or dead time alone breaks it"
    if ms > FRAGILE:
        return f"Warning, fragile (Ms {ms:.3g}, above {FRAGILE:.0f}): {what}."
    return f"{'Robust' if ms <= ROBUST else 'Lively'} (Ms {ms:.3g}): {what}."
