"""What each twist is there for, in figures that follow from its equation."""

import numpy as np
import pytest

from models.draws import Draws, keys_of
from models.plants.campaign import CampaignPlant
from models.plants.parts.coupon import Coupon
from models.plants.parts.lottery import Lottery
from models.plants.parts.push import Push
from models.response.pantry import SHARE
from models.twists.attention import Attention
from models.twists.backlash import Backlash
from models.twists.cliff import Cliff
from models.twists.contagion import Contagion
from models.twists.hunters import Hunters
from models.twists.indifference import Indifference
from models.twists.pantry import Pantry
from models.twists.streaks import MOST, Streaks
from sim.runs.evenly import EvenLuck
from tests.models.twists.kit import Keen, around, at

HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
ONE = ("all",)
LOTTERY = CampaignPlant(parts={"lottery": Lottery()})
LOW, HIGH = {"win_probability": 0.03}, {"win_probability": 0.12}


def usual(plant, signal="units_scanned"):
    """Of a signal, an hour for each unit of demand, with the levers at their start."""
    said = calm(plant, {}, 240)
    return float(said[signal][-72:].mean()) / float(at(ONE)["demand"][0])


def calm(plant, levers, hours, before=0):
    """A run without luck at steady demand, `levers` from hour `before` on; rows of hours, shape (hours,)."""
    state, rows = plant.start(at(ONE), HOUR), []
    for n in range(hours):
        state, said = plant.step(state, at(ONE, **(levers if n >= before else {})), EvenLuck((1,), n), HOUR)
        rows.append(said)
    return {name: np.array([row[name][0] for row in rows]) for name in rows[0]}


def days(rows):
    return rows.reshape(-1, 24).sum(axis=1)


# -- backlash ----------------------------------------------------------------------------------------------


def worn(depth=0.6):
    table = np.array([1.0, 1.0 - depth])
    return around(Backlash(lever="win_probability", places=(0.03, 0.12), keenness=table), plant=LOTTERY)


def test_a_backlash_lifts_at_once_and_depresses_over_weeks():
    start, sold = usual(LOTTERY) * 900.0 * 24, days(calm(worn(), HIGH, 24 * 28)["units_scanned"])
    assert sold[1] > 1.2 * start
    assert sold[-1] < 0.7 * start
    assert sold.argmax() < 4
    assert (np.diff(sold[5:]) < 0).all()


def test_where_a_lever_is_turned_back_what_was_worn_out_comes_back():
    def path(n):
        return HIGH if n < 14 * 24 else LOW

    state, rows, plant = worn().start(at(ONE), HOUR), [], worn()
    for n in range(24 * 40):
        state, said = plant.step(state, at(ONE, **path(n)), EvenLuck((1,), n), HOUR)
        rows.append(said["units_scanned"][0])
    sold = days(np.array(rows))
    start = usual(LOTTERY) * 900.0 * 24
    assert sold[15] < 0.6 * start
    assert sold[-1] == pytest.approx(start, rel=0.02)


def test_a_backlash_may_differ_from_cell_to_cell():
    table = np.array([[1.0, 1.0], [1.0, 0.5]])
    twist = Backlash(lever="odds", places=(0.0, 1.0), keenness=table, half_life=1.0)
    shown = {"odds": np.zeros(2), "demand": np.full(2, 100.0)}
    state = twist.start(shown, HOUR)
    shown["odds"] = np.full(2, 0.5)
    assert np.allclose(twist.before(state, shown, HOUR)[1]["demand"], [100.0, 75.0])


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"places": (0.1, 0.1)}, "ascending"),
        ({"places": (0.1,)}, "two or more"),
        ({"keenness": np.ones(3)}, "one a place"),
        ({"keenness": np.array([1.0, 0.0])}, "must lie in"),
    ],
)
def test_a_backlash_that_means_nothing_is_refused(wrong, match):
    with pytest.raises(ValueError, match=match):
        Backlash(**{"lever": "odds", "places": (0.0, 0.1), "keenness": np.ones(2), **wrong})


# -- pantry ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [SHARE.low, 1 / 3])
def test_of_a_lasting_bump_the_borrowed_share_is_missing(share):
    each = usual(LOTTERY)
    plain = days(calm(LOTTERY, HIGH, 24 * 150)["units_scanned"])[-1] / (each * 900 * 24)
    held = around(Pantry(usual=each, share=share), plant=LOTTERY)
    sold = days(calm(held, HIGH, 24 * 150)["units_scanned"])[-1] / (each * 900 * 24)
    assert plain > 1.4
    assert sold == pytest.approx(plain - share * (plain - 1.0), rel=0.01)


