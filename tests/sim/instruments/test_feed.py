"""Each fault of a feed by itself, on two plants: what a reader is told, against the truth of the same market."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from controller.cells import Cells
from sim.instruments import Feed, Lie
from sim.market.disturbances import Spell
from sim.market.market import Timing
from tests.sim.instruments.faults_kit import CASES, DAY, HOUR, STEP, even, steps, windows
from tests.sim.market.market_kit import START, market

both = pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)


def faulty(case, feed, days=2.0, replicas=1, **world):
    m = case.market(feeds={case.signal: feed}, replicas=replicas, **world)
    m.advance_to(case.starts + days * DAY)
    return m


# -- late -----------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("dated", [False, True])
def test_what_is_delayed_shows_late_with_a_stamp_of_now_or_of_what_it_is(case, dated):
    m = faulty(case, Feed(delay=2 * HOUR, dated=dated))
    now = case.starts + 2 * DAY
    value, stamp = m.total(case.signal, now)
    assert np.array_equal(value, m.history.at(case.signal, m.history.steps - 12))
    hour, end = m.window(case.signal, now, HOUR)
    assert np.array_equal(hour, m.history.between(case.signal, m.history.steps - 18, m.history.steps - 12))
    assert stamp == end == now - (2 * HOUR if dated else 0.0)


@both
def test_a_level_is_delayed_as_counts_are(case):
    level = "prizes_owed" if case.file == "cap_lottery" else "active_reach"
    m = case.market(feeds={"*": Feed(delay=HOUR, settle=((0.0, 0.5), (DAY, 1.0)))})
    m.advance_to(case.starts + DAY)
    assert np.array_equal(m.total(level, m.now)[0], m.history.at(level, m.history.steps - 6))


curves = st.lists(
    st.tuples(st.integers(1, 40), st.floats(0.01, 1.0)), min_size=0, max_size=4, unique_by=lambda p: p[0]
)


@settings(max_examples=25, deadline=None)
@given(curve=curves, first=st.floats(0.01, 0.9), hours=st.integers(1, 30), odd=st.floats(0.0, 599.0))
def test_what_is_known_is_the_share_of_each_step_by_its_age(curve, first, hours, odd):
    """Against a sum over all steps; with ages that do not lie on the grid, at moments that do not."""
    case, weights = CASES[0], [share for _, share in curve]
    shares = first + (1.0 - first) * np.cumsum(weights) / max(sum(weights), 1e-9)
    ages = sorted(age for age, _ in curve)
    points = ((0.0, first), *zip([450.0 * a for a in ages], shares.tolist(), strict=True))
    points = (*points[:-1], (points[-1][0], 1.0))
    m = case.market(feeds={case.signal: Feed(settle=points)}, replicas=2)
    m.advance_to(case.starts + hours * HOUR + odd)
    counted, ended = steps(m, case.signal), case.starts + STEP * np.arange(1, m.history.steps + 1)
    known = np.zeros(len(counted))
    for age, share in points:
        known = np.where(m.now - ended >= age - 1e-6, share, known)
    for back in (0, 3, 17):
        kept = slice(0, max(len(counted) - back, 0))
        wanted = (counted[kept] * known[kept, None]).sum(axis=0)
        told = m.total(case.signal, m.now - back * STEP)[0]
        assert (told >= wanted - 1e-6).all()
        assert (told < wanted + 1.0 + 1e-6).all()
        assert np.array_equal(told, np.floor(told))


@both
def test_the_newest_window_looks_low_and_is_corrected_until_it_is_the_truth(case):
    m = case.market(feeds={case.signal: Feed(settle=((0.0, 0.6), (2 * HOUR, 0.9), (6 * HOUR, 1.0)))})
    end, told = case.starts + DAY, []
    for later in (0.0, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 9 * HOUR):
        m.advance_to(end + later)
        told.append(m.window(case.signal, end, 3 * HOUR)[0][0])
    truth = m.history.between(case.signal, 126, 144)[0]
    assert told == sorted(told)
    assert told[0] == pytest.approx(0.6 * truth + 0.3 * _hour(m, case, 126), abs=3)
    assert told[0] < 0.85 * truth
    assert told[-1] == told[-2] == truth


def _hour(m, case, step):
    return m.history.between(case.signal, step, step + 6)[0]


@both
def test_a_total_of_late_counts_only_rises_and_loses_nothing(case):
    m = case.market(feeds={case.signal: Feed(settle=((600.0, 0.3), (HOUR, 0.55), (5 * HOUR, 1.0)))})
    told = []
    for n in range(1, 200):
        m.advance_to(case.starts + n * STEP)
        told.append(m.total(case.signal, m.now)[0][0])
    assert (np.diff(told) >= 0).all()
    assert told[-1] < m.history.at(case.signal, m.history.steps)[0]
    assert m.total(case.signal, m.now - 6 * HOUR)[0] == m.history.at(case.signal, m.history.steps - 36)


@pytest.mark.parametrize(
    ("share", "by"), [(0.3, 2 * HOUR), (0.2, 12 * HOUR), (0.07, 5000.0), (1.0, HOUR), (0.3, 0.0)]
)
def test_late_counts_and_a_lagging_ledger_of_the_file_are_what_they_were(share, by):
    """The keys `late_share`, `late_by` and `paid_lag` of a campaign's market, by their own formula."""
    m = market(late_share=share, late_by=by, paid_lag=4000.0)
    m.advance_to(START + DAY + 130.0)
    for name in ("units_scanned", "opens", "prizes_paid", "money_paid", "money_owed"):
        lag = round(4000.0 / STEP) if name.endswith("_paid") else 0
        for back in range(70):
            end = m.history.steps - back
            wanted = m.history.at(name, end - lag)
            if m.signals[name].kind == "count":
                arrived = min(end, m.step_at(m.now - by))
                wanted = wanted - np.floor(share * m.history.between(name, arrived, end))
            assert np.array_equal(m.total(name, m.now - back * STEP)[0], wanted), (name, back)


