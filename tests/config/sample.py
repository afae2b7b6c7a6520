"""A small campaign that loads, and ways to change one line of it."""

from controller.config import check_text, loads
from controller.errors import ConfigError

TEXT = """\
campaign: sample
runs: {from: 2026-06-01, to: 2026-09-30, timezone: Asia/Shanghai, scan: 1m}
cells: {by: store, names: [north, south]}
sensors:
  units: {kind: "tests.config.parts:Gauge", unit: units/h, window: 1h, settle: 5m, stale_after: 3h,
          plausible: [0, 9000]}
  rate: {kind: "tests.config.parts:Gauge", unit: share, window: 1h, min_count: 100}
  paid: {kind: "tests.config.parts:Gauge", unit: CNY, counter: true}
actuators:
  win_rate: {kind: "tests.config.parts:Gauge", unit: share, start: 3%, safe: 3%, limits: [3%, 12%], max_step: 1 point,
             resolution: 0.01 points, lease: 1h, lease_by: target}
  coupon: {kind: "tests.config.parts:Gauge", unit: CNY, start: 5 CNY, safe: 2 CNY, levels: [2 CNY, 5 CNY, 9 CNY]}
budgets: {prizes: {total: 500000 CNY, paid: paid, worst_per_hour: 4000 CNY}}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 28000 units/day, band: 5%, over: 1d}, move: {win_rate: raises},
          pays_from: prizes, policy: {kind: pid, gain: 0.5, integral_time: 6h}}
  redeem: {every: 1h, measure: rate, target: {keep_above: 8%}, move: {coupon: raises},
           policy: {kind: updown, step: 1 CNY}}
guardrails: {calm: {kind: reversals, at_most: 6 per day, on: win_rate}}
market: {kind: cap_lottery, signals: {units: units_scanned, rate: redemption, paid: prizes_paid},
         levers: {win_rate: win_probability, coupon: coupon_value}, volume: 40}
"""


def changed(old, new):
    """The sample with one part replaced, which must be there."""
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


def said(text, folder=None):
    """What is wrong with a text, each as `line:column path: text`."""
    return [problem.at("")[1:] for problem in check_text(text, folder=folder)]


def complaint(old, new):
    """The one thing that is wrong once a part of the sample is replaced, without its place."""
    problems = check_text(changed(old, new))
    assert len(problems) == 1, problems
    return f"{problems[0].path}: {problems[0].text}"


def refused(text):
    """The error that loading raises."""
    try:
        loads(text)
    except ConfigError as error:
        return error
    raise AssertionError("it loads")
