"""Every pair of guardrails, over anything a campaign may show them: never empty, never unlawful, in any order."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cells import Cells
from controller.guardrails import bounds, budget, certainty, published_terms, reversals, slew
from controller.loop.grid import Grid
from controller.loop.limits import Said, combine, weigh
from controller.quantities import Amount, Rate
from controller.registry import find, kinds
from tests.guardrails.campaign import HOUR, ODDS, START, context, scope

SETTINGS = {
    "bounds": bounds.Settings(low=Amount.parse("2%"), high=Amount.parse("4%")),
    "budget": budget.Settings(),
    "certainty": certainty.Settings(sensor="paid"),
    "published_terms": published_terms.Settings(
        profile="cn", published_win_rate=0.035, ratchet="up_only", lists_cells=True
    ),
    "reversals": reversals.Settings(at_most=Rate.parse("1 per day")),
    "slew": slew.Settings(per=3 * HOUR),
}
PAIRS = list(combinations_with_replacement(kinds("guardrail"), 2))
CELLS = Cells(("a", "b", "c", "d"), pool=np.array([0, 0, 1, 2]))
SCOPE = scope(cells=CELLS)
TODAY = context(SCOPE).tick.civil.business_date[0]


def column(values):
    return st.lists(values, min_size=4, max_size=4).map(np.array)


money = column(st.one_of(st.just(np.nan), st.floats(0, 12_000)))
odds = column(st.one_of(st.just(np.nan), st.integers(0, 1200).map(lambda step: step / 10_000)))
moments = st.fixed_dictionaries({
    "now": st.floats(START - 24 * HOUR, START + 110 * 24 * HOUR),
    "paid": money,
    "owed": money,
    "age": st.sampled_from([0.0, 600.0, 5 * HOUR, 500 * HOUR]),
    "elapsed": st.sampled_from([60.0, HOUR, 24 * HOUR]),
    "applied__odds": odds,
    "highest__odds": odds,
    "applied_at__odds": column(st.sampled_from([-np.inf, START, START + 50 * 24 * HOUR])),
    "direction__odds": column(st.sampled_from([-1.0, 0.0, 1.0])),
    "reversals__odds": column(st.sampled_from([0.0, 1.0, 5.0])),
    "counted_on__odds": column(st.sampled_from([-np.inf, TODAY - 1, TODAY, TODAY + 200])),
    "spent__prizes": money,
    "first_spent__prizes": money,
})  # fmt: skip


def only(cells, moment, mine):
    """The same moment of some cells."""
    return {name: value[mine] if isinstance(value, np.ndarray) else value for name, value in moment.items()}


def said(pair, of, moment):
    """What the pair says, under two names even where both are of one kind."""
    rails = [(f"{n}_{kind}", find("guardrail", kind).cls(of, SETTINGS[kind])) for n, kind in enumerate(pair)]
    seen = context(of, **moment)
    return [Said(name, rail.rank, rail.limit(seen)) for name, rail in rails]


def ends(limits):
    return [each["odds"] for each in (limits.low, limits.high, limits.suspend, limits.low_by, limits.high_by)]


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(ends(one), ends(other), strict=True))


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
@settings(max_examples=40)
@given(moment=moments)
def test_a_pair_leaves_a_lawful_value_or_suspends(pair, moment):
    told = said(pair, SCOPE, moment)
    soft, hard, safe = weigh(told, SCOPE.channels, 4)
    low, high, live = soft.low["odds"], soft.high["odds"], ~soft.suspend["odds"]
    assert (low <= high).all()
    assert (hard.low["odds"] <= low).all()
    assert (high <= hard.high["odds"]).all()
    for value in (low, high, safe["odds"]):
        assert np.isfinite(value).all()
        assert np.array_equal(Grid.of(ODDS).nearest(value), value)
        assert ((value >= ODDS.low) & (value <= ODDS.high)).all()
    floor = np.full(4, -np.inf)
    if "published_terms" in pair:
        floor = np.fmax(0.035, moment["highest__odds"])
    assert (low >= floor - 1e-12).all(), "also in a suspended cell"
    assert (safe["odds"] >= floor - 1e-12).all()
    if "budget" in pair:
        cap = next(each.bounds[0].high for each in told if each.name.endswith("budget"))
        assert (high[live] <= cap[live] + 1e-12).all()


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
@settings(max_examples=15)
@given(moment=moments)
def test_a_pair_says_the_same_twice_in_any_order_and_in_any_company(pair, moment):
    told = said(pair, SCOPE, moment)
    limits = combine(told, SCOPE.channels, 4)
    assert equal(limits, combine(said(pair, SCOPE, moment), SCOPE.channels, 4))
    swapped = combine(told[::-1], SCOPE.channels, 4)
    assert equal(limits, swapped)
    assert limits.names == swapped.names
    for pool in range(CELLS.pools):
        mine = CELLS.pool_of == pool
        of = scope(cells=Cells(tuple(name for name, one in zip(CELLS.names, mine, strict=True) if one)))
        alone = combine(said(pair, of, only(CELLS, moment, mine)), of.channels, int(mine.sum()))
        assert all(np.array_equal(a, b[mine]) for a, b in zip(ends(alone), ends(limits), strict=True))


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
@settings(max_examples=15)
@given(moment=moments)
def test_a_second_guardrail_never_gives_back_what_a_higher_or_equal_one_took(pair, moment):
    """The hard limits of a pair lie inside those of each alone, wherever the pair does not suspend."""
    both = weigh(said(pair, SCOPE, moment), SCOPE.channels, 4)[1]
    for kind in pair:
        one = weigh(said((kind,), SCOPE, moment), SCOPE.channels, 4)[1]
        live = ~both.suspend["odds"]
        assert (both.low["odds"] >= one.low["odds"])[live].all()
        assert (both.high["odds"] <= one.high["odds"])[live].all()


def test_every_guardrail_on_disk_is_in_the_pairs():
    assert set(SETTINGS) == set(kinds("guardrail"))
