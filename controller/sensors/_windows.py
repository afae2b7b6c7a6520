"""Which span of event time a sensor reads at a tick: the newest window that has settled.

Called by sensors whose source can be asked about the past; calls controller.clock for civil days, reads no clock.
The window that is running, and one whose late events are still coming in, always look low.
"""

import math

from controller.cells import Cells
from controller.clock import DAY, day_start, period_of
from controller.plan import Sensor
from controller.signals import Tick


def settled(declared: Sensor, tick: Tick, cells: Cells) -> tuple[float, float]:
    """Start and end, UTC seconds, of the newest settled window; of a level or counter, the settled moment.

    Windows under a day lie on the UTC grid, windows of a day or more end at midnight in the first cell's zone.

    >>> from controller.clock import TickMaker
    >>> cells = Cells(("all",))
    >>> tick = TickMaker(cells, 60.0).at(7500.0)
    >>> settled(Sensor(kind="x", window=3600.0, settle=600.0), tick, cells)
    (0.0, 3600.0)
    >>> settled(Sensor(kind="x", settle=600.0), tick, cells)
    (6900.0, 6900.0)
    """
    moment, window = tick.time - declared.settle, declared.window or 0.0
    if not window or declared.counter:
        return moment - window, moment
    if window < DAY:
        end = math.floor(moment / window + 1e-9) * window
        return end - window, end
    zone, days = cells.zone_of[0], round(window / DAY)
    first = period_of(moment, window, zone) * days + 1
    return day_start(first - days, zone), day_start(first, zone)
