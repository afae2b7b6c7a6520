"""What the journal says of a campaign, so that a reader needs no config: names, units, targets, bands, budgets.

Called by assembly; goes into each `start` row and from there to `read_journal`, the page, `status` and `why`. Small
JSON: no secret and no address is in it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from controller.cells import Cells
from controller.plan import Actuator, Campaign, LoopPlan
from controller.ports import BudgetScope
from controller.signals import Channel
from controller.targets import amount_for


def about(
    campaign: Campaign, cells: Cells, budgets: Mapping[str, BudgetScope], targets: Mapping[str, Channel]
) -> dict[str, Any]:
    """The campaign as its journal describes it."""
    return {
        "campaign": campaign.campaign,
        "cells": list(cells.names),
        "labels": list(cells.label_of),
        "pool": cells.pool_of.tolist(),
        "zones": list(cells.zone_of),
        "mode": campaign.mode,
        "scan": campaign.runs.scan,
        "starts_at": campaign.runs.starts_at(),
        "ends_at": campaign.runs.ends_at(),
        "sensors": {
            name: {"unit": plan.unit, "window": plan.window} for name, plan in campaign.sensors.items()
        },
        "channels": {
            **{name: _channel(plan) for name, plan in campaign.actuators.items()},
            **{name: _channel(target) for name, target in targets.items()},
        },
        "loops": {name: _loop(campaign, name, plan, cells) for name, plan in campaign.loops.items()},
        "budgets": {name: _budget(scope) for name, scope in budgets.items()},
    }


def _channel(plan: Actuator | Channel) -> dict[str, Any]:
    return {"unit": plan.unit, "low": plan.low, "high": plan.high, "safe": plan.safe, "start": plan.start}


def _loop(campaign: Campaign, name: str, plan: LoopPlan, cells: Cells) -> dict[str, Any]:
    sensor = campaign.sensors[plan.sensor]
    levels = np.array([campaign.level(name, label) for label in cells.label_of])
    amount = plan.target.amount
    bands = [plan.target.band_in(sensor, float(level)) for level in levels]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(np.array(bands) / np.abs(levels))
    return {
        "measure": plan.sensor,
        "channels": list(plan.channels),
        "unit": sensor.unit,
        "verb": plan.target.verb,
        "written": str(amount_for(amount, cells.label_of[0])) if amount else _total(campaign, plan),
        "band": float(np.median(share)),
        "over": plan.target.over or sensor.window or 0.0,
        "every": plan.every,
        "policy": plan.policy.kind,
    }


def _total(campaign: Campaign, plan: LoopPlan) -> str:
    """A total for people: `200000 units by 2026-09-30`, `prizes, 500000 CNY`."""
    target = plan.target
    if target.spend is not None:
        return f"{target.spend}, {campaign.budgets[target.spend].total}"
    return f"{target.reach} by {target.by or campaign.runs.to}"


def _budget(scope: BudgetScope) -> dict[str, Any]:
    return {
        "total": scope.total,
        "currency": scope.currency,
        "plan": scope.plan,
        "paid": scope.paid,
        "owed": scope.owed,
        "channels": list(scope.channels),
    }
