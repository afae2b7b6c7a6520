"""A journal's sensor becomes a series, and what the levers did meanwhile is told."""

import numpy as np
import pytest

from controller.errors import ConfigError
from controller.ports import Record
from controller.signals import Reason
from controller.store.sqlite import SqliteStore
from sim.calibration.asked import Asked
from sim.calibration.reading import read
from sim.calibration.report import Order, calibrate
from tests.sim.calibration import kit

HOUR = 3600.0
START = 1_740_931_200.0
"""2025-03-03 00:00 in Shanghai."""


def journal(path, ticks, window=HOUR, unit="units/h", cells=("north", "south"), counter=False, reasons=None):
    """`ticks`: (moment, value of the sensor in each cell, applied win-rate)."""
    store = SqliteStore(path)
    store.claim("test")
    shape = {
        "campaign": "trial", "cells": list(cells), "zones": ["Asia/Shanghai"] * len(cells),
        "channels": {"win_rate": {"unit": "share"}},
        "sensors": {"units": {"unit": unit, "window": window}, "owed": {"unit": "CNY", "window": None}},
        "loops": {"sales": {"measure": "units", "channels": ["win_rate"]}},
        "config": '{"sensors": {"units": {"counter": ' + str(counter).lower() + "}}}",
    }  # fmt: skip
    store.append(Record("start", 0, START, {}, shape))
    for index, (moment, value, rate) in enumerate(ticks):
        reason = Reason.NOT_DUE if reasons is None else reasons[index]
        columns = {
            "applied.win_rate": np.full(len(cells), rate),
            "reason.win_rate": np.full(len(cells), int(reason), np.int8),
            "signal.units.value": np.asarray(value, float),
            "signal.units.good_at": np.full(len(cells), moment),
        }
        store.append(Record("tick", index, moment, columns, {"elapsed": HOUR, "mode": 4}), durable=False)
    store.close()
    return path


@pytest.fixture(scope="module")
def counts():
    return kit.counted(70)[0]


def hourly(counts, rate=lambda n: 0.03):
    flat = counts.ravel()
    return [(START + (n + 1) * HOUR, [0.25 * flat[n], 0.75 * flat[n]], rate(n)) for n in range(flat.size)]


def test_windows_of_an_hour_are_hours_summed_over_the_cells(tmp_path, counts):
    series, moves = read(journal(tmp_path / "j", hourly(counts)), Asked())
    assert np.allclose(series.values, counts)
    assert (series.zone, series.unit, series.span[0]) == ("Asia/Shanghai", "units", kit.MONDAY)
    assert any("summed over 2 cells" in each.text for each in series.treated)
    assert (moves[0].by_loop, moves[0].by_people, moves[0].drawn) == (0, 0, 0)


def test_overlapping_windows_are_counted_once_and_the_last_word_holds(tmp_path, counts):
    ticks = []
    for moment, value, rate in hourly(counts):
        ticks += [(moment - 1200.0, [1e5, 1e5], rate), (moment, [1.0, 1.0], rate), (moment, value, rate)]
    series, _ = read(journal(tmp_path / "j", ticks), Asked())
    assert np.allclose(series.values, counts)


def test_longer_windows_tell_days_alone(tmp_path, counts):
    three = counts.reshape(70, 8, 3).sum(axis=2).ravel() / 3.0
    ticks = [(START + (n + 1) * 3 * HOUR, [value, 0.0], 0.03) for n, value in enumerate(three)]
    series, _ = read(journal(tmp_path / "j", ticks, window=3 * HOUR), Asked())
    assert series.slots == 1
    assert np.allclose(series.values[:, 0], counts.sum(axis=1))
    assert any("hours can't" in each.text for each in series.treated)


def test_a_counter_gives_what_it_rose_by_and_a_reset_is_unknown(tmp_path, counts):
    total = np.concatenate([[0.0], np.cumsum(counts.ravel())])
    total[500:] -= total[500]
    ticks = [(START + n * HOUR, [value, 0.0], 0.03) for n, value in enumerate(total)]
    series, _ = read(journal(tmp_path / "j", ticks, window=None, unit="units", counter=True), Asked())
    flat, wanted = series.values.ravel()[: counts.size], counts.ravel()
    assert np.isnan(flat[499]) == (total[500] < total[499])
    assert np.allclose(np.delete(flat, 499), np.delete(wanted, 499))


def test_moves_of_the_loop_leave_the_gain_an_interval_and_the_report_says_why(tmp_path, counts):
    def rate(n):
        return 0.03 + 0.01 * (n % 48 >= 24)

    reasons = [Reason.OVERRIDE if n < 240 else Reason.FOLLOWED for n in range(counts.size)]
    path = journal(tmp_path / "j", hourly(counts, rate), reasons=reasons)
    found = calibrate(path, Asked(), Order())
    assert (found.moves[0].by_people, found.moves[0].by_loop) == (2 * 9, 2 * 60)
    gain = found.market.gain
    assert not gain.identified
    assert "win_rate moved 120 times by a loop that answers to sales and 18 times by people" in gain.text
    assert any(each.what == "levers" for each in found.market.treated)


@pytest.mark.parametrize(
    ("about", "asked", "words"),
    [
        ({}, Asked(value="unit"), "did you mean 'units'"),
        ({}, Asked(value="owed"), "owed has no window"),
        ({"unit": "orders/visit"}, Asked(), "by visit"),
        ({"window": 5 * HOUR}, Asked(), "divide a day"),
    ],
)
def test_sensors_that_count_no_sales_are_refused(tmp_path, counts, about, asked, words):
    path = journal(tmp_path / "j", hourly(counts)[:48], **about)
    with pytest.raises(ConfigError, match=words):
        read(path, asked)


def test_a_short_journal_is_refused(tmp_path, counts):
    with pytest.raises(ConfigError, match="at least 8 weeks"):
        read(journal(tmp_path / "j", hourly(counts)[:240]), Asked())