def test_a_bump_is_followed_by_a_dip_that_gives_the_borrowed_back():
    each, share = usual(LOTTERY), 1 / 3
    week = 24 * 7
    twisted, plain = (
        np.concatenate([calm_then(plant, week, 24 * 150)])
        for plant in (around(Pantry(usual=each, share=share), plant=LOTTERY), LOTTERY)
    )
    bump = (plain - each * 900.0).sum()
    missing = (plain - twisted).sum()
    assert missing == pytest.approx(share * bump, rel=0.1)
    dip = twisted[week + 48 : week + 72].sum() / plain[week + 48 : week + 72].sum()
    assert 0.85 < dip < 0.99


def calm_then(plant, high, hours):
    state, rows = plant.start(at(ONE), HOUR), []
    for n in range(hours):
        levers = HIGH if n < high else LOW
        state, said = plant.step(state, at(ONE, **levers), EvenLuck((1,), n), HOUR)
        rows.append(said["units_scanned"][0])
    return np.array(rows)


# -- contagion ---------------------------------------------------------------------------------------------


def test_referral_multiplies_a_lift_by_one_over_one_minus_k_with_a_memory_as_much_longer():
    each, k = usual(LOTTERY), 0.5
    plain = days(calm(LOTTERY, HIGH, 24 * 20)["units_scanned"])[-1] / (each * 900 * 24)
    twisted = around(Contagion(usual=each, k=k, half_life=2 * DAY), plant=LOTTERY)
    sold = days(calm(twisted, HIGH, 24 * 60)["units_scanned"]) / (each * 900 * 24)
    assert sold[-1] - 1.0 == pytest.approx((plain - 1.0) / (1.0 - k), rel=0.02)
    half = int(np.argmax(sold > (plain + sold[-1]) / 2))
    assert 3 <= half <= 6


def test_near_one_it_is_slow_and_never_beyond_its_bound():
    each = usual(LOTTERY)
    sold = days(calm(around(Contagion(usual=each, k=0.9), plant=LOTTERY), HIGH, 24 * 60)["units_scanned"]) / (
        each * 900 * 24
    )
    assert (np.diff(sold[2:]) > 0).all()
    assert sold[-1] > sold[20] * 1.3
    assert sold.max() < 10 * 1.6


# -- streaks -----------------------------------------------------------------------------------------------


def test_streaks_multiply_what_they_are_made_of():
    won, n = usual(LOTTERY, "prizes_won"), 0.08
    twisted = around(Streaks(signal="prizes_won", usual=won, branching=n), plant=LOTTERY)
    plain, sold = (calm(plant, HIGH, 24 * 20) for plant in (LOTTERY, twisted))
    oftener = plain["prizes_won"][-1] / (won * 900.0)
    expected = (1.0 - n) / (1.0 - n * oftener)
    assert sold["units_scanned"][-1] / plain["units_scanned"][-1] == pytest.approx(expected, rel=0.01)
    assert calm(twisted, {}, 48)["units_scanned"] == pytest.approx(
        calm(LOTTERY, {}, 48)["units_scanned"], rel=1e-3
    )


def test_streaks_that_would_never_end_are_capped():
    won = usual(LOTTERY, "prizes_won")
    twisted = around(Streaks(signal="prizes_won", usual=won, branching=0.9), plant=LOTTERY)
    plain, sold = (calm(plant, HIGH, 24 * 10)["units_scanned"] for plant in (LOTTERY, twisted))
    assert sold[-1] == pytest.approx(MOST * plain[-1], rel=1e-3)


# -- hunters -----------------------------------------------------------------------------------------------


def hunted(**changes):
    told = {
        "lever": "win_probability", "high": 0.12, "usual": usual(LOTTERY), "counts": ("units_scanned", "baskets"),
        "wins": ("prizes_won", "prizes_claimed"), "pays": ("prizes_paid", "money_paid"), "price": 2.0,
    }  # fmt: skip
    return around(Hunters(**told | changes), plant=LOTTERY)


def test_hunters_raise_the_cost_of_a_unit_and_leave_with_the_prize():
    plain, crowded = (calm(plant, HIGH, 24 * 20) for plant in (LOTTERY, hunted()))
    cost = [rows["prizes_paid"][-24:].sum() / rows["units_scanned"][-24:].sum() for rows in (plain, crowded)]
    assert crowded["units_scanned"][-1] > 1.25 * plain["units_scanned"][-1]
    assert cost[1] > 1.5 * cost[0]
    assert crowded["money_paid"][-1] == crowded["prizes_paid"][-1]
    after = calm_then(hunted(), 24 * 20, 24 * 60) - calm_then(LOTTERY, 24 * 20, 24 * 60)
    assert after[24 * 20 - 1] > 250.0
    assert 0.0 <= after[-1] < 2.0


def test_no_hunter_comes_for_less_than_there_was():
    plain, crowded = (calm(plant, {"win_probability": 0.0}, 48) for plant in (LOTTERY, hunted()))
    assert np.array_equal(plain["units_scanned"], crowded["units_scanned"])


