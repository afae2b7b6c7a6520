"""What a source calls its values: a name that it does not have, with the nearest that it has.

Called by sensors.py where a query gave nothing. A sensor whose source can list names has the two methods of Catalogue;
others say what they can in their own errors.
"""

import difflib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from controller.errors import SensorError
from controller.ports import Sensor

MOST = 3


@runtime_checkable
class Catalogue(Protocol):
    """A sensor that knows the names of what it asks for, and of what there is."""

    def asks_for(self) -> Sequence[str]:
        """Names that its queries read."""
        ...

    def on_offer(self) -> Sequence[str]:
        """Names that the source has now; raises SensorError."""
        ...


def strangers(sensor: Sensor) -> str:
    """Which names the source does not have, with the nearest that it has; empty where all are there or nobody knows."""
    if not isinstance(sensor, Catalogue):
        return ""
    try:
        known = sorted(set(sensor.on_offer()))
    except SensorError:
        return ""
    return "; ".join(
        f"the source has no {name!r}{_nearest(name, known)}"
        for name in sensor.asks_for()
        if name not in known
    )


def _nearest(name: str, known: Sequence[str]) -> str:
    """The nearest names of what may be thousands."""
    if not known:
        return ", and no other name either"
    close = difflib.get_close_matches(name, known, n=MOST, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(map(repr, close))}?"
    return f"; it has {', '.join(map(repr, known[:MOST]))}{' ...' if len(known) > MOST else ''}"
