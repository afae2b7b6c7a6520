"""What can be kept at all, on grids made by hand: the range, the money, nine of ten futures, and the sentence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.plan import Target
from controller.quantities import Amount, Money
from sim.evidence.feasible import MOST, _kept, feasible
from tests.sim.evidence.kit import campaign, stores

WEEKS = 4.0
"""The whole of the small campaign, so that what is spent in a run is what is spent in all."""
LEVELS = np.linspace(0.8, 1.6, 9)


def grid(levels=LEVELS, spend=None, futures=20, spread=0.0):
    """Results of a best fixed row: levels over target and money at nine values of the range."""
    of_each = 1.0 + spread * np.linspace(-1.0, 1.0, futures)
    money = np.linspace(0.0, 8000.0, 9) if spend is None else spend
    return {
        "grid.sales": np.asarray(levels)[:, None] * of_each,
        "grid.spend": np.repeat(np.asarray(money, float)[:, None], futures, axis=1),
    }


def found(plan=None, weeks=WEEKS, **given_):
    (one,) = feasible(campaign() if plan is None else plan, grid(**given_), weeks)
    return one


def budget(plan, minor):
    """The campaign with another total."""
    only = plan.budgets["prizes"]
    return replace(plan, budgets={"prizes": replace(only, total=Money(only.total.currency, minor))})


def test_with_money_enough_the_whole_range_can_be_kept():
    one = found()
    assert (one.low, one.high) == (pytest.approx(0.8 * 24_000), pytest.approx(1.6 * 24_000))
    assert (one.asked, one.within, one.unit) == (24_000.0, True, "units/day")
    assert one.sentence == (
        "With a win-rate of 3% to 12% and 100,000 CNY you can keep sales at 19,200 to 38,400 units/day in nine of ten "
        "futures; the 24,000 units/day asked for lies between."
    )


def test_the_budget_binds_between_two_values_of_the_grid():
    one = found(budget(campaign(), 3_500_00))  # money for three and a half steps
    assert one.high == pytest.approx((0.8 + 3.5 * 0.1) * 24_000)
    assert one.within


def test_a_run_of_a_week_is_stretched_over_the_campaign():
    whole, part = found(budget(campaign(), 3_500_00)), found(budget(campaign(), 3_500_00), weeks=WEEKS / 2)
    assert part.high == pytest.approx((0.8 + 1.75 * 0.1) * 24_000)
    assert part.high < whole.high
    assert not part.within
    assert part.sentence.endswith("the 24,000 units/day asked for is out of reach.")


def test_a_run_longer_than_the_campaign_is_not_shrunk():
    assert (
        found(budget(campaign(), 3_500_00), weeks=2 * WEEKS).high == found(budget(campaign(), 3_500_00)).high
    )


def test_where_not_even_the_lowest_value_can_be_paid_nothing_can_be_kept():
    one = found(spend=np.full(9, 100_000.01))
    assert np.isnan([one.low, one.high]).all()
    assert not one.within
    assert (
        "no level of sales can be kept in nine of ten futures; the 24,000 units/day asked for can be in"
        in one.sentence
    )


def test_where_two_of_ten_futures_can_pay_nothing_nothing_can_be_kept_and_one_of_ten_is_borne():
    for broke, there in ((1, True), (2, False)):
        told = grid(futures=10)
        told["grid.spend"][:, :broke] = 1e9
        (one,) = feasible(campaign(), told, WEEKS)
        assert np.isfinite(one.low) == there


def test_without_a_budget_money_binds_nothing():
    plan = campaign()
    loops = {name: replace(loop, pays_from=None) for name, loop in plan.loops.items()}
    one = found(replace(plan, budgets={}, loops=loops), spend=np.full(9, 1e12))
    assert one.high == pytest.approx(1.6 * 24_000)
    assert one.sentence.startswith("With a win-rate of 3% to 12% you can keep")


@pytest.mark.parametrize(
    ("asked", "place"), [("60000 units/day", "out of reach"), ("24000 units/day", "lies between")]
)
def test_a_target_inside_and_outside(asked, place):
    scale = 24_000.0 / float(asked.split()[0])
    one = found(campaign(keep_at=asked), levels=LEVELS * scale)
    assert one.within == (place == "lies between")
    assert place in one.sentence


def test_a_target_under_the_range_is_out_of_reach_too():
    one = found(levels=LEVELS + 0.5)
    assert not one.within
    assert one.low == pytest.approx(1.3 * 24_000)


def test_a_lever_that_lowers_is_read_from_its_other_end():
    one = found(levels=LEVELS[::-1])
    assert (one.low, one.high) == (pytest.approx(0.8 * 24_000), pytest.approx(1.6 * 24_000))
    assert found(budget(campaign(), 3_500_00), levels=LEVELS[::-1]).low == pytest.approx(1.25 * 24_000)


def test_of_stores_the_sum_is_told_and_of_shares_the_mean():
    assert found(stores()).asked == 24_000.0
    plan = stores()
    kept = Target(keep_at={"north": Amount.parse("4%"), "others": Amount.parse("8%")})
    one = found(replace(plan, loops={"sales": replace(plan.loops["sales"], target=kept)}))
    assert one.asked == pytest.approx(0.06)
    assert "keep sales at 4.80 % to 9.60 % in nine of ten futures; the 6.00 % asked for" in one.sentence


def test_two_loops_are_told_one_by_one():
    plan = campaign()
    told = grid() | {"grid.more": LEVELS[:, None] * 2}
    both = replace(plan, loops={**plan.loops, "more": plan.loops["sales"]})
    first, second = feasible(both, told, WEEKS)
    assert second.low == pytest.approx(2 * first.low)


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=1, max_size=40),
    st.floats(0.0, 1.0),
)
def test_any_level_between_the_ends_is_reached_in_nine_of_ten_futures(pairs, place):
    low, high = (np.array([end(pair) for pair in pairs]) for end in (min, max))
    least, most = _kept(low, high)
    if np.isnan(least):
        levels = np.concatenate([low, high])
        assert (((low <= levels[:, None]) & (levels[:, None] <= high)).mean(axis=1) < MOST).all()
        return
    level = min(max(least + place * (most - least), least), most)
    assert ((low <= level) & (level <= high)).mean() >= MOST


def test_with_few_futures_all_must_reach_it():
    low, high = np.array([1.0, 1.0, 1.0]), np.array([2.0, 2.0, 9.0])
    assert _kept(low, high) == (1.0, 2.0)
    many = np.append(np.full(18, 9.0), [2.0, 2.0])
    assert _kept(np.full(20, 1.0), many) == (1.0, 9.0)


def test_noise_between_futures_narrows_what_is_promised():
    sure, unsure = found(), found(spread=0.1)
    assert unsure.low > sure.low
    assert unsure.high < sure.high