def test_a_coupon_s_hunters_are_paid_what_the_lever_says():
    plain = CampaignPlant(parts={"coupon": Coupon()})
    twist = Hunters(
        lever="coupon_value",
        high=6.0,
        usual=0.01,
        counts=("redemptions",),
        wins=(),
        pays=("coupons_paid",),
        skill=None,
    )
    more = {"coupon_value": 6.0}
    one, other = (calm(plant, more, 24 * 20) for plant in (plain, around(twist, plant=plain)))
    redeemed, paid = (other[name][-1] - one[name][-1] for name in ("redemptions", "coupons_paid"))
    assert redeemed == pytest.approx(0.5 * 0.01 * 900.0, rel=0.01)
    assert paid == pytest.approx(6.0 * redeemed)


# -- cliff, attention, indifference ------------------------------------------------------------------------

PUSH = CampaignPlant(parts={"push": Push()})


def test_beyond_the_cliff_people_leave_in_crowds_and_before_it_as_ever():
    cliff = around(Cliff(threshold=4.0), plant=PUSH)
    for frequency, times in ((2.0, (1.0, 1.3)), (6.0, (8.0, 20.0))):
        plain, fallen = (calm(plant, {"push_frequency": frequency}, 24 * 21) for plant in (PUSH, cliff))
        ratio = fallen["opt_outs"].sum() / plain["opt_outs"].sum()
        assert times[0] <= ratio <= times[1]
    gone = plain["active_reach"][-1] - fallen["active_reach"][-1]
    assert gone == pytest.approx(fallen["opt_outs"].sum() - plain["opt_outs"].sum(), rel=0.05)
    assert fallen["opens"][-1] / plain["opens"][-1] == pytest.approx(
        fallen["active_reach"][-1] / plain["active_reach"][-1], rel=0.01
    )
    assert fallen["units_scanned"][-1] < plain["units_scanned"][-1]


def test_the_cliff_takes_whole_people_and_no_more_than_there_are():
    cliff = around(Cliff(threshold=1.0, factor=1e6), plant=PUSH)
    keys, draws, state, rows = keys_of(ONE), Draws(3), cliff.start(at(ONE), HOUR), []
    for n in range(200):
        shown = at(ONE, push_frequency=20.0)
        state, said = cliff.step(state, shown, lambda c, n=n: draws.uniform(keys, n, c), HOUR)
        rows.append(said)
    reach = np.array([row["active_reach"][0] for row in rows])
    assert reach.min() >= 0
    assert reach[-1] < 240
    assert 0.9 * 24_000 < sum(row["opt_outs"][0] for row in rows) <= 24_000 + 50


def test_used_up_attention_opens_as_much_at_any_frequency_and_tires_as_ever():
    plain = CampaignPlant(parts={"push": Keen()})
    deaf = around(Attention(), plant=plain)
    more = {"push_frequency": 5.0}
    still, louder, opened = calm(plain, {}, 240), calm(plain, more, 240), calm(deaf, more, 240)
    assert louder["opens"][-1] > 1.5 * still["opens"][-1]
    assert opened["opens"] / opened["active_reach"] == pytest.approx(
        still["opens"] / still["active_reach"], rel=1e-3
    )
    assert np.array_equal(opened["opt_outs"], louder["opt_outs"])


def test_coupons_that_nobody_looks_at_are_redeemed_as_ever_and_cost_what_they_say():
    plain = CampaignPlant(parts={"coupon": Coupon()})
    deaf, more = around(Indifference(), plant=plain), {"coupon_value": 6.0}
    still, louder, same = calm(plain, {}, 24 * 60), calm(plain, more, 24 * 60), calm(deaf, more, 24 * 60)
    assert louder["redemptions"][-1] > 2.0 * still["redemptions"][-1]
    for name in ("units_scanned", "redemptions", "coupons_issued"):
        assert np.array_equal(same[name], still[name])
    assert same["coupons_paid"][-1] == pytest.approx(6.0 * same["redemptions"][-1], rel=1e-3)
    assert same["coupons_owed"][-1] == pytest.approx(3.0 * still["coupons_owed"][-1], rel=1e-3)
    assert same["money_paid"] == pytest.approx(same["coupons_paid"])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Pantry(usual=1.0, share=1.5), "pantry.share must lie in"),
        (lambda: Pantry(usual=0.0), "pantry.usual must lie in"),
        (lambda: Contagion(usual=1.0, k=1.0), "contagion.k must lie in"),
        (lambda: Streaks(signal="opens", usual=1.0, branching=1.0), "streaks.branching must lie in"),
        (lambda: Cliff(threshold=0.0), "cliff.threshold must lie in"),
        (lambda: Cliff(threshold=2.0, factor=0.5), "cliff.factor must lie in"),
        (lambda: Pantry(usual=np.array([1.0, np.nan])), "pantry.usual must lie in"),
    ],
)
def test_a_strength_out_of_its_range_is_refused(make, match):
    with pytest.raises(ValueError, match=match):
        make()
