"""The week that a loop learns from its own journal: what counts, what is left out, what a restart changes: nothing."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.config import loads
from controller.errors import ConfigError
from controller.inspection.promises import unlearnt
from controller.loop.facts import Facts, fact_names
from controller.loop.week import Away, WeekScope, weeks_of
from controller.plan import Budget
from controller.ports import Record
from controller.quantities import Money
from controller.signals import Latch, Quality, Verdict
from tests.support.bench import Bench

HOUR, HOURS = 3600.0, 168
MONDAY = 1_767_571_200.0
CELLS = Cells(("north", "south"), zones=("UTC", "Asia/Shanghai"))
NIGHTS = np.tile(np.r_[np.full(8, 0.4), np.full(16, 1.3)], 7)
TEXT = """
campaign: shop
runs: {scan: 1h, timezone: UTC}
cells: {by: store, names: [north, south], timezones: {south: Asia/Shanghai}}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 1h, stale_after: 12h}
actuators:
  odds: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 100 units/h, shape: learned, band: 5%}, move: {odds: raises},
          policy: {kind: pid, gain: 0.1, integral_time: 12h}}
events:
  fair: {kind: price_promotion, from: 2026-01-08, to: 2026-01-09, cells: [south]}
mode: auto
auto_accepts: [odds]
"""


def scope(away=None, cells=CELLS):
    nothing = Away(np.empty((0, len(cells))), np.empty((0, len(cells))))
    return WeekScope("units", HOUR, np.ones((len(cells), HOURS)), away or nothing, cells)


def record(hour, value=None, **other):
    """A tick at the end of an hour since Monday; each cell's night is at its own hours."""
    local = (hour - 1 + np.array([0, 8])) % HOURS
    columns = {
        "signal.units.value": 50.0 * NIGHTS[local] if value is None else value,
        "signal.units.good_at": np.full(2, MONDAY + hour * HOUR),
        "signal.units.fresh": np.ones(2, np.bool_),
        "signal.units.verdict": np.full(2, Verdict.OK, np.int8),
        "signal.units.latch": np.full(2, Latch.LIVE, np.int8),
        "reading.units.quality": np.full(2, Quality.GOOD, np.int8),
    }
    return Record("tick", hour, MONDAY + hour * HOUR, columns | other)


def facts(away=None, cells=CELLS):
    return Facts(cells, {}, {}, None, {"units": scope(away, cells)})


def folded(records, into=None):
    into = into or facts()
    for each in records:
        into.fold(each)
    return into


def same(one, other):
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_each_cell_learns_its_own_night_in_its_own_zone():
    found = folded(record(hour) for hour in range(1, 3 * HOURS)).values()
    assert found["week.units"].shape == (2, HOURS)
    assert found["week.units"].dtype == np.float64
    assert np.allclose(found["week.units"].mean(axis=1), 1.0)
    assert np.abs(found["week.units"] - NIGHTS / NIGHTS.mean()).max() < 0.1
    assert found["level.units"] == pytest.approx([50.0, 50.0], rel=0.05)


def test_the_names_of_the_facts_are_known():
    assert fact_names([], [], [], ["units"]) == set(facts().values())


@pytest.mark.parametrize("cut", [0, 40, 151, 152, 250])
def test_a_snapshot_and_the_rest_equal_a_rebuild_from_the_first_record(cut):
    records = [record(hour) for hour in range(1, 300)]
    half = folded(records[:cut])
    again = facts()
    again.restore({name: array.copy() for name, array in half.state().items()})
    assert same(folded(records[cut:], again).values(), folded(records).values())


@pytest.mark.parametrize(
    "column",
    [
        {"reading.units.quality": np.full(2, Quality.UNCERTAIN, np.int8)},
        {"signal.units.latch": np.full(2, Latch.HOLD, np.int8)},
        {"signal.units.latch": np.full(2, Latch.SAFE, np.int8)},
        {"signal.units.verdict": np.full(2, Verdict.TOO_FEW, np.int8)},
        {"signal.units.fresh": np.zeros(2, np.bool_)},
        {"signal.units.value": np.full(2, np.nan)},
        {"signal.units.good_at": np.full(2, -np.inf)},
    ],
)
def test_what_was_not_believed_is_not_learnt(column):
    before = folded(record(hour) for hour in range(1, 20))
    now = dict(before.values())
    before.fold(record(20, np.full(2, 500.0), **column))
    assert same(now, before.values())


def test_a_correction_of_a_window_that_counted_already_changes_nothing():
    before = folded(record(hour) for hour in range(1, 20))
    now = dict(before.values())
    before.fold(record(19, np.full(2, 500.0)))
    assert same(now, before.values())


