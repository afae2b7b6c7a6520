"""Whole runs: the real loop on the market; replicas, paired luck, what helps and what can not."""

from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import cells_of
from controller.config import load, loads
from controller.errors import SetpointError, UnknownKind
from controller.signals import Latch, Proposal, Reason
from models.draws import keys_of
from sim.market.build import simulated
from sim.market.disturbances import Outage, Promotion
from sim.runs.runner import DAY, Run, finish, first_moment, period_of, sparse_period, start

LOTTERY = load("configs/cap_lottery.yaml")
WEEK_FLAT = {"base": "week", "volume": 70}


def run(campaign=LOTTERY, days=1.0, **about):
    return finish(start(Run(campaign=campaign, seconds=days * DAY, **about)))


def in_market(campaign, **settings):
    return replace(
        campaign, market=replace(campaign.market, settings={**campaign.market.settings, **settings})
    )


def test_turns_miss_no_step_of_the_market_and_no_execution():
    assert period_of(LOTTERY, 600.0) == 600.0
    assert period_of(LOTTERY, 1800.0) == 1800.0
    assert period_of(replace(LOTTERY, runs=replace(LOTTERY.runs, scan=900.0)), 600.0) == 900.0


def leased(lease):
    actuators = {"win_rate": replace(LOTTERY.actuators["win_rate"], lease=lease)}
    return replace(LOTTERY, actuators=actuators)


def test_no_order_runs_out_between_two_turns():
    for lease in (600.0, 1800.0, 3600.0, 3 * 3600.0):
        plan = leased(lease)
        for period in (period_of(plan, 3600.0), sparse_period(plan, period_of(plan, 600.0))):
            assert period <= lease / 2
            assert 7200.0 % period == 0
    assert period_of(leased(None), 3600.0) == 3600.0


def test_what_was_ordered_stands_although_its_lease_is_short_and_turns_are_few():
    plan = replace(leased(1800.0), loops={"sales": replace(LOTTERY.loops["sales"], policy=_fixed())})
    plan = replace(plan, actuators={"win_rate": replace(plan.actuators["win_rate"], start=0.06)})
    trace = run(in_market(plan, **WEEK_FLAT, step="1h"), sparse=True)
    assert trace.extremes("win_probability") == (0.06, 0.06)


@pytest.mark.parametrize(
    ("every", "period"), [(7200.0, 1800.0), (3600.0, 600.0), (600.0, 600.0), (21_600.0, 5400.0)]
)
def test_a_sparse_run_turns_four_times_an_execution(every, period):
    plan = replace(LOTTERY, loops={"sales": replace(LOTTERY.loops["sales"], every=every)})
    assert sparse_period(plan, 600.0) == period


def test_a_sparse_run_executes_when_the_full_one_does():
    def executed(sparse):
        found = []
        finish(
            start(Run(campaign=LOTTERY, seconds=0.5 * DAY, sparse=sparse)),
            lambda turn: found.append(turn.tick.time) if turn.executed else None,
        )
        return found

    few, many = executed(True), executed(False)
    assert few[1:] == many[1:]
    assert few[0] - first_moment(LOTTERY) == 1800.0, "the very first is that of the first turn"


def test_a_policy_made_from_the_market_steers_in_the_place_of_the_plan_s():
    seen = []

    class Still:
        version = 1

        def propose(self, tick, observation, limits, draws):
            seen.append(tick.time)
            return Proposal({"win_rate": observation.applied["win_rate"]})

        def observe(self, outcome):
            """Nothing."""

        def state(self):
            return {}

        def restore(self, state):
            """Nothing."""

    trace = run(policies=lambda sim: {"sales": Still()})
    assert set(np.diff(seen[1:])) == {7200.0}
    assert trace.moves("win_probability")[0] == 0


def test_a_simulation_starts_with_the_campaign_and_a_full_window():
    running = start(Run(campaign=LOTTERY, seconds=DAY))
    turn = running.turn()
    assert turn.tick.time == first_moment(LOTTERY) + 600.0
    assert np.isfinite(turn.signals["units"].value).all()


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, again, other = run(), run(), run(seed=2)
    assert np.array_equal(one.hourly("units_scanned"), again.hourly("units_scanned"))
    assert np.array_equal(np.array(one.levers["win_probability"]), np.array(again.levers["win_probability"]))
    assert not np.array_equal(one.hourly("units_scanned"), other.hourly("units_scanned"))


def test_scanning_finer_than_the_market_changes_nothing_but_the_delay_of_a_scan():
    coarse, fine = run(days=0.5), run(days=0.5, every_tick=True)
    assert np.array_equal(coarse.hourly("units_scanned"), fine.hourly("units_scanned"))


@pytest.mark.parametrize("cut", [(1, 1, 1), (1, 2)])
@pytest.mark.parametrize("name", ["cap_lottery", "coupon_value", "push_frequency"])
def test_replicas_in_one_array_equal_separate_closed_loops_bit_for_bit(name, cut):
    campaign = load(f"configs/{name}.yaml")
    lever = next(iter(campaign.market.levers.values()))
    whole = run(campaign, cells=cells_of(campaign).replicated(3))
    first = 0
    for count in cut:
        part = run(campaign, cells=cells_of(campaign).replicated(count, first=first))
        values = np.array(whole.levers[lever])[:, first : first + count]
        assert np.array_equal(np.array(part.levers[lever]), values)
        for signal, rows in part.totals.items():
            assert np.array_equal(np.array(rows), np.array(whole.totals[signal])[:, first : first + count])
        first += count


