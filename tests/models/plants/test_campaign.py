"""The plant: levers do what they say, money adds up, luck is paired, replicas are separate runs."""

import numpy as np
import pytest

from models.draws import Draws, keys_of
from models.plants.campaign import CampaignPlant
from models.plants.parts.lottery import Lottery
from models.plants.parts.push import Push

NAMES = tuple(f"store-{n}" for n in range(23))
DT = 600.0


def inputs(count, **levers):
    base = {
        "win_probability": 0.03,
        "coupon_value": 2.0,
        "push_frequency": 2.0,
        "demand": 900.0,
        "people": 40_000.0,
    }
    return {name: np.full(count, float(value)) for name, value in (base | levers).items()}


def run(names, steps=300, seed=1, plant=None, **levers):
    """Signals of all steps, each of shape (steps, cells)."""
    plant = plant or CampaignPlant()
    keys, draws, at = keys_of(names), Draws(seed), inputs(len(names), **levers)
    at["demand"] = at["demand"] * (1 + np.array([int(n.split("-")[1]) for n in names]) / 100)
    state, rows = plant.start(at, DT), []
    for tick in range(steps):
        state, said = plant.step(state, at, lambda channel, t=tick: draws.uniform(keys, t, channel), DT)
        rows.append(said)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def test_every_signal_declared_is_given_and_no_other():
    plant = CampaignPlant()
    assert set(run(NAMES[:1], 2)) == set(plant.signals)
    assert set(plant.levers) == {"win_probability", "coupon_value", "push_frequency"}


@pytest.mark.parametrize(
    ("lever", "values"),
    [
        ("win_probability", (0.0, 0.03, 0.08, 0.12)),
        ("coupon_value", (0.0, 1.0, 3.0, 8.0)),
        ("push_frequency", (0.0, 1.0, 3.0)),
    ],
)
def test_sales_rise_with_each_lever(lever, values):
    sold = [run(NAMES, 400, **{lever: value})["units_scanned"].sum() for value in values]
    assert sold == sorted(sold)
    assert sold[-1] > 1.05 * sold[0]


def test_a_lever_is_felt_only_after_its_dead_time():
    plant = CampaignPlant(parts={"lottery": Lottery()}, sd=0.0)
    at, raised = inputs(1, win_probability=0.03), inputs(1, win_probability=0.12)
    luck = lambda channel: np.array([0.5])  # noqa: E731
    state = plant.start(at, DT)
    sold = []
    for _ in range(14):
        state, said = plant.step(state, raised, luck, DT)
        sold.append(said["units_scanned"][0])
    assert len(set(sold[:12])) == 1
    assert sold[12] > sold[0]


def test_sales_have_the_mean_and_dispersion_asked_for():
    plant = CampaignPlant(parts={}, dispersion=4.4, sd=0.0)
    said = run(NAMES[:1], 6000, plant=plant)
    units = said["units_scanned"].ravel()
    assert units.mean() == pytest.approx(150.0, rel=0.01)
    assert units.var() / units.mean() == pytest.approx(4.4, rel=0.08)
    assert said["baskets"].sum() / units.sum() == pytest.approx(0.45, abs=0.005)


def test_prizes_are_won_claimed_or_lapse_and_money_follows():
    prize = Lottery().prize
    said = run(NAMES, 600, win_probability=0.1, coupon_value=0.0, push_frequency=0.0)
    won, paid = said["prizes_won"].sum(axis=0), said["prizes_paid"].sum(axis=0)
    assert (won / said["units_scanned"].sum(axis=0)).mean() == pytest.approx(0.1, rel=0.03)
    assert np.array_equal(paid, prize * said["prizes_claimed"].sum(axis=0))
    assert (paid + said["prizes_owed"][-1] <= won * prize).all()
    assert np.array_equal(said["money_paid"], said["prizes_paid"] + said["coupons_paid"])
    assert (said["prizes_owed"] >= 0).all()


def test_coupons_are_paid_at_their_face_value():
    said = run(NAMES, 900, coupon_value=2.0)
    paid, count = said["coupons_paid"].sum(axis=0), said["redemptions"].sum(axis=0)
    assert count.min() > 0
    assert np.allclose(paid, 2.0 * count)
    assert (said["coupons_owed"] >= -1e-9).all()
    none = run(NAMES, 50, coupon_value=0.0)
    assert none["coupons_issued"].sum() == none["coupons_paid"].sum() == 0


def test_more_messages_cost_reach_and_people_are_never_made():
    calm, loud = run(NAMES, 1500, push_frequency=1.0), run(NAMES, 1500, push_frequency=14.0)
    assert loud["opt_outs"].sum() > 10 * calm["opt_outs"].sum()
    assert (loud["active_reach"][-1] < calm["active_reach"][-1]).all()
    assert (loud["opens"] <= loud["pushes_sent"]).all()
    assert loud["active_reach"].max() <= 0.6 * 40_000
    assert loud["active_reach"].min() >= 0


def test_the_same_luck_meets_two_settings():
    """Paired runs differ less than runs of other seeds: that is what makes a small effect visible."""
    low, high = run(NAMES, 60, win_probability=0.05), run(NAMES, 60, win_probability=0.055)
    other = run(NAMES, 60, seed=2, win_probability=0.055)
    total = lambda said: said["units_scanned"].sum(axis=0)  # noqa: E731
    paired, apart = (total(high) - total(low)).var(), (total(other) - total(low)).var()
    assert paired < apart / 10
    assert (high["units_scanned"] >= low["units_scanned"] - 1).all()


@pytest.mark.parametrize("cut", [[1] * 23, [5, 18], [16, 7], [22, 1]])
def test_replicas_in_one_array_equal_separate_runs_bit_for_bit(cut):
    whole, start = run(NAMES, 120, push_frequency=5.0), 0
    for size in cut:
        part = run(NAMES[start : start + size], 120, push_frequency=5.0)
        for name, values in part.items():
            assert np.array_equal(values, whole[name][:, start : start + size]), name
        start += size


def test_a_part_can_be_left_out():
    plant = CampaignPlant(parts={"push": Push()})
    assert set(plant.levers) == {"push_frequency"}
    assert "prizes_won" not in run(NAMES[:2], 3, plant=plant)


def test_a_step_that_does_not_divide_the_dead_time_is_refused():
    with pytest.raises(ValueError, match="multiple of the step"):
        CampaignPlant().start(inputs(1), 700.0)
