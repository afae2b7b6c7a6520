"""An actuator that no loop moves stays where it is, and does not stop the loop."""

import numpy as np

from controller.config import loads
from sim.runs.runner import Run, finish, start

TEXT = """
campaign: two-levers
runs: {from: 2026-07-13, to: 2026-08-09, scan: 10m}
sensors:
  units: {kind: prometheus, url: "http://localhost:9090", query: units, unit: units/h, window: 3h}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}
  coupon: {kind: dry_run, unit: CNY, start: 2 CNY, safe: 1 CNY, limits: [1 CNY, 5 CNY]}
loops:
  sales: {every: 3h, measure: units, target: {keep_at: 40000 units/day, band: 10%}, move: {win_rate: raises},
          policy: {kind: pid, gain: 1, integral_time: 9h}}
market:
  {kind: campaign, volume: 70, step: 1h, signals: {units: units_scanned},
   levers: {win_rate: win_probability, coupon: coupon_value}}
mode: auto
auto_accepts: [win_rate, coupon]
"""


def test_an_actuator_that_no_loop_moves_stays_where_it_is():
    trace = finish(start(Run(campaign=loads(TEXT), seconds=3 * 86_400.0)))
    assert np.ptp(trace.levers["win_probability"]) > 0
    assert (np.array(trace.levers["coupon_value"]) == 2.0).all()
