"""Campaigns on their stages, and short runs of scenarios."""

from dataclasses import replace

import numpy as np

from controller.assembly import cells_of
from controller.config import load, loads
from models.draws import keys_of
from sim.evidence.rows import all_of
from sim.market.settings import plant_of, settings_of
from sim.market.world import World
from sim.runs.runner import WEEK, Run, finish, first_moment, start
from sim.runs.scores import scores
from sim.scenarios._base import Judged, Stage
from sim.scenarios._family import scenario

DAY = 86_400.0
NAMES = ("cap_lottery", "coupon_value", "push_frequency", "shortest")
SHIPPED = {name: replace(load(f"configs/{name}.yaml"), mode="auto") for name in NAMES}
EVERYTHING = loads("""
campaign: everything
runs: {from: 2026-07-13, to: 2026-10-04, timezone: Europe/Berlin, scan: 30m}
sensors:
  units: {kind: csv_file, file: x.csv, unit: units/h, window: 3h}
  redemptions: {kind: csv_file, file: x.csv, unit: count/day, window: 1d}
  opens: {kind: csv_file, file: x.csv, unit: opens/day, window: 12h, min_count: 9}
  paid: {kind: csv_file, file: x.csv, unit: EUR, counter: true}
  owed: {kind: csv_file, file: x.csv, unit: EUR}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [2%, 12%], lease: 3h, lease_by: target}
  coupon: {kind: dry_run, unit: EUR, start: 2 EUR, safe: 1 EUR, limits: [1 EUR, 6 EUR], lease: 3h, lease_by: target}
  push: {kind: dry_run, unit: push/week, start: 2 push/week, safe: 1 push/week, limits: [0.5 push/week, 5 push/week],
         lease: 3h, lease_by: target}
budgets: {all: {total: 500000 EUR, paid: paid, owed: owed, worst_per_hour: 5000 EUR, plan: none}}
loops:
  sales: {every: 2h, measure: units, target: {keep_at: 30000 units/day, band: 10%, over: 1d}, move: {win_rate: raises},
          pays_from: all, policy: {kind: pid, gain: 1, integral_time: 9h}}
  redeemed: {every: 2h, measure: redemptions, target: {keep_at: 400 count/day}, move: {coupon: raises}, pays_from: all,
             policy: {kind: pid, gain: 1, integral_time: 1d}}
  activity: {every: 2h, measure: opens, target: {keep_at: 1600 opens/day}, move: {push: raises},
             policy: {kind: pid, gain: 1, integral_time: 1d}}
market:
  {kind: campaign, volume: 70, step: 1h, signals: {units: units_scanned, redemptions: redemptions, opens: opens,
   paid: money_paid, owed: money_owed}, levers: {win_rate: win_probability, coupon: coupon_value, push: push_frequency}}
mode: auto
""")
"""Every lever and every kind of measured value in one campaign."""


def applies(kind, campaign):
    market = campaign.market
    return scenario(kind).applies(campaign, plant_of(market, settings_of(market)))


def stage(campaign, cells, days=14.0):
    begins = first_moment(campaign)
    plant = plant_of(campaign.market, settings_of(campaign.market))
    return Stage(campaign=campaign, cells=cells, plant=plant, starts=begins, ends=begins + days * DAY)


def played(kind, campaign, cells, before=None, days=14.0, other=None, **about):
    """The trace of a run in a scenario; `other` runs another policy on the same stage."""
    world = scenario(kind).world(stage(campaign, cells, days), before or World())
    run = Run(campaign=other or campaign, seconds=days * DAY, cells=cells, world=world, sparse=True, **about)
    return finish(start(run))


def coarse(campaign):
    """The campaign in a market of hourly steps, for the sake of speed."""
    market = campaign.market
    return replace(campaign, market=replace(market, settings={**market.settings, "step": "1h"}))


def fixed(campaign):
    return all_of(campaign, "fixed")


def judged(kind, campaign, futures=2, weeks=2.0, still=None):
    """The campaign's own policy and doing nothing in a scenario: what its gates look at."""
    cells = cells_of(campaign).replicated(futures)

    def scored(one):
        return scores(one, played(kind, campaign, cells, days=7 * weeks, other=one), futures)

    return Judged(
        campaign=campaign, weeks=weeks, own=scored(campaign), still=still or scored(fixed(campaign))
    )


__all__ = [
    "DAY",
    "EVERYTHING",
    "SHIPPED",
    "WEEK",
    "applies",
    "coarse",
    "judged",
    "keys_of",
    "np",
    "played",
    "stage",
]