# -- taken back -----------------------------------------------------------------------------------------------------


@both
def test_a_share_is_taken_back_after_its_time_and_windows_are_never_negative(case):
    m = case.market(feeds={case.signal: Feed(returned=0.2, returned_after=12 * HOUR)})
    end = case.starts + DAY
    m.advance_to(end)
    before = m.window(case.signal, end, 3 * HOUR)[0]
    m.advance_to(end + 12 * HOUR)
    after = m.window(case.signal, end, 3 * HOUR)[0]
    assert np.array_equal(before, m.history.between(case.signal, 126, 144))
    assert after == pytest.approx(0.8 * before, abs=1.0)
    assert (windows(m, case.signal, STEP, m.now, 100) >= 0).all()


# -- broken off -----------------------------------------------------------------------------------------------------


def silences(m, signal="units", steps=500):
    """Where readings fail step by step, shape (steps, cells)."""
    rows = []
    for n in range(steps):
        m.advance_to(n * STEP)
        silent = m.silent(signal)
        rows.append(np.zeros(len(m.cells), bool) if silent is None else silent)
    return np.array(rows)


@pytest.mark.parametrize(("share", "burst"), [(0.2, 0.0), (0.2, 3 * HOUR), (0.6, 1.5 * HOUR)])
def test_readings_fail_as_often_and_as_long_as_was_said(share, burst):
    feed = Feed(dropout=share, burst=burst, apart=True)
    silent = silences(even(400, feeds={"units": feed}))
    breaks = (silent[1:] & ~silent[:-1]).sum()
    assert silent.mean() == pytest.approx(share, abs=0.02)
    assert silent[:10].mean() == pytest.approx(share, abs=0.06)
    assert silent.sum() / breaks == pytest.approx(max(burst / STEP, 1.0 / (1.0 - share)), rel=0.05)


