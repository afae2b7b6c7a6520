"""The canonical text, its digest, and what a reload changes."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config import loads
from controller.config.canonical import canonical, digest
from controller.config.changes import differences, widens
from tests.config.sample import TEXT, changed

PLAN = loads(TEXT)


def test_reading_the_canonical_text_gives_an_equal_plan():
    again = loads(canonical(PLAN))
    assert again == PLAN
    assert canonical(again) == canonical(PLAN)


def test_comments_order_and_spelling_do_not_count():
    lines = TEXT.splitlines()
    other = "\n".join(["# a comment", *lines[1:], lines[0]]).replace("scan: 1m", "scan: 60s  ")
    assert digest(loads(other)) == digest(PLAN)


def test_a_shape_counts_with_its_weights(tmp_path):
    text = changed("band: 5%", "band: 5%, shape: week.csv")
    (tmp_path / "week.csv").write_text("1\n" * 168)
    flat = loads(text, folder=str(tmp_path))
    (tmp_path / "week.csv").write_text("1.5\n" * 84 + "0.5\n" * 84)
    shaped = loads(text, folder=str(tmp_path))
    assert digest(flat) != digest(shaped)
    assert loads(canonical(shaped)) == shaped


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("[3%, 12%]", "[3%, 10%]", "actuators.win_rate.limits: [3%, 12%] -> [3%, 10%]"),
        ("gain: 0.5", "gain: 0.6", "loops.sales.policy.gain: 0.5 -> 0.6"),
        ("volume: 40", "volume: 50", "market.volume: 40 -> 50"),
        (", plausible", ", counter: true, plausible", "sensors.units.counter: false -> true"),
        ("over: 1d", "over: 2d", "loops.sales.target.over: 1d -> 2d"),
    ],
)
def test_differences_are_told_in_words(old, new, line):
    text = TEXT.replace("3h,\n          plausible", "3h, plausible")
    assert differences(loads(text), loads(text.replace(old, new, 1))) == [line]


def test_what_comes_and_goes_is_told():
    without = dataclasses.replace(PLAN, guardrails={}, mode="auto")
    said = differences(PLAN, without)
    assert said[0] == "guardrails: {calm: {kind: reversals, on: [win_rate], at_most: 6 per day}} -> removed"
    assert said[1] == "mode: advise -> auto"
    assert differences(without, PLAN)[0].startswith("guardrails: added {calm: ")
    assert differences(PLAN, PLAN) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[3%, 12%]", "[3%, 15%]", "actuators.win_rate.limits: the high limit rises from 12% to 15%"),
        ("[3%, 12%]", "[2%, 12%]", "actuators.win_rate.limits: the low limit falls from 3% to 2%"),
        ("2 CNY, 5 CNY, 9", "2 CNY, 5 CNY, 7", None),
        (
            "2 CNY, 5 CNY, 9",
            "2 CNY, 5 CNY, 19",
            "actuators.coupon.limits: the high limit rises from 9 CNY to 19 CNY",
        ),
        (
            "max_step: 1 point,",
            "max_step: 2 points,",
            "actuators.win_rate.max_step: 1 point becomes 2 points",
        ),
        ("max_step: 1 point,", "", "actuators.win_rate.max_step: 1 point becomes nothing"),
        ("lease: 1h", "lease: 2h", "actuators.win_rate.lease: 1h becomes 2h"),
        ("lease_by: target", "lease_by: watchdog", "actuators.win_rate.lease_by: target becomes watchdog"),
        ("safe: 3%", "safe: 4%", "actuators.win_rate.safe: 3% becomes 4%"),
        ("total: 500000", "total: 600000", "budgets.prizes.total: rises from 500000 CNY to 600000 CNY"),
        ("total: 500000", "total: 400000", None),
        ("4000 CNY", "3000 CNY", "budgets.prizes.worst_per_hour: falls from 4000 CNY to 3000 CNY"),
        ("paid: paid,", "paid: paid, plan: none,", "budgets.prizes.plan: even becomes none"),
        ("kind: updown, step: 1 CNY", "kind: fixed", "loops.redeem.policy: the policy changes"),
        ("gain: 0.5", "gain: 0.6", "loops.sales.policy: the policy changes"),
        ("{coupon: raises}", "{coupon: lowers}", "loops.redeem.move: what it moves, or the effect, changes"),
        ("pays_from: prizes,", "", "loops.sales.pays_from: prizes becomes nothing"),
        ("6 per day", "4 per day", "guardrails.calm: the guardrail changes"),
        ("[0, 9000]", "[0, 90000]", "sensors.units.plausible: more values are believed"),
        ("settle: 5m", "settle: 5m, hold_for: 9h", "sensors.units.hold_for: rises from 3h to 9h"),
        ("band: 5%", "band: 4%", None),
        ("28000", "27000", None),
    ],
)
def test_a_reload_that_gives_more_room_is_told_apart(old, new, expected):
    assert widens(PLAN, loads(changed(old, new))) == ([] if expected is None else [expected])


def test_new_parts_give_more_room():
    fewer = dataclasses.replace(PLAN, loops={"sales": PLAN.loops["sales"]}, budgets={})
    assert widens(fewer, PLAN) == ["loops.redeem: a new loop"]
    assert widens(PLAN, fewer) == ["budgets.prizes: the budget is gone"]
    auto = dataclasses.replace(PLAN, mode="auto", auto_accepts=("coupon",))
    assert widens(PLAN, auto) == [
        "mode: the highest mode rises from advise to auto",
        "auto_accepts: coupon is accepted without a lease",
    ]


@given(st.floats(0.03, 0.12), st.floats(1, 1e6), st.integers(1, 10**12))
def test_any_values_survive_the_way_through_the_text(safe, every, minor):
    actuator = dataclasses.replace(PLAN.actuators["win_rate"], safe=safe, resolution=None)
    budget = dataclasses.replace(
        PLAN.budgets["prizes"], total=dataclasses.replace(PLAN.budgets["prizes"].total, minor=minor)
    )
    runs = dataclasses.replace(PLAN.runs, scan=every)
    loops = {name: dataclasses.replace(loop, every=every) for name, loop in PLAN.loops.items()}
    actuators = {**PLAN.actuators, "win_rate": dataclasses.replace(actuator, lease=3 * every)}
    sensors = {name: dataclasses.replace(sensor, stale_after=None) for name, sensor in PLAN.sensors.items()}
    plan = dataclasses.replace(
        PLAN, runs=runs, loops=loops, actuators=actuators, sensors=sensors, budgets={"prizes": budget}
    )
    assert loads(canonical(plan)) == plan
