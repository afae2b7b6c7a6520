"""What of a control loop is looked at: its sensor, its outputs and which way they work, its band and over how long.

Called by watch; reads a loop's parts, and from `about` what its target says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.loop.parts import Parts

LEAST_BAND = 0.02
"""Band of a target that has none, or a narrower one: nobody is woken for less."""
EXECUTIONS = 6.0
"""A target is judged over so many executions of its loop at least."""
TOO_LOW, TOO_HIGH = (True, False), (False, True)
_SIDES = {"keep_above": TOO_LOW, "reach": TOO_LOW, "keep_below": TOO_HIGH}


@dataclass(frozen=True, slots=True)
class Watched:
    """One loop, as far as its health is concerned."""

    name: str
    sensor: str
    channels: tuple[str, ...]
    direction: Mapping[str, float]
    """+1 where raising the output raises what is measured, -1 where it lowers it, 0 where that is not said."""
    band: float
    """Half-width around the setpoint, share of it."""
    over: float
    """Seconds over which the target is judged, and with which what is remembered fades."""
    sides: tuple[bool, bool] = (True, True)
    """Whether too little and too much count as a miss."""


def watched_of(parts: Parts) -> Iterator[Watched]:
    """The loops of a campaign that turn something; what measures nothing but itself is left out."""
    for name, execution in parts.executions.items():
        declared, about = execution.declared, parts.about["loops"][name]
        yield Watched(
            name=name,
            sensor=declared.measure,
            channels=tuple(declared.channels),
            direction=declared.direction,
            band=max(float(about["band"]), LEAST_BAND),
            over=max(float(about["over"]), EXECUTIONS * declared.every),
            sides=_SIDES.get(str(about["verb"]), (True, True)),
        )
