"""A budget planned by forecast: the pace follows the week that is learned, else the one that is written, else time."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.guardrails.budget import BudgetGuardrail, Settings
from tests.guardrails.campaign import HOUR, PRIZES, START, context, scope

EVENINGS = np.tile(np.r_[np.full(12, 0.25), np.full(12, 1.75)], 7)
FORECAST = replace(PRIZES, plan="forecast", measure="units")


def planned(budget, now, cells=None, **facts):
    """What the plan allows by `now`, shape (pools,)."""
    of = scope(budget=budget, cells=cells)
    seen = context(of, now, paid=10.0, owed=0.0)
    rail = BudgetGuardrail(of, Settings())
    return rail.purse.standing(replace(seen, facts={**seen.facts, **facts})).planned


def test_without_any_week_it_is_the_even_plan():
    for hours in (0.0, 7.0, 500.5, 2400.0, 2500.0):
        now = START + hours * HOUR
        assert planned(FORECAST, now) == pytest.approx(planned(replace(FORECAST, plan="even"), now), abs=1e-6)


def test_by_noon_an_evening_week_has_spent_an_eighth_of_the_day():
    shaped = replace(FORECAST, week=tuple(EVENINGS))
    day = planned(shaped, START + 24 * HOUR)
    assert planned(shaped, START + 12 * HOUR) == pytest.approx(day / 8)
    assert planned(shaped, START + 48 * HOUR) == pytest.approx(2 * day)


def test_the_learned_week_goes_before_the_written_one_unless_it_is_not_known_yet():
    shaped = replace(FORECAST, week=tuple(EVENINGS))
    noon, flat = START + 12 * HOUR, np.ones((1, 168))
    assert planned(shaped, noon, **{"week.units": flat}) == pytest.approx(planned(FORECAST, noon))
    assert planned(shaped, noon, **{"week.units": np.full((1, 168), np.nan)}) == planned(shaped, noon)


def test_pools_are_planned_each_by_the_mean_of_its_cells():
    cells = Cells(("a", "b", "c"), pool=np.array([0, 0, 1]))
    weeks = np.stack([EVENINGS, np.ones(168), EVENINGS])
    both = planned(FORECAST, START + 12 * HOUR, cells, **{"week.units": weeks})
    even, evening = (planned(FORECAST, START + 12 * HOUR, **{"week.units": weeks[n : n + 1]}) for n in (1, 0))
    assert both == pytest.approx([(even[0] + evening[0]) / 2, evening[0]])


def test_the_reason_names_the_plan():
    of = scope(budget=FORECAST)
    said = [
        bound.why
        for bound in BudgetGuardrail(of, Settings()).limit(context(of, START + HOUR, paid=900.0, owed=0.0))
    ]
    assert any("by the forecast plan" in why for why in said)