def test_a_fall_of_demand_is_answered_and_the_twin_is_not_helped():
    campaign = in_market(LOTTERY, **WEEK_FLAT)
    begins = first_moment(campaign) + 5 * DAY
    fall = (Promotion(begins, begins + 3 * DAY, 0.75),)
    still = replace(campaign, loops={"sales": replace(campaign.loops["sales"], policy=_fixed())})
    helped, twin = (run(c, 8.0, disturbances=fall) for c in (campaign, still))
    sold = [t.hourly("units_scanned")[-48:].sum() for t in (helped, twin)]
    rates = np.array(helped.levers["win_probability"])
    assert sold[0] > 1.15 * sold[1]
    assert rates[-288:].mean() > rates[4 * 144 : 5 * 144].mean() + 0.01
    assert twin.moves("win_probability")[0] == 0


def _fixed():
    from sim.evidence.rows import policy

    return policy("fixed")


def test_a_dead_sensor_holds_then_falls_back_and_the_feed_s_return_ends_it():
    """Its good samples are counted, then the loop steers again."""
    begins = first_moment(LOTTERY) + DAY
    latches, values, reasons = [], [], []

    def see(turn):
        latches.append(int(turn.signals["units"].latch[0]))
        values.append(float(turn.outputs["win_rate"].decided.value[0]))
        reasons.append(Reason(int(turn.outputs["win_rate"].decided.reason[0])))

    dead = (Outage(begins, begins + 14 * 3600.0, ("units_scanned",)),)
    finish(start(Run(campaign=LOTTERY, seconds=2.5 * DAY, disturbances=dead)), see)
    hold, safe = latches.index(Latch.HOLD), latches.index(Latch.SAFE)
    assert hold < safe
    assert len(set(values[hold:safe])) == 1
    assert values[safe + 1] == LOTTERY.actuators["win_rate"].safe
    assert Reason.FALLBACK in reasons
    assert latches[-1] == Latch.LIVE
    assert values[-1] != LOTTERY.actuators["win_rate"].safe or reasons[-1] != Reason.FALLBACK


def test_where_levers_have_no_effect_the_loop_stays_lawful_and_sales_do_not_care():
    dead_market = in_market(LOTTERY, effect=0.0, **WEEK_FLAT)
    trace = run(dead_market, 3.0)
    low, high = trace.extremes("win_probability")
    assert low[0] >= 0.03
    assert high[0] <= 0.12
    fixed = run(replace(dead_market, loops={"sales": replace(LOTTERY.loops["sales"], policy=_fixed())}), 3.0)
    assert np.array_equal(trace.hourly("units_scanned"), fixed.hourly("units_scanned"))


def test_cells_of_one_luck_differ_only_by_what_is_done_to_them():
    cells = cells_of(LOTTERY).replicated(2)
    trace = run(cells=cells, keys=keys_of(("x", "x")))
    assert np.array_equal(trace.hourly("units_scanned")[:, 0], trace.hourly("units_scanned")[:, 1])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"signals": {"units": "units_sold", "paid": "prizes_paid", "owed": "prizes_owed"}},
            "did you mean 'units_scanned'",
        ),
        ({"levers": {"win_rate": "win_rate"}}, "the market has no 'win_rate'"),
        ({"levers": {}}, "win_rate stands for nothing"),
        ({"settings": {"volum": 70}}, "unknown key 'volum'; did you mean 'volume'"),
        ({"settings": {"volume": -1}}, "out of range"),
        ({"settings": {"base": "weeks"}}, "did you mean 'week'"),
    ],
)
def test_a_market_that_does_not_fit_is_refused_by_name(change, match):
    from models.draws import Draws

    wrong = replace(LOTTERY, market=replace(LOTTERY.market, **change))
    with pytest.raises(SetpointError, match=match):
        simulated(wrong, Draws(1), start=first_moment(LOTTERY))


def test_an_unknown_market_and_none_at_all():
    from models.draws import Draws

    with pytest.raises(UnknownKind, match="did you mean 'cap_lottery'"):
        simulated(replace(LOTTERY, market=replace(LOTTERY.market, kind="cap_lotery")), Draws(1), start=0.0)
    with pytest.raises(SetpointError, match="no market in this file"):
        simulated(replace(LOTTERY, market=None), Draws(1), start=0.0)


def test_many_stores_in_one_campaign_share_its_market():
    text = """
campaign: stores
runs: {from: 2026-07-13, to: 2026-07-20, timezone: Asia/Shanghai, scan: 10m}
cells: {by: store, names: [north, south, east], timezones: {east: Europe/Berlin}}
sensors: {units: {kind: csv_file, file: x.csv, unit: units/h, window: 3h}}
actuators: {win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%], lease: 3h, lease_by: target}}
loops: {sales: {every: 1h, measure: units, target: {keep_at: 9000 units/day}, move: {win_rate: raises},
                policy: {kind: pid, gain: 1, integral_time: 9h}}}
market: {kind: cap_lottery, spread: 0.5, signals: {units: units_scanned}, levers: {win_rate: win_probability}}
mode: auto
"""
    trace = run(loads(text), 1.0)
    assert trace.hourly("units_scanned").shape == (24, 3)
    assert len({float(v) for v in np.array(trace.levers["win_probability"])[-1]}) > 1
