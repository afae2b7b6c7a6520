"""Steps are as large as the width of what is measured is good for."""

from dataclasses import replace

import numpy as np
import pytest

from controller.checks.guardrails import check_guardrail
from controller.guardrails.certainty import CertaintyGuardrail, Settings
from controller.quantities import QuantityError
from tests.guardrails.campaign import ODDS, START, context, scope, signal


def room(spread, value=10.0, half_at=0.1):
    of = scope()
    rail, seen = (
        CertaintyGuardrail(of, Settings(sensor="cost", half_at=half_at)),
        context(of, applied__odds=0.05),
    )
    cost = signal("cost", np.array([value]), np.array([START]))
    cost = cost if spread is None else replace(cost, spread=np.array([spread]))
    (bound,) = rail.limit(replace(seen, signals={**seen.signals, "cost": cost}))
    return float(bound.high[0]) - 0.05, float(bound.low[0]) - 0.05, bound.why


def test_the_contract_of_guardrails_is_kept():
    check_guardrail("certainty", Settings(sensor="paid"))


@pytest.mark.parametrize(("spread", "share"), [(0.0, 1.0), (0.5, 0.8), (1.0, 0.5), (3.0, 0.1), (np.inf, 0.0)])
def test_the_step_shrinks_with_the_width(spread, share):
    up, down, _ = room(spread)
    assert up == pytest.approx(ODDS.max_step * share)
    assert down == pytest.approx(-up)


def test_a_value_whose_width_is_not_known_yet_holds_nothing_back():
    assert np.isnan(room(None)[0])
    assert np.isnan(room(np.nan)[0])
    assert np.isnan(room(1.0, value=np.nan)[0])


def test_it_says_how_well_the_value_is_known():
    assert room(3.0)[2] == "cost is known to 30% at the worst"


def test_a_width_of_nothing_is_refused():
    with pytest.raises(QuantityError, match="half_at must be above zero"):
        Settings(sensor="cost", half_at=0.0)
