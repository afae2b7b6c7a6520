"""How control loops do: whether each keeps its target, and where it does not, which link of it is off.

    watched     what of a loop is looked at, from its parts
    figures     what is remembered of it from turn to turn, arrays over cells
    fold        how a turn moves it on
    verdicts    which link is off, from the figures, and the sentence that says so
    watch       one loop after another, turn by turn: conditions for the alarm book

Called by the daemon, and by whatever turns a loop and wants to know; calls models.health. Reads no clock, asks nobody.
"""

from controller.health.figures import Figures
from controller.health.verdicts import Link
from controller.health.watch import LoopWatch, Watches
from controller.health.watched import Watched

__all__ = ["Figures", "Link", "LoopWatch", "Watched", "Watches"]
