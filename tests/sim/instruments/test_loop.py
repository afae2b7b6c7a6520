"""The real loop through faults: never a NaN, never outside its limits, the budget kept; equal in any chunking."""

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from controller.assembly import cells_of
from controller.quantities import Amount, Money
from controller.signals import Latch, Reason
from sim.instruments import Cap, Drive, Feed, Lie
from sim.market.disturbances import Level, Outage, Promotion, Regime, Spell
from sim.market.world import World
from sim.runs.runner import Run, finish, start
from tests.sim.instruments.faults_kit import CASES, DAY, HOUR

both = pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
LOTTERY, PUSH = CASES
BUDGET = 5000.0

ROUGH = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""Whole runs are too slow to be shrunk or explained."""


def run(campaign, days, each=None, **about):
    running = start(Run(campaign=campaign, seconds=days * DAY, **about))
    finish(running, each)
    return running


def poor(campaign):
    """The lottery with money for a day, to be spent at will, and odds that may fall to nothing when it is gone."""
    prizes, odds = campaign.budgets["prizes"], campaign.actuators["win_rate"]
    few = replace(
        prizes, total=Money.parse(f"{BUDGET:g} CNY"), plan="none", worst_per_hour=Money.parse("700 CNY")
    )
    sales = campaign.loops["sales"]
    eager = replace(sales, target=replace(sales.target, keep_at=Amount.parse("56000 units/day")))
    return replace(
        campaign, budgets={"prizes": few}, loops={"sales": eager},
        actuators={"win_rate": replace(odds, limits=(0.0, 0.12), safe=0.0)},
        guardrails={name: rail for name, rail in campaign.guardrails.items() if name != "terms"},
    )  # fmt: skip


# -- combinations ---------------------------------------------------------------------------------------------------

hours = st.integers(0, 24).map(lambda n: n * HOUR)
settle = st.sampled_from([(), ((0.0, 0.5), (HOUR, 0.8), (6 * HOUR, 1.0)), ((1800.0, 0.2), (DAY, 1.0))])


def lies(starts):
    return st.lists(
        st.builds(
            lambda at, much, ice: Lie(starts=starts + at, ends=starts + at + 6 * HOUR, factor=much, frozen=ice),
            hours, st.sampled_from([0.0, 0.5, 1.5, 5.0]), st.booleans(),
        ), max_size=2,
    ).map(tuple)  # fmt: skip


def feeds(starts):
    return st.builds(
        Feed, delay=st.sampled_from([0.0, HOUR, 5 * HOUR]), dated=st.booleans(), settle=settle,
        returned=st.sampled_from([0.0, 0.1]), returned_after=st.just(DAY), dropout=st.sampled_from([0.0, 0.1, 0.6]),
        burst=st.sampled_from([0.0, 3 * HOUR]), noise=st.sampled_from([0.0, 0.3]),
        quantum=st.sampled_from([0.0, 100.0]), lies=lies(starts), reset_rate=st.sampled_from([0.0, 4.0]),
    )  # fmt: skip


def drives(case):
    starts, span = case.starts, st.builds(lambda at: (case.starts + at, case.starts + at + 5 * HOUR), hours)
    return st.builds(
        Drive, delay=st.sampled_from([0.0, HOUR, 7 * HOUR]), rate=st.sampled_from([np.inf, 0.1 * case.high]),
        high=st.sampled_from([np.inf, 0.6 * case.high]), quantum=st.sampled_from([0.0, 0.03 * case.high]),
        deadband=st.sampled_from([0.0, 0.05 * case.high]), deaf=st.lists(span, max_size=2).map(tuple),
        mute=st.lists(span, max_size=2).map(tuple),
        stock=st.sampled_from([None, Cap(signals=(case.signal,), total=15_000.0, since=starts)]),
    )  # fmt: skip


def events(case):
    at = hours.map(lambda after: case.starts + after)
    return st.lists(
        st.one_of(
            st.builds(lambda t, f: Promotion(t, t + 8 * HOUR, f), at, st.sampled_from([0.0, 0.5, 3.0])),
            st.builds(lambda t: Level(t, np.inf, 0.6, over=6 * HOUR), at),
            st.builds(lambda t: Outage(t, t + 5 * HOUR), at),
            st.builds(lambda t, feed: Spell(t, t + 8 * HOUR, (), replace(feed, returned=0.0)), at, feeds(case.starts)),
            st.builds(lambda t: Regime(t, t + 9 * HOUR, effect=-0.5, delay=2 * HOUR), at),
        ), max_size=3,
    ).map(tuple)  # fmt: skip


@both
@settings(ROUGH, max_examples=10)
@given(data=st.data())
def test_through_any_faults_nothing_but_sound_values_within_the_limits_are_ordered(case, data):
    drive = data.draw(drives(case), "drive")
    world = World(
        feeds={
            case.signal: data.draw(feeds(case.starts), "feed"),
            "*": data.draw(feeds(case.starts), "others"),
        },
        drives={case.lever: drive},
        disturbances=data.draw(events(case), "events"),
    )
    plan = case.campaign.actuators[case.actuator]

    def sound(turn):
        out = turn.outputs[case.actuator]
        for value in (out.decided.value, out.applied):
            assert np.isfinite(value).all()
        assert (out.decided.value >= plan.low - 1e-9).all()
        assert (out.decided.value <= plan.high + 1e-9).all()
        if out.order is not None:
            assert np.isfinite(out.order.value).all()
            assert np.isfinite(out.order.fallback).all()
        truth = running.simulated.market.levers[case.lever].in_force(turn.tick.time)
        off = running.simulated.market.levers[case.lever].kind.off
        stopped = truth.value == off
        assert (stopped | (truth.value >= min(plan.low - drive.quantum / 2, drive.high) - 1e-9)).all()
        assert (truth.value <= min(plan.high + drive.quantum / 2, drive.high) + 1e-9).all()

    cells = cells_of(case.campaign).replicated(2)
    running = start(Run(campaign=case.campaign, seconds=DAY, cells=cells, world=world))
    finish(running, sound)
    assert running.now == pytest.approx(case.starts + DAY)


MONEY = st.builds(
    Feed, delay=st.sampled_from([0.0, HOUR]), dropout=st.sampled_from([0.0, 0.3]),
    burst=st.sampled_from([0.0, 4 * HOUR]), quantum=st.sampled_from([0.0, 2.0]),
    resets=st.lists(hours.map(lambda after: LOTTERY.starts + after), max_size=2).map(tuple),
)  # fmt: skip
EXACT = st.builds(Drive, high=st.sampled_from([np.inf, 0.08]), quantum=st.sampled_from([0.0, 0.004]))


@settings(ROUGH, max_examples=8)
@given(money=MONEY, units=feeds(LOTTERY.starts), drive=EXACT, out=hours)
def test_the_budget_is_kept_while_the_ledger_is_no_later_than_declared(money, units, drive, out):
    """Whatever units show, and while the ledger can't be read; a lie of the ledger itself is another matter."""
    at = LOTTERY.starts + out
    world = World(
        feeds={"prizes_paid": money, "prizes_owed": money, "units_scanned": units},
        drives={"win_probability": drive},
        disturbances=(Outage(at, at + 4 * HOUR, ("prizes_paid", "prizes_owed")),),
    )
    running = run(poor(LOTTERY.campaign), 1.5, cells=cells_of(LOTTERY.campaign).replicated(2), world=world)
    history = running.simulated.market.history
    used = history.at("prizes_paid", history.steps) + history.at("prizes_owed", history.steps)
    assert (used <= BUDGET).all()