def test_signals_fail_each_by_itself():
    m = even(400, feeds={"*": Feed(dropout=0.5, apart=True)})
    alike = silences(m, "units", 50) == silences(
        even(400, feeds={"*": Feed(dropout=0.5, apart=True)}), "stock", 50
    )
    assert alike.mean() == pytest.approx(0.5, abs=0.02)


def test_one_source_fails_for_all_cells_and_sources_of_their_own_one_by_one():
    cells = Cells(("north", "south", "east")).replicated(4)
    for apart in (False, True):
        silent = silences(even(cells, feeds={"*": Feed(dropout=0.3, apart=apart)}), steps=200)
        assert (silent == silent[:, :1]).all() == (not apart)
        assert silent.any()


# -- noisy, coarse, begun anew --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [600.0, 1800.0])
def test_noise_has_mean_one_and_its_spread_is_that_of_an_hour_on_any_grid(step):
    m = even(2000, feeds={"*": Feed(noise=0.2)}, timing=Timing(step=step))
    m.advance_to(12 * HOUR)
    told = windows(m, "units", HOUR, m.now, 12) / (600.0 * HOUR / step)
    assert told.mean() == pytest.approx(1.0, abs=0.005)
    assert told.std() == pytest.approx(0.2, abs=0.005)
    level = m.total("stock", m.now)[0] / 600.0
    assert (level.mean(), level.std()) == (pytest.approx(1.0, abs=0.02), pytest.approx(0.2, abs=0.02))


def test_a_noisy_level_is_another_one_each_step_and_the_same_within_it():
    m = even(2, feeds={"stock": Feed(noise=0.1)})
    m.advance_to(DAY)
    told = m.total("stock", m.now)[0]
    m.advance_to(m.now + 300.0)
    assert np.array_equal(m.total("stock", m.now)[0], told)
    assert not np.array_equal(m.total("stock", m.now - STEP)[0], told)


@both
def test_a_noisy_window_reads_the_same_again_adds_up_and_its_counter_only_rises(case):
    m = faulty(case, Feed(noise=0.5))
    first = windows(m, case.signal, HOUR, m.now, 24)
    m.advance_to(m.now + DAY)
    again = windows(m, case.signal, HOUR, m.now - DAY, 24)
    assert np.array_equal(first, again)
    assert np.array_equal(first.sum(axis=0), m.window(case.signal, m.now - DAY, DAY)[0])
    assert np.array_equal(first, np.floor(first))
    assert (windows(m, case.signal, STEP, m.now, 200) >= 0).all()


@both
def test_what_is_told_coarsely_is_a_multiple_of_its_quantum_and_nearest(case):
    m = faulty(case, Feed(quantum=50.0))
    told = windows(m, case.signal, HOUR, m.now, 40)
    truth = np.array([m.history.between(case.signal, n - 6, n) for n in range(54, 289, 6)])
    assert (told % 50.0 == 0).all()
    assert (np.abs(told - truth) <= 25.0).all()
    assert m.total(case.signal, m.now)[0] % 50.0 == 0


@both
def test_a_counter_begins_anew_when_it_was_said_and_windows_do_not_care(case):
    moments = (case.starts + 5 * HOUR, case.starts + DAY + 90.0)
    m, told = case.market(feeds={case.signal: Feed(resets=moments)}), []
    for n in range(1, 289):
        m.advance_to(case.starts + n * STEP)
        told.append(m.total(case.signal, m.now)[0][0])
    fell = np.flatnonzero(np.diff(told) < 0)
    assert fell.tolist() == [29, 143]  # from the reading at the reset to the next one
    counted = steps(m, case.signal)[:, 0]
    assert told[30] == counted[30]
    assert told[143] == counted[30:144].sum()
    hours = [m.history.between(case.signal, n - 6, n) for n in range(6, 289, 6)]
    assert np.array_equal(windows(m, case.signal, HOUR, m.now, 48), hours)


def test_counters_begin_anew_by_chance_as_often_as_was_said():
    m, fell, before = even(200, feeds={"units": Feed(reset_rate=3.0, apart=True)}), 0, np.zeros(200)
    for n in range(1, 289):
        m.advance_to(n * STEP)
        now = m.total("units", m.now)[0]
        fell, before = fell + (now <= before).sum(), now
        assert (now % 600.0 == 0).all()
    assert fell / 400 == pytest.approx(3.0, rel=0.08)


