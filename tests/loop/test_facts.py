"""Facts are a fold of the journal: any restart in between, and any cutting into pools, gives the same bits."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.clock import TickMaker, civil_at
from controller.loop.facts import STATE, Facts, fact_names
from controller.ports import BudgetScope, Record
from controller.signals import Channel

ODDS = Channel("odds", "share", 0.0, 0.12, 0.03, 0.03)
COUPON = Channel("coupon", "CNY", 0.0, 10.0, 0.0, 0.0)
PAID = BudgetScope("prizes", "CNY", 1000.0, "paid", None, ("odds",))
ESTIMATED = BudgetScope(
    "guess", "CNY", 1000.0, None, None, ("odds",), unit_cost=2.0, measure="units", worst_per_hour=360.0
)
CELLS = Cells(("north", "south", "east"), zones=("Europe/Berlin", "America/New_York", "Asia/Shanghai"))

value = st.one_of(st.sampled_from([0.03, 0.05, 0.08, np.nan]), st.floats(0, 0.12))
row = st.lists(value, min_size=3, max_size=3).map(np.array)
money = st.lists(st.one_of(st.just(np.nan), st.floats(0, 1e6)), min_size=3, max_size=3).map(np.array)


@st.composite
def journals(draw):
    """Records as a loop writes them: ticks with gaps, other kinds between them, restarts that assume a value."""
    records, moment = [], 1_770_000_000.0
    for index in range(draw(st.integers(0, 25))):
        moment += draw(st.sampled_from([60.0, 3600.0, 86400.0]))
        kind = draw(st.sampled_from(["tick"] * 8 + ["start", "intent", "alarm"]))
        columns = {}
        if kind == "tick":
            paid, units = draw(money), draw(money)
            columns = {
                "civil.business_date": civil_at(moment, CELLS).business_date,
                "applied.odds": draw(row),
                "applied.coupon": draw(row),
                "signal.paid.value": paid,
                "signal.paid.good_at": np.where(np.isnan(paid), -np.inf, moment - 60.0),
                "signal.units.value": units,
                "signal.units.good_at": np.full(3, moment),
            }
        if kind == "start":
            columns = {f"{STATE}applied.odds": draw(row)}
        records.append(Record(kind, index, moment, columns))
    return records


def fresh(cells=CELLS):
    return Facts(cells, {"odds": ODDS, "coupon": COUPON}, {"prizes": PAID, "guess": ESTIMATED})


def folded(records, facts=None):
    facts = facts or fresh()
    for record in records:
        facts.fold(record)
    return facts


def equal(one, other):
    assert set(one) == set(other)
    return all(np.array_equal(array, other[name], equal_nan=True) for name, array in one.items())


@given(journals(), st.integers(0, 25))
def test_a_snapshot_and_the_rest_equal_a_rebuild_from_the_first_record(records, cut):
    half = folded(records[:cut])
    restored = fresh()
    restored.restore({name: array.copy() for name, array in half.state().items()})
    assert equal(folded(records[cut:], restored).values(), folded(records).values())


@given(journals())
def test_cells_fold_alone_as_they_fold_together(records):
    whole = folded(records).values()
    for cell, name in enumerate(CELLS.names):
        mine = [
            Record(
                r.kind, r.index, r.time, {key: column[cell : cell + 1] for key, column in r.columns.items()}
            )
            for r in records
        ]
        alone_budget = {"prizes": PAID}
        alone = Facts(Cells((name,)), {"odds": ODDS, "coupon": COUPON}, alone_budget)
        for record in mine:
            alone.fold(record)
        for fact, array in alone.values().items():
            assert np.array_equal(array, whole[fact][cell : cell + 1], equal_nan=True), fact


@given(journals())
def test_values_handed_out_are_never_changed_later(records):
    facts, seen = fresh(), []
    for record in records:
        facts.fold(record)
        now = facts.values()
        seen.append((now, {name: array.copy() for name, array in now.items()}))
    assert all(equal(handed_out, copied) for handed_out, copied in seen)


@given(journals())
def test_money_paid_never_comes_back_and_highest_is_the_highest(records):
    facts, before = fresh(), fresh().values()
    top = np.full(3, -np.inf)
    for record in records:
        facts.fold(record)
        now = facts.values()
        for budget in ("prizes", "guess"):
            assert not (now[f"spent.{budget}"] < before[f"spent.{budget}"]).any()
        for column in ("applied.odds", f"{STATE}applied.odds"):
            top = np.fmax(top, record.columns.get(column, np.array(np.nan)))
        seen = np.isfinite(top)
        assert np.array_equal(now["highest.odds"][seen], top[seen])
        assert np.isnan(now["highest.odds"][~seen]).all()
        before = now


def test_the_names_are_those_that_are_kept():
    assert fact_names(["odds", "coupon"], ["prizes", "guess"]) == set(fresh().values())


def ticks(values, times, zone="UTC"):
    cells = Cells(("all",), zones=(zone,))
    facts = Facts(cells, {"odds": ODDS}, {})
    for index, (each, time) in enumerate(zip(values, times, strict=True)):
        columns = {
            "applied.odds": np.array([each]),
            "civil.business_date": civil_at(time, cells).business_date,
        }
        facts.fold(Record("tick", index, time, columns))
        yield {name: array[0] for name, array in facts.values().items()}


def test_moves_directions_and_reversals_are_counted():
    *_, facts = ticks([0.03, 0.03, 0.05, 0.06, np.nan, 0.04, 0.05], [3600.0 * n for n in range(7)])
    assert facts["applied.odds"] == 0.05
    assert facts["applied_at.odds"] == 6 * 3600.0
    assert (facts["moves.odds"], facts["direction.odds"], facts["reversals.odds"]) == (4, 1, 2)
    assert (facts["lowest.odds"], facts["highest.odds"]) == (0.03, 0.06)


def at(zone, *when):
    return datetime(*when, tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", (2026, 3, 29), 23),
        ("Europe/Berlin", (2026, 10, 25), 25),
        ("America/New_York", (2026, 3, 8), 23),
        ("America/New_York", (2026, 11, 1), 25),
        ("Asia/Shanghai", (2026, 3, 29), 24),
    ],
)
def test_a_day_of_any_length_is_one_day_of_reversals(zone, day, hours):
    start = at(zone, *day)
    times = [start + 3600.0 * n for n in range(hours + 1)]
    zigzag = [0.03 + 0.01 * (n % 2) for n in range(hours + 1)]
    counts = [facts["reversals.odds"] for facts in ticks(zigzag, times, zone)]
    assert counts[:hours] == [0, 0, *range(1, hours - 1)]
    assert counts[hours] == 1, "the first turn of the next day begins a new count"


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_clock_that_steps_an_hour_over_midnight_neither_doubles_nor_forgets(step):
    """23:00 to 01:00 with the clock set by an hour at midnight; the tick maker skips what is not later."""
    midnight = datetime(2026, 6, 2, tzinfo=UTC).timestamp()
    maker = TickMaker(Cells(("all",)), 600.0)
    moments = [midnight - 3600 + 600.0 * n for n in range(7)]
    moments += [moments[-1] + step + 600.0 * n for n in range(1, 13)]
    made = [tick for moment in moments if (tick := maker.at(moment)) is not None]
    assert all(tick.elapsed > 0 for tick in made)
    zigzag = [0.03 + 0.01 * (n % 2) for n in range(len(made))]
    rows = list(ticks(zigzag, [tick.time for tick in made]))
    days = [int(row["counted_on.odds"]) for row in rows]
    assert days == sorted(days)
    assert len(set(days)) == 2
    for day in set(days):
        counts = [row["reversals.odds"] for row, on in zip(rows, days, strict=True) if on == day]
        assert counts == sorted(counts)


def test_a_date_that_goes_back_begins_no_new_count():
    midnight = datetime(2026, 6, 2, tzinfo=UTC).timestamp()
    times = [midnight + second for second in (-7200, -3600, 60, 120, -1800, -1200)]
    counts = [facts["reversals.odds"] for facts in ticks([0.03, 0.05, 0.03, 0.05, 0.03, 0.05], times)]
    assert counts == [0, 0, 1, 2, 3, 4]


def test_a_paid_sensor_that_is_reset_does_not_refund():
    facts = Facts(Cells(("all",)), {}, {"prizes": PAID})
    for hour, paid in enumerate([np.nan, 700.0, 900.0, 5.0, np.nan, 950.0]):
        good_at = np.array([hour * 3600.0 if np.isfinite(paid) else -np.inf])
        columns = {"signal.paid.value": np.array([paid]), "signal.paid.good_at": good_at}
        facts.fold(Record("tick", hour, hour * 3600.0, columns))
    values = {name: array[0] for name, array in facts.values().items()}
    assert values == {"spent.prizes": 950.0, "first_spent.prizes": 700.0, "spent_at.prizes": 5 * 3600.0}


def test_spending_is_estimated_from_a_unit_cost():
    """Half of full output for two hours at 100 units/h and 2 CNY a unit, then the worst case is not needed."""
    facts = Facts(Cells(("all",)), {"odds": ODDS}, {"guess": ESTIMATED})
    for hour, units in enumerate([np.nan, 100.0, 100.0]):
        columns = {
            "applied.odds": np.array([0.06]),
            "civil.business_date": np.array([739000]),
            "signal.units.value": np.array([units]),
            "signal.units.good_at": np.array([hour * 3600.0]),
        }
        facts.fold(Record("tick", hour, hour * 3600.0, columns))
    assert facts.values()["spent.guess"][0] == pytest.approx(200.0)


def test_before_the_first_measure_the_worst_case_is_spent():
    facts = Facts(Cells(("a", "b")), {"odds": ODDS}, {"guess": ESTIMATED})
    for hour in range(3):
        columns = {
            "applied.odds": np.array([0.06, 0.06]),
            "civil.business_date": np.array([739000, 739000]),
            "signal.units.value": np.array([np.nan, np.nan]),
            "signal.units.good_at": np.array([-np.inf, -np.inf]),
        }
        facts.fold(Record("tick", hour, hour * 3600.0, columns))
    assert facts.values()["spent.guess"].tolist() == [360.0, 360.0], "half of 360 CNY/h each, for two hours"


def test_what_is_assumed_counts_as_seen_but_not_as_a_move():
    facts = folded([])
    facts.assume("odds", np.array([0.05, np.nan, 0.07]))
    now = facts.values()
    assert np.array_equal(now["highest.odds"], [0.05, np.nan, 0.07], equal_nan=True)
    assert now["moves.odds"].tolist() == [0, 0, 0]


def test_a_snapshot_of_other_cells_is_refused():
    with pytest.raises(ValueError, match="cells in the snapshot"):
        fresh().restore({"applied.odds": np.zeros(7)})


def test_channels_of_another_config_start_afresh_and_are_forgotten():
    facts = fresh()
    facts.restore({"moves.odds": np.ones(3), "moves.gone": np.ones(3)})
    assert facts.values()["moves.odds"].tolist() == [1, 1, 1]
    assert "moves.gone" not in facts.values()
    assert np.isnan(facts.values()["applied.coupon"]).all()