def test_the_budget_would_be_gone_but_for_its_guardrail():
    """So that the test above can fail: with a larger one the same run spends more."""
    plan = poor(LOTTERY.campaign)
    rich = replace(plan.budgets["prizes"], total=Money.parse("90000 CNY"))
    trace = run(replace(plan, budgets={"prizes": rich}), 1.5).trace
    assert trace.totals["prizes_paid"][-1] + trace.totals["prizes_owed"][-1] > 1.2 * BUDGET


# -- one by one -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settled", [False, True])
def test_the_loop_sees_the_right_total_of_a_counter_that_begins_anew(settled):
    """Each beginning costs one sample until it is understood, and nothing of the total."""
    late = ((0.0, 0.7), (2 * HOUR, 1.0)) if settled else ()
    resets = tuple(LOTTERY.starts + 1234.0 + n * 7 * HOUR for n in range(1, 6))
    world, seen, why = World(feeds={"prizes_paid": Feed(resets=resets, settle=late)}), [], []

    def see(turn):
        seen.append(turn.signals["paid"].value.copy())
        why.append(turn.signals["paid"].why)

    market = run(LOTTERY.campaign, 2.0, see, world=world).simulated.market
    settle, lag = 1, round(HOUR / 600)
    last = market.history.steps - settle
    if not settled:
        assert seen[-1] == market.history.at("prizes_paid", last - lag)
    assert seen[-1] <= market.history.at("prizes_paid", last - lag)
    assert seen[-1] >= market.history.at("prizes_paid", last - lag - 12)
    assert sum(words == ("counter_reset",) for words in why) == 5
    assert (np.diff(seen, axis=0) >= 0).all()


@pytest.mark.parametrize(
    ("case", "days"), [(LOTTERY, 1.0), (PUSH, 3.0)], ids=("cap_lottery", "push_frequency")
)
def test_readings_that_fail_for_long_hold_the_loop_and_it_comes_back(case, days):
    spell = Spell(
        case.starts + HOUR, case.starts + days * DAY, (case.signal,), Feed(dropout=0.97, burst=4 * DAY)
    )
    latches = []

    def see(turn):
        latches.append(int(turn.signals[case.sensor].latch[0]))

    run(case.campaign, days + 1.0, see, world=World(disturbances=(spell,)))
    assert {Latch.HOLD, Latch.SAFE} & set(latches)
    assert latches[0] == latches[-1] == Latch.LIVE