def test_windows_that_an_event_lies_in_are_left_out_of_learning_in_its_cells_alone():
    fair = Away(np.array([[-np.inf, MONDAY + 200 * HOUR]]), np.array([[-np.inf, MONDAY + 230 * HOUR]]))
    loud = [record(hour, np.full(2, 500.0)) if 201 <= hour <= 230 else record(hour) for hour in range(1, 300)]
    usual = [record(hour) for hour in range(1, 300)]
    out, never = (folded(records, facts(fair)).values()["week.units"] for records in (loud, usual))
    loud_in = folded(loud).values()["week.units"]
    assert np.array_equal(out[1], never[1])
    assert np.abs(loud_in[1] - never[1]).max() > 1.0
    assert np.array_equal(out[0], loud_in[0])


def test_the_campaign_says_which_sensors_learn_and_when_not():
    campaign = loads(TEXT)
    (found,) = weeks_of(campaign, CELLS).values()
    assert (found.sensor, found.window) == ("units", HOUR)
    assert found.away.starts[0, 0] == -np.inf
    assert found.away.starts[0, 1] == MONDAY + (3 * 24 - 8) * HOUR
    assert found.away.ends[0, 1] - found.away.starts[0, 1] == 48 * HOUR
    flat = loads(TEXT.replace(", shape: learned", ""))
    assert weeks_of(flat, CELLS) == {}


def test_a_shape_from_a_file_is_the_prior_of_a_budget_planned_by_forecast():
    campaign = loads(TEXT)
    loop = campaign.loops["sales"]
    shape = replace(loop.target.shape, file="week.csv", weights=tuple(NIGHTS / NIGHTS.mean()))
    paying = replace(loop, target=replace(loop.target, shape=shape), pays_from="prizes")
    plan = replace(campaign, loops={"sales": paying})
    assert weeks_of(plan, CELLS) == {}
    budget = Budget(total=Money.parse("1000 CNY"), plan="forecast")
    (found,) = weeks_of(replace(plan, budgets={"prizes": budget}), CELLS).values()
    assert np.allclose(found.prior, NIGHTS / NIGHTS.mean())


def test_check_says_that_a_shape_is_still_to_be_learnt():
    (told,) = unlearnt(loads(TEXT))
    assert told.path == ("loops", "sales", "target", "shape")
    assert "flat until nine tenths of a week" in told.text
    assert not told.wrong


class Shop:
    """Sells by the night and the day of each cell's zone, and a little more with better odds."""

    def __call__(self, levers, probes, time):
        local = np.array([int((time - MONDAY) // HOUR - 1 + zone) % HOURS for zone in (0, 8)])
        probes["units"].value = 100.0 * NIGHTS[local] * (1 + 0.2 * (levers["odds"].value - 0.03) / 0.09)


def test_the_target_follows_what_was_learnt_and_a_life_cut_in_two_has_the_same_bits():
    lives = []
    for cuts in ((), (100, 155, 156, 190)):
        run = Bench(TEXT, Shop(), now=MONDAY + 14 * 24 * HOUR)
        setpoints = []
        for turn in range(230):
            if turn in cuts:
                run.build()
            setpoints.append(run.turn().setpoints["sales"])
        lives.append((np.array(setpoints), dict(run.loop.parts.facts.values()), run.in_force("odds")))
    (whole, learnt, odds), (cut, again, others) = lives
    assert np.array_equal(whole, cut)
    assert same(learnt, again)
    assert np.array_equal(odds, others)
    assert np.array_equal(whole[:140], np.full((140, 2), 100.0))  # flat, until enough was seen
    north = whole[170:218, 0]
    assert north.min() < 65.0
    assert north.max() > 110.0


def test_the_journal_s_facts_are_the_loop_s_after_every_restart():
    run = Bench(TEXT, Shop(), now=MONDAY + 14 * 24 * HOUR)
    for _ in range(3):
        run.turns(70)
        run.build()
    rebuilt = Facts(run.cells, {}, {}, None, weeks_of(run.campaign, run.cells))
    for each in run.store.records():
        rebuilt.fold(each)
    assert same(rebuilt.values(), {name: run.loop.parts.facts.values()[name] for name in rebuilt.values()})
    assert rebuilt.values()["week_count.units"].sum() > 2 * 180


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            ", window: 1h",
            "",
            "learnt from windows, and units has none, received 'learned', allowed: a sensor with",
        ),
        (
            "window: 1h",
            "window: 2d",
            "a window of 2d tells no hour from another, received 'learned', allowed:",
        ),
    ],
)
def test_a_sensor_that_tells_no_hours_apart_is_refused_where_the_shape_stands(old, new, said):
    with pytest.raises(ConfigError) as caught:
        loads(TEXT.replace(old, new).replace("stale_after: 12h", "stale_after: 9d"), file="shop.yaml")
    assert str(caught.value).startswith("shop.yaml:10:")
    assert "loops.sales.target.shape: " in str(caught.value)
    assert said in str(caught.value)
