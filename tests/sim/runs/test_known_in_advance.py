"""The real loop on a simulated market: an announced event is countered, a week is learnt while it runs."""

from pathlib import Path

import numpy as np
import pytest

from controller.config import loads
from models.forecast.hours import HOURS
from sim.replay.replay import replay
from sim.runs.runner import Run, finish, start
from sim.runs.scores import scores
from sim.runs.scoring import aim_of, deviation
from sim.runs.true_week import true_week

CONFIGS = str(Path(__file__).parents[3] / "configs")
DAY = 86_400.0
TEXT = """
campaign: fair
runs: {from: 2026-07-13, to: 2026-10-04, timezone: UTC, scan: 1h}
cells: {by: store, names: [a, b, c, d]}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 3h}
actuators:
  odds: {kind: dry_run, unit: share, start: 5%, safe: 3%, limits: [3%, 12%]}
loops:
  sales: {every: 2h, measure: units, target: {keep_at: 1900 units/h, shape: week.csv, band: 10%, over: 12h},
          move: {odds: raises}, policy: {kind: pid, gain: 0.7, integral_time: 10h}}
events:
  fair: {kind: price_promotion, from: 2026-07-17, to: 2026-07-18, expected: -20%}
market:
  {kind: cap_lottery, volume: 700, recorded_at: start, base: week, signals: {units: units_scanned},
   levers: {odds: win_probability}}
mode: auto
auto_accepts: [odds]
"""
TOLD = TEXT.replace("integral_time: 10h", "integral_time: 10h, feedforward: {gain: 0.56, ahead: 4h}")


def missed(text):
    """How far beyond the band the days around the event lie, in the mean, and how many of their windows lie inside."""
    campaign = loads(text, folder=CONFIGS)
    run = start(Run(campaign=campaign, seconds=8 * DAY, seed=3))
    trace = finish(run)
    aim = aim_of(campaign, "sales", trace.market.cells.label_of, counted=True)
    found = deviation(aim, trace.hourly("units_scanned"), trace.hour_of_week())
    days = slice(4 * 24 - aim.hours, 7 * 24 - aim.hours)
    return found.beyond[days].mean(), found.inside[days].mean()


def test_an_announced_promotion_of_others_keeps_the_band_better_with_feed_forward_than_without():
    (beyond, inside), (before, share) = missed(TOLD), missed(TEXT)
    assert beyond < 0.5 * before
    assert inside > share + 0.1


@pytest.fixture(scope="module")
def learning():
    text = TOLD.replace("shape: week.csv", "shape: learned").replace("from: 2026-07-17", "from: 2026-07-19")
    campaign = loads(text.replace("to: 2026-07-18", "to: 2026-07-19"))
    run = start(Run(campaign=campaign, seconds=17 * DAY, seed=4))
    setpoints = []
    trace = finish(run, lambda turn: setpoints.append(turn.setpoints["sales"]))
    return campaign, run, trace, np.array(setpoints)


def test_a_learnt_week_comes_near_the_market_s_own(learning):
    campaign, run, trace, _ = learning
    week = run.loop.parts.facts.values()["week.units"]
    truth = true_week(campaign, "sales", trace.market)
    assert week.shape == truth.shape == (4, HOURS)
    assert np.abs(week - truth).mean() < 0.4 * np.abs(1 - truth).mean()


def test_the_target_is_flat_at_first_and_has_the_week_s_shape_later(learning):
    *_, setpoints = learning
    assert np.array_equal(setpoints[: 6 * 24], np.full((6 * 24, 4), 1900.0))
    assert setpoints[14 * 24 :].min() < 0.5 * 1900.0 < 1.3 * 1900.0 < setpoints[14 * 24 :].max()


def test_a_learnt_target_is_scored_against_the_market_s_own_week(learning):
    campaign, _, trace, _ = learning
    truth = true_week(campaign, "sales", trace.market)
    aim = aim_of(campaign, "sales", trace.market.cells.label_of, True, truth)
    hours = trace.hour_of_week()
    assert np.allclose(aim.reference(hours)[5, 2], 1900.0 * truth[2, int(hours[5, 2])])
    assert np.isfinite(scores(campaign, trace, 4).loss).all()


def test_the_journal_decides_again_as_it_did(learning):
    _, run, _, _ = learning
    (found,) = replay(run.loop.parts.store)
    assert found.ticks > 17 * 20
    assert found.ok, found.tally