@both
def test_a_slow_and_late_lever_is_converged_on(case):
    """The loop's orders stay unconfirmed on their way, and what is read back is what people meet."""
    drive, found = Drive(delay=HOUR, rate=0.2 * case.high), []

    def see(turn):
        out = turn.outputs[case.actuator]
        found.append((float(out.applied[0]), float(out.decided.value[0])))

    running = run(case.campaign, 2.0, see, world=World(drives={case.lever: drive}))
    market, at = running.simulated.market, np.array(found)
    assert at[-1, 0] == market.levers[case.lever].in_force(market.now).value
    assert len(set(at[:, 0])) > 3
    gaps = np.abs(at[:, 0] - at[:, 1])
    assert (gaps > 1e-9).any()
    assert (gaps <= 1e-9).any()


def test_a_target_that_clips_leaves_the_loop_unsaturated_when_the_need_is_over():
    """External reset: the policy is told what is in force, so it does not wind up beyond the target's ceiling."""
    falls = LOTTERY.starts + DAY
    world = World(
        drives={"win_probability": Drive(high=0.06)},
        disturbances=(
            Promotion(falls, falls + 2 * DAY, 0.5),
            Promotion(falls + 2 * DAY, falls + 9 * DAY, 1.6),
        ),
    )
    wishes = []
    running = run(
        LOTTERY.campaign,
        5.0,
        lambda turn: wishes.append(float(turn.outputs["win_rate"].decided.value[0])),
        world=world,
    )
    rates = np.array(running.trace.levers["win_probability"])[:, 0]
    assert rates.max() == 0.06
    assert min(wishes[-144:]) == LOTTERY.campaign.actuators["win_rate"].low


def test_when_the_stock_is_gone_the_loop_goes_on_and_says_what_it_reads():
    drive = Drive(stock=Cap(signals=("prizes_won",), total=500.0, since=LOTTERY.starts))
    read, reasons = [], set()

    def see(turn):
        read.append(float(turn.outputs["win_rate"].read_back[0]))
        reasons.add(Reason(int(turn.outputs["win_rate"].decided.reason[0])))

    running = run(LOTTERY.campaign, 2.0, see, world=World(drives={"win_probability": drive}))
    history = running.simulated.market.history
    assert read[0] >= 0.03
    assert read[-1] == 0.0
    assert history.between("prizes_won", history.steps - 100, history.steps) == 0.0
    assert reasons


# -- luck -----------------------------------------------------------------------------------------------------------

FAULTS = Feed(
    settle=((0.0, 0.6), (2 * HOUR, 1.0)), dropout=0.3, burst=2 * HOUR, noise=0.2, quantum=2.0, reset_rate=3.0
)


@both
def test_replicas_with_faults_in_one_array_equal_separate_closed_loops_bit_for_bit(case):
    def world():
        return World(
            feeds={"*": FAULTS},
            drives={
                case.lever: Drive(
                    delay=HOUR, rate=0.5 * case.high, stock=Cap(signals=(case.signal,), total=3e4)
                )
            },
            disturbances=(
                Spell(case.starts + 6 * HOUR, case.starts + 12 * HOUR, (), Feed(delay=2 * HOUR, dropout=0.5)),
                Level(case.starts + 8 * HOUR, np.inf, 0.8, over=4 * HOUR),
            ),
        )

    cells = cells_of(case.campaign)
    whole = run(case.campaign, 1.0, cells=cells.replicated(3), world=world()).trace
    for first, count in ((0, 1), (1, 2)):
        part = run(case.campaign, 1.0, cells=cells.replicated(count, first=first), world=world()).trace
        for mine, theirs in ((part.levers, whole.levers), (part.totals, whole.totals)):
            for name in mine:
                assert np.array_equal(
                    np.array(mine[name]), np.array(theirs[name])[:, first : first + count]
                ), name
    truth = np.array(whole.totals[case.signal])[-1]
    assert len(np.unique(truth)) == 3


@both
def test_faults_that_change_nothing_leave_every_bit_of_a_run(case):
    plain = run(case.campaign, 0.5).trace
    world = World(
        feeds={"*": Feed(settle=((0.0, 1.0),), burst=HOUR)},
        drives={
            "*": Drive(low=-1e9, high=1e9, deaf=((0.0, 1.0),), stock=Cap(signals=(case.signal,), total=1e12))
        },
        disturbances=(Level(0.0, np.inf, 1.0), Spell(0.0, 1.0, (), FAULTS)),
    )
    faulty = run(case.campaign, 0.5, world=world).trace
    for name in plain.totals:
        assert np.array_equal(np.array(plain.totals[name]), np.array(faulty.totals[name]))
    assert np.array_equal(np.array(plain.levers[case.lever]), np.array(faulty.levers[case.lever]))
