"""The budget: never overspent while the worst case holds, paced by its plan, honest about what it can't promise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.guardrails.budget import BudgetGuardrail, Settings
from controller.loop.facts import Facts
from controller.loop.limits import Said, combine
from controller.ports import BudgetScope, Context, Record
from controller.signals import Channel, Tick
from tests.guardrails.campaign import END, HOUR, ODDS, PRIZES, START, context, scope, signal

UNPACED = replace(PRIZES, plan="none")


def room(rail, seen, channel=ODDS):
    """High end of the interval, and the cell's suspension."""
    limits = combine(
        [Said("purse", rail.rank, rail.limit(seen))], {channel.name: channel}, len(rail.scope.cells)
    )
    return limits.high[channel.name]


def built(settings=None, **more):
    of = scope(**{"budget": UNPACED, **more})
    return BudgetGuardrail(of, settings or Settings()), of


def test_with_plenty_left_the_whole_range_is_open():
    rail, of = built()
    assert room(rail, context(of, paid=1000.0, owed=500.0)) == [0.12]


def test_the_range_shrinks_in_a_straight_line_over_the_taper():
    rail, of = built(Settings(taper=0.1))
    left_half_of_taper = 10_000.0 - 500.0 - 100.0 * 60 / 3600
    assert room(rail, context(of, paid=left_half_of_taper)) == pytest.approx([0.075], abs=1e-4)


@pytest.mark.parametrize(
    ("paid", "owed", "age"),
    [
        (10_000.0, 0.0, 0.0),
        (6_000.0, 4_000.0, 0.0),
        (9_000.0, 0.0, 10 * HOUR),
        (9_999.0, np.nan, 60.0),
        (20_000.0, 0.0, 0.0),
    ],
)
def test_when_nothing_is_left_the_output_goes_to_the_safe_value(paid, owed, age):
    rail, of = built(Settings(blind_after=100 * HOUR))
    now = START + 20 * HOUR
    assert room(rail, context(of, now, paid=paid, owed=owed, age=age)) == [0.03]


def test_money_that_is_owed_counts_as_spent():
    rail, of = built()
    assert room(rail, context(of, paid=5000.0, owed=4900.0)) < room(rail, context(of, paid=5000.0, owed=0.0))


def test_the_lag_of_the_sensor_is_provided_for():
    late, of = built(budget=replace(UNPACED, lag=10 * HOUR))
    prompt, _ = built()
    seen = context(of, START + 50 * HOUR, paid=9_000.0, owed=0.0)
    assert room(late, seen) == [0.03]
    assert room(prompt, seen) == [0.12]


def test_without_data_for_long_the_safe_value_is_taken_whatever_is_left():
    rail, of = built(Settings(blind_after=6 * HOUR))
    now = START + 40 * HOUR
    assert room(rail, context(of, now, paid=100.0, owed=0.0, age=5 * HOUR)) == [0.12]
    assert room(rail, context(of, now, paid=100.0, owed=0.0, age=7 * HOUR)) == [0.03]
    assert room(rail, context(of, now)) == [0.03], "no reading ever: as old as the campaign"
    assert room(rail, context(of, START + HOUR)) == [0.12], (
        "a campaign that has just begun can't have spent much"
    )
    assert (
        "no good reading for 7 h" in rail.limit(context(of, now, paid=100.0, owed=0.0, age=7 * HOUR))[0].why
    )


def test_a_sensor_that_is_reset_gives_no_money_back():
    rail, of = built()
    assert room(rail, context(of, paid=3.0, owed=0.0, spent__prizes=10_000.0)) == [0.03]


def test_what_a_sensor_counted_before_may_be_taken_off():
    rail, of = built(Settings(count_from="first_reading"))
    seen = context(of, paid=15_000.0, owed=0.0, first_spent__prizes=14_000.0, spent__prizes=14_500.0)
    assert room(rail, seen) == [0.12]
    assert room(built()[0], seen) == [0.03]


def test_every_pool_has_the_whole_budget_and_its_cells_share_it():
    cells = Cells(("a", "b", "c"), pool=np.array([0, 0, 1]))
    rail, of = built(cells=cells)
    seen = context(of, paid=np.array([5_000.0, 5_000.0, 5_000.0]), owed=0.0)
    assert room(rail, seen).tolist() == [0.03, 0.03, 0.12]


def test_a_pool_is_as_blind_as_its_blindest_cell():
    cells = Cells(("a", "b", "c"), pool=np.array([0, 0, 1]))
    rail, of = built(cells=cells)
    now = START + 40 * HOUR
    seen = context(of, now, paid=np.full(3, 10.0), owed=0.0)
    closed = [0.03, 0.03, 0.12]
    for ages, rooms in (((0, 9, 0), closed), ((9, 0, 0), closed), ((0, 0, 9), [0.12, 0.12, 0.03])):
        paid = replace(seen.signals["paid"], good_at=now - HOUR * np.array(ages, float))
        assert room(rail, replace(seen, signals={**seen.signals, "paid": paid})).tolist() == rooms


def test_the_pace_closes_the_range_as_spending_runs_ahead_of_the_plan():
    rail, of = built(Settings(tolerance=0.05), budget=PRIZES)
    half = (START + END) / 2
    on_plan, ahead, far_ahead = (
        room(rail, context(of, half, paid=p, owed=0.0)) for p in (5_000.0, 5_250.0, 5_500.0)
    )
    assert on_plan == [0.12]
    assert ahead == pytest.approx([0.075], abs=1e-4)
    assert far_ahead == [0.03]


