"""What a wrong value looks like: a percent for a share, a day's count for an hour's, a sign turned round.

Called by sensors.py and actuators.py; pure. A hint names the value, what it would have to be, and what to change.
"""

import math

from controller.plan import Actuator, Campaign, Sensor
from controller.quantities import Unit, write_level

_FACTORS = {
    24.0: "a day's count where the unit says an hour, or the other way round",
    168.0: "a week's count where the unit says an hour, or the other way round",
    7.0: "a week's count where the unit says a day, or the other way round",
    60.0: "minutes where the unit says hours, or seconds where it says minutes",
    3600.0: "a rate per second where the unit says an hour, or the other way round",
    100.0: "the minor unit of a currency, or a percent, where the unit says otherwise",
    1000.0: "thousands where the unit says ones, or the other way round",
}
_NEAR = 1.5
"""A factor counts as recognised within this factor of it."""


def percent_for_share(value: float, unit: str, what: str) -> str:
    """Why a value can't be a share; empty where it can, or where none was declared.

    >>> percent_for_share(3.1, "share", "the query")
    'reads 3.1 where a share was declared, which is 0 to 1: it looks like percent; divide the query by 100'
    >>> percent_for_share(0.031, "share", "the query")
    ''
    """
    if not Unit.parse(unit).is_share or not value > 1.0:
        return ""
    said = f"reads {value:.6g} where a share was declared, which is 0 to 1"
    return (
        f"{said}: it looks like percent; divide {what} by 100"
        if value <= 100.0
        else f"{said}: it is no share"
    )


def implausible(value: float, sensor: Sensor) -> str:
    """Why a value is not believed; empty where it is."""
    low, high = sensor.plausible or (0.0, math.inf)
    if low <= value <= high:
        return ""
    ends = write_level(low, sensor.unit), "any" if math.isinf(high) else write_level(high, sensor.unit)
    turned = "; is something subtracted the wrong way round?" if value < 0 <= low else ""
    allowed = (
        f"{ends[0]} to {ends[1]}"
        if sensor.plausible
        else f"{ends[0]} or more, unless `plausible` says otherwise"
    )
    return f"reads {value:.6g} {sensor.unit}, which is not plausible, allowed: {allowed}{turned}"


def off_target(value: float, name: str, campaign: Campaign) -> str:
    """What a large, recognisable factor between a value and its target may come from; empty where there is none.

    The two are expected within a factor of five of each other: a target is what can be reached.
    """
    for loop_name, loop in campaign.loops.items():
        if loop.sensor != name or loop.target.amount is None or loop.target.shape is not None:
            continue
        target = campaign.level(loop_name, loop.cell or next(iter(campaign.cells.names), ""))
        factor = max(value / target, target / value) if value > 0 and target > 0 else 1.0
        told = [
            words
            for size, words in _FACTORS.items()
            if factor >= 5 and size / _NEAR <= factor <= size * _NEAR
        ]
        if told:
            against = f"reads {value:.6g} against a target of {target:.6g} {campaign.sensors[name].unit}"
            return f"{against}, a factor of {factor:.3g}: {told[0]}?"
    return ""


def outside(value: float, actuator: Actuator) -> str:
    """Why a value in force lies where it must not; empty where it is fine."""
    share = percent_for_share(value, actuator.unit, "what the target shows")
    if share:
        return share
    if actuator.low <= value <= actuator.high:
        return ""
    low, high = write_level(actuator.low, actuator.unit), write_level(actuator.high, actuator.unit)
    return f"has {write_level(value, actuator.unit)} in force, outside its limits, allowed: {low} to {high}"
