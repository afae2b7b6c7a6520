"""Bounds, slew and reversals: what a person asks of the loop's manners."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cells import Cells
from controller.clock import civil_at
from controller.guardrails.bounds import BoundsGuardrail
from controller.guardrails.bounds import Settings as Bounds
from controller.guardrails.reversals import ReversalsGuardrail
from controller.guardrails.reversals import Settings as Reversals
from controller.guardrails.slew import Settings as Slew
from controller.guardrails.slew import SlewGuardrail
from controller.loop.facts import Facts
from controller.loop.limits import Said, combine
from controller.ports import Context, GuardrailScope, Record
from controller.quantities import Amount, Rate
from controller.signals import Tick
from models.draws import Draws
from tests.guardrails.campaign import HOUR, ODDS, START, context, scope


def interval(rail, seen, channel=ODDS):
    limits = combine(
        [Said("it", rail.rank, rail.limit(seen))], {channel.name: channel}, len(seen.tick.civil.holiday)
    )
    return float(limits.low[channel.name][0]), float(limits.high[channel.name][0])


# -- bounds


def test_bounds_hold_the_output_between_two_levels_and_say_so():
    rail = BoundsGuardrail(scope(), Bounds(low=Amount.parse("4%"), high=Amount.parse("8%")))
    assert interval(rail, context(scope())) == (0.04, 0.08)
    assert rail.limit(context(scope()))[0].why == "the house rule: odds at least 4% and at most 8%"


@pytest.mark.parametrize(("low", "high"), [("8%", "4%"), (None, "13%"), ("20%", None)])
def test_bounds_that_leave_nothing_or_reach_outside_are_refused(low, high):
    settings = Bounds(low=low and Amount.parse(low), high=high and Amount.parse(high))
    with pytest.raises(
        ValueError, match=r"bounds on odds: received .* allowed: low <= high, both from 0 to 0\.12"
    ):
        BoundsGuardrail(scope(), settings)


def test_bounds_in_another_unit_are_refused():
    with pytest.raises(ValueError, match="share"):
        BoundsGuardrail(scope(), Bounds(low=Amount.parse("2 CNY")))


def test_bounds_without_a_bound_are_refused():
    with pytest.raises(ValueError, match="neither low nor high"):
        Bounds()


# -- slew


def test_slew_keeps_within_a_step_of_the_value_in_force():
    rail = SlewGuardrail(scope(), Slew())
    assert interval(rail, context(scope(), applied__odds=0.05)) == (0.04, 0.06)


def test_before_any_value_is_known_slew_starts_from_the_start():
    rail = SlewGuardrail(scope(), Slew(step=Amount.parse("0.5 points")))
    assert interval(rail, context(scope())) == (0.025, 0.035)


@pytest.mark.parametrize(("hours", "room"), [(0, 0.0), (3, 0.005), (6, 0.01), (60, 0.01)])
def test_with_a_period_the_room_grows_with_the_time_since_the_last_change(hours, room):
    rail = SlewGuardrail(scope(), Slew(per=6 * HOUR))
    seen = context(scope(), applied__odds=0.05, applied_at__odds=START - hours * HOUR)
    assert interval(rail, seen) == pytest.approx((0.05 - room, 0.05 + room))


@given(st.lists(st.tuples(st.floats(0, 0.12), st.integers(1, 12)), min_size=1, max_size=40))
def test_with_a_period_no_span_of_it_sees_more_than_two_steps(wishes):
    rail = SlewGuardrail(scope(), Slew(per=6 * HOUR))
    now, applied, at, moves = START, 0.03, -np.inf, []
    for wish, hours in wishes:
        now += hours * HOUR
        low, high = interval(rail, context(scope(), now, applied__odds=applied, applied_at__odds=at))
        value = float(np.clip(wish, low, high))
        if value != applied:
            moves.append((now, abs(value - applied)))
            applied, at = value, now
    for end, _ in moves:
        assert sum(size for when, size in moves if end - 6 * HOUR < when <= end) <= 2 * 0.01 + 1e-9


def test_slew_without_any_step_is_refused_and_a_channel_without_one_is_left_free():
    free = replace(ODDS, name="free", max_step=None)
    with pytest.raises(ValueError, match="slew: no step given, and none of free has a max_step"):
        SlewGuardrail(scope(free), Slew())
    both = GuardrailScope(Cells(("all",)), {"free": free, "odds": ODDS})
    assert SlewGuardrail(both, Slew()).needs == ("applied.odds", "applied_at.odds")


@pytest.mark.parametrize("step", ["0 points", "-1 points"])
def test_a_step_that_is_none_is_refused(step):
    with pytest.raises(ValueError, match=r"above zero|not a quantity"):
        SlewGuardrail(scope(), Slew(step=Amount.parse(step)))


# -- reversals


def test_when_the_reversals_are_used_up_only_onward_or_holding_is_left():
    rail = ReversalsGuardrail(scope(), Reversals(at_most=Rate.parse("2 per day")))
    today = float(context(scope()).tick.civil.business_date[0])
    used = {"applied__odds": 0.05, "reversals__odds": 2, "counted_on__odds": today}
    assert interval(rail, context(scope(), direction__odds=1, **used)) == (0.05, 0.12)
    assert interval(rail, context(scope(), direction__odds=-1, **used)) == (0.0, 0.05)
    one_left = {**used, "reversals__odds": 1}
    assert interval(rail, context(scope(), direction__odds=1, **one_left)) == (0.0, 0.12)
    yesterday = {**used, "counted_on__odds": today - 1}
    assert interval(rail, context(scope(), direction__odds=1, **yesterday)) == (0.0, 0.12)


@pytest.mark.parametrize("rate", ["6 per h", "1 per week", "2.5 per day"])
def test_reversals_are_counted_by_day_in_whole_numbers(rate):
    with pytest.raises(ValueError, match="allowed: a whole number per day"):
        Reversals(at_most=Rate.parse(rate))


ZONES = ("Europe/Berlin", "America/New_York")


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from(["2026-03-07", "2026-03-28", "2026-10-24"]), st.integers(0, 4))
def test_whatever_the_policy_wants_no_date_of_any_zone_sees_more_reversals(seed, day, most):
    """Three days of hourly wishes over a change of clocks, in two zones at once."""
    cells = Cells(("berlin", "york"), zones=ZONES)
    of, draws = scope(cells=cells), Draws(seed)
    rail, facts = (
        ReversalsGuardrail(of, Reversals(at_most=Rate(float(most), 86400.0))),
        Facts(cells, of.channels, {}),
    )
    start, seen, last = datetime.fromisoformat(f"{day}T00:00Z").timestamp(), {}, [0.0, 0.0]
    applied = np.full(2, 0.03)
    for hour in range(72):
        now = start + hour * HOUR
        tick = Tick(hour, now, HOUR, civil_at(now, cells))
        low, high = (np.nan_to_num(end, nan=other) for end, other in _ends(rail, tick, facts))
        wish = 0.03 + 0.02 * np.floor(3 * draws.uniform(cells.key, hour, "wish"))
        value = np.clip(wish, low, high) if hour else applied
        for cell in range(2):
            way = np.sign(value[cell] - applied[cell])
            if way and way == -last[cell]:
                local = datetime.fromtimestamp(now, ZoneInfo(ZONES[cell])).date()
                seen[cell, local] = seen.get((cell, local), 0) + 1
            last[cell] = way or last[cell]
        applied = value
        columns = {"applied.odds": applied, "civil.business_date": tick.civil.business_date}
        facts.fold(Record("tick", hour, now, columns))
    assert max(seen.values(), default=0) <= most


def _ends(rail, tick, facts):
    (bound,) = rail.limit(Context(tick, {}, facts.values()))
    return (bound.low, 0.0), (bound.high, 1.0)
