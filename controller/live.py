"""Real ports from a plan: the sensors and actuators of a campaign, built through the registry.

Called by the daemon and by `setpoint check`; the simulator has its own ports and never comes here. Builds, and asks
nothing of the world yet.
"""

from controller.cells import Cells
from controller.plan import Campaign
from controller.ports import Actuator, Sensor
from controller.registry import find


def sensors_of(campaign: Campaign, cells: Cells) -> dict[str, Sensor]:
    """Every sensor of the campaign by name; raises UnknownKind."""
    return {
        name: find("sensor", plan.kind).cls(plan, plan.settings, cells)
        for name, plan in campaign.sensors.items()
    }


def actuators_of(campaign: Campaign, cells: Cells) -> dict[str, Actuator]:
    """Every actuator of the campaign by name; raises UnknownKind."""
    return {
        name: find("actuator", plan.kind).cls(plan, plan.settings, cells)
        for name, plan in campaign.actuators.items()
    }