def test_the_pace_is_a_process_limit_and_never_suspends():
    rail, of = built(budget=PRIZES, channel=replace(ODDS, safe=0.0))
    law = Said("terms", "law", [replace(rail.limit(context(of))[0], low=np.array([0.03]), high=None)])
    seen = context(of, paid=900.0, owed=0.0)
    limits = combine([law, Said("purse", rail.rank, rail.limit(seen))], of.channels, 1)
    assert not limits.suspend["odds"].any()
    assert limits.high["odds"] == [0.03]
    spent = combine(
        [law, Said("purse", rail.rank, rail.limit(context(of, paid=2e4, owed=0.0)))], of.channels, 1
    )
    assert spent.suspend["odds"].all(), "law asks for odds, no money is left for them: stop offering"


def test_a_channel_whose_safe_value_is_its_high_end_is_bounded_from_below():
    need = Channel("need", "count", 1.0, 3.0, 2.0, 3.0, levels=(1.0, 2.0, 3.0))
    rail, of = built(channel=need, budget=replace(UNPACED, channels=("need",)))
    limits = combine([Said("p", "safety", rail.limit(context(of, paid=1e4, owed=0.0)))], of.channels, 1)
    assert (limits.low["need"], limits.high["need"]) == ([3.0], [3.0])


spends = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(1, 5)), min_size=20, max_size=150)


@given(spends, st.floats(0, 3), st.sampled_from([0.0, 0.05]))
def test_the_budget_is_never_overspent_while_the_worst_case_holds(days, lag_hours, taper):
    """A market that spends at any rate up to the worst one while the output is above its safe value, seen late and with
    gaps, at ticks of one to five hours of which the loop knows the last: what was announced is never exceeded."""
    budget = BudgetScope(
        "prizes",
        "CNY",
        1500.0,
        "paid",
        None,
        ("odds",),
        lag=lag_hours * HOUR,
        worst_per_hour=100.0,
        plan="none",
    )
    of = scope(budget=budget)
    rail = BudgetGuardrail(of, Settings(taper=taper, blind_after=1000 * HOUR))
    facts = Facts(of.cells, of.channels, of.budgets)
    now, spent, history, known, good_at = START, 0.0, [(START - 1e9, 0.0), (START, 0.0)], np.nan, -np.inf
    step = max(hours for _, _, hours in days)
    for rate, seen, hours in days:
        if seen:
            known = next(total for when, total in reversed(history) if when <= now - budget.lag)
            good_at = now
        signals = {"paid": signal("paid", np.array([known]), np.array([good_at]))}
        said = rail.limit(
            Context(Tick(0, now, step * HOUR, context(of, now).tick.civil), signals, facts.values())
        )
        value = combine([Said("purse", "safety", said)], of.channels, 1).high["odds"][0]
        columns = {"signal.paid.value": np.array([known]), "signal.paid.good_at": np.array([good_at])}
        facts.fold(Record("tick", 0, now, columns))
        for _ in range(hours):
            spent += 100.0 * rate if value > 0.03 else 0.0
            now += HOUR
            history.append((now, spent))
    assert spent <= 1500.0 + 1e-6


def test_what_is_promised_is_said_in_money():
    rail, _ = built()
    assert rail.overspend_bound(3 * HOUR) == 300.0
    assert "up to 300 CNY can be spent beyond it (100 CNY an hour for 3 h)" in rail.promise(3 * HOUR)
    assert "nobody enforces a lease" in rail.promise(np.inf)
    unknown, _ = built(budget=replace(UNPACED, worst_per_hour=None))
    assert unknown.overspend_bound(HOUR) == np.inf
    assert "worst_per_hour is not set" in unknown.promise(HOUR)
    ledger, _ = built(enforced=True)
    assert ledger.overspend_bound(np.inf) == 0.0
    assert "10,000 CNY is not overspent" in ledger.promise(np.inf)


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        (
            replace(PRIZES, paid=None),
            "nothing tells what it has spent, allowed: a sensor of what is `paid`, or a",
        ),
        (replace(PRIZES, total=0.0), "total must be above zero, received 0.0"),
        (replace(PRIZES, plan="weekly"), "plan must be even, forecast or none, received 'weekly'"),
    ],
)
def test_a_budget_that_can_not_be_kept_is_refused(budget, text):
    with pytest.raises(ValueError, match=text):
        built(budget=budget)


def test_a_budget_must_be_named_where_there_are_several():
    of = replace(scope(), budgets={"a": PRIZES, "b": PRIZES})
    with pytest.raises(ValueError, match="say which one with `budget:`, known: a, b"):
        BudgetGuardrail(of, Settings())
    with pytest.raises(ValueError, match="unknown 'c', known: a, b"):
        BudgetGuardrail(of, Settings(budget="c"))


def test_a_budget_of_a_unit_cost_needs_no_sensor_of_money():
    guess = replace(UNPACED, paid=None, owed=None, unit_cost=2.0, measure="paid")
    rail, of = built(budget=guess)
    assert room(rail, context(of, START + HOUR, paid=70.0, spent__prizes=9_950.0)) < 0.05
    assert room(rail, context(of, START + HOUR, paid=70.0, spent__prizes=100.0)) == [0.12]
