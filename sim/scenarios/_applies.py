"""On which campaigns a scenario makes sense, and why not on others; used by the scenarios beside this file.

Each answers with nothing, or with a sentence for the report. What a market follows is tried, not looked up by name, so
that it holds for plants to come.
"""

from collections.abc import Callable

from controller.plan import Campaign
from models.plants.base import Plant
from sim.scenarios._base import levers_of, measured_of, span_of
from sim.scenarios._probe import follows

Applies = Callable[[Campaign, Plant], str]


def measures(campaign: Campaign, plant: Plant) -> str:
    """Where a loop measures something of the market."""
    return "" if measured_of(campaign) else "no loop of this campaign measures a signal of its market"


def follows_demand(campaign: Campaign, plant: Plant) -> str:
    """Where what is measured follows how much people buy."""
    return measures(campaign, plant) or _unless(campaign, "demand", "how much people buy")


def follows_interest(campaign: Campaign, plant: Plant) -> str:
    """Where what is measured follows how keen people are, to buy or to open messages."""
    return measures(campaign, plant) or _unless(campaign, "interest", "how keen people are")


def follows_effect(campaign: Campaign, plant: Plant) -> str:
    """Where what is measured follows how sales answer to the levers."""
    return measures(campaign, plant) or _unless(campaign, "effect", "how strongly sales answer")


def has_range(campaign: Campaign, plant: Plant) -> str:
    """Where a loop moves a lever that can be moved."""
    free = [
        lever for lever in levers_of(campaign) if span_of(campaign, lever)[0] < span_of(campaign, lever)[1]
    ]
    return "" if free else "no loop of this campaign has a lever that it may move"


def both(*asked: Applies) -> Applies:
    """Where every one of several makes sense; the first reason against."""

    def applies(campaign: Campaign, plant: Plant) -> str:
        return next((why for one in asked if (why := one(campaign, plant))), "")

    return applies


def _unless(campaign: Campaign, what: str, words: str) -> str:
    names = ", ".join(name.replace("_", " ") for name in measured_of(campaign))
    return "" if follows(campaign, what) else f"this campaign keeps {names}, which do not follow {words}"
