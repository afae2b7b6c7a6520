"""Whether a campaign's `market:` block maps its names onto a market: every name, and in a fitting unit.

Called by sim.market.build before a market is made; pure. What is wrong is said for all names at once, each with the
names that would fit.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from controller.errors import SetpointError, nearest
from controller.plan import Campaign
from controller.quantities.units import Unit
from models.plants.base import Lever, Plant, Signal

Offered = TypeVar("Offered", Signal, Lever)
DERIVED = ("formula",)
"""Kinds of sensors that are computed from others and stand for nothing of their own."""


def check(campaign: Campaign, plant: Plant) -> None:
    """Raise SetpointError with a line for every name that is not mapped, unknown, or in another unit."""
    assert campaign.market is not None
    signals, levers = campaign.market.signals, campaign.market.levers
    sensed = {
        n: plan.unit for n, plan in campaign.sensors.items() if plan.kind not in DERIVED or n in signals
    }
    turned = {n: plan.unit for n, plan in campaign.actuators.items()}
    faults = [
        *_faults("signals", signals, plant.signals, sensed, _reads),
        *_faults("levers", levers, plant.levers, turned, _turns),
    ]
    if faults:
        raise SetpointError("\n".join(faults))


def _faults(
    block: str,
    mapped: Mapping[str, str],
    offered: Mapping[str, Offered],
    declared: Mapping[str, str],
    fits: Callable[[Offered, Unit], bool],
) -> Iterator[str]:
    for name, target in mapped.items():
        if name not in declared:
            yield f"market.{block}.{name}: nothing of that name is declared{nearest(name, declared)}"
        elif target not in offered:
            fitting = _fitting(offered, declared[name], fits)
            yield f"market.{block}.{name}: the market has no {target!r}{nearest(target, offered)}{fitting}"
        elif not fits(offered[target], Unit.parse(declared[name])):
            yield (
                f"market.{block}.{name}: {target} is in {offered[target].unit}, {name} in {declared[name]}"
                f"{_fitting(offered, declared[name], fits)}"
            )
    for name, unit in declared.items():
        if name not in mapped:
            fitting = _fitting(offered, unit, fits) or nearest("", offered)
            yield f"market.{block}: {name} stands for nothing in the market{fitting}"


def _reads(offered: Signal, unit: Unit) -> bool:
    """Money is read as money, a share as a share, what is there at a moment not as so many an hour."""
    if offered.unit == "money" or unit.is_money:
        fits = offered.unit == "money" and unit.is_money
    else:
        fits = Unit.parse(offered.unit).is_share == unit.is_share
    return fits and (offered.kind != "level" or unit.seconds is None)


def _turns(offered: Lever, unit: Unit) -> bool:
    """Money is turned as money, a share as a share, a rate as the same rate."""
    if offered.unit == "money" or unit.is_money:
        return offered.unit == "money" and unit.is_money and unit.seconds is None
    theirs = Unit.parse(offered.unit)
    if theirs.is_share or unit.is_share:
        return theirs.is_share and unit.is_share
    return theirs.seconds == unit.seconds


def _fitting(offered: Mapping[str, Offered], unit: str, fits: Callable[[Offered, Unit], bool]) -> str:
    names = [name for name, one in offered.items() if fits(one, Unit.parse(unit))]
    return f"; in {unit} it has {', '.join(names)}" if names else ""