# -- lies -----------------------------------------------------------------------------------------------------------


@both
def test_a_lie_changes_what_is_counted_only_while_it_lasts(case):
    begins = case.starts + DAY
    lies = (Lie(starts=begins, ends=begins + 6 * HOUR, factor=1.5, offset=60.0),)
    m = faulty(case, Feed(lies=lies))
    told = windows(m, case.signal, HOUR, m.now, 48)[:, 0]
    truth = np.array([_hour(m, case, 6 * hour) for hour in range(48)])
    wrong = np.zeros(48, bool)
    wrong[24:30] = True
    assert np.abs(told - truth)[~wrong].max() <= 1.0  # a total of whole numbers rounds down
    assert np.abs(told - (1.5 * truth + 60.0))[wrong].max() <= 1.0


@both
def test_a_lie_is_never_below_zero(case):
    lie = Lie(starts=case.starts, ends=math.inf, offset=-1e6)
    assert (windows(faulty(case, Feed(lies=(lie,))), case.signal, HOUR, case.starts + DAY, 20) == 0).all()


@both
def test_a_frozen_sensor_says_the_same_with_a_stamp_of_now_and_then_the_truth(case):
    begins = case.starts + DAY
    m, told, stamps = case.market(feeds={case.signal: Feed(lies=(_frozen(begins),))}), [], []
    for hour in range(23, 36):
        m.advance_to(case.starts + hour * HOUR)
        value, stamp = m.window(case.signal, m.now, 3 * HOUR)
        told.append(value[0])
        stamps.append(stamp)
        assert stamp == m.now
    truth = [m.history.between(case.signal, 6 * hour - 18, 6 * hour)[0] for hour in range(23, 36)]
    assert told[:2] == truth[:2]
    assert told[1:9] == [truth[1]] * 8
    assert told[9:] == truth[9:]
    assert len(set(truth)) > 5


def _frozen(begins):
    return Lie(starts=begins, ends=begins + 8 * HOUR, frozen=True)


# -- for a time -----------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("feed", [Feed(delay=5 * HOUR), Feed(settle=((HOUR, 0.4), (8 * HOUR, 1.0)))])
def test_a_spell_of_late_data_holds_back_only_its_own_and_lets_all_in_at_its_end(case, feed):
    begins, ends = case.starts + DAY, case.starts + 1.5 * DAY
    m, told = case.market(disturbances=(Spell(begins, ends, (case.signal,), feed),)), []
    for n in range(1, 289):
        m.advance_to(case.starts + n * STEP)
        told.append(m.total(case.signal, m.now)[0][0])
    truth = steps(m, case.signal)[:, 0].cumsum()
    assert (np.diff(told) >= 0).all()
    assert np.array_equal(told[:144], truth[:144])
    assert np.array_equal(told[215:], truth[215:])
    assert (np.array(told[150:215]) < truth[150:215]).all()


def test_of_two_spells_at_once_the_last_holds_and_dropout_ends_with_its_spell():
    spells = (
        Spell(6 * HOUR, 24 * HOUR, (), Feed(dropout=0.9, apart=True)),
        Spell(12 * HOUR, 18 * HOUR, ("units",), Feed(quantum=1000.0)),
    )
    m, told = even(50, disturbances=spells), []
    for hour in range(30):
        m.advance_to(hour * HOUR)
        silent = m.silent("units")
        told.append((0.0 if silent is None else silent.mean(), m.window("units", m.now, HOUR)[0][0]))
    shares, hours = zip(*told, strict=True)
    assert not any(shares[:6] + shares[12:18] + shares[24:])
    assert min(shares[6:12] + shares[18:24]) > 0.7
    assert hours[12:18] == (4000.0,) * 6
    assert set(hours[1:12] + hours[18:]) == {3600.0}
