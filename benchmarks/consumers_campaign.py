"""The campaign by which benchmarks close the loop over consumers: win-rate by a PID every hour, coupon and push on."""

from dataclasses import replace

from controller.config import loads

TEXT = """
campaign: bench
runs: {from: 2026-06-01, to: 2027-06-30, timezone: Asia/Shanghai, scan: 1h, afterwards: safe}
sensors:
  units: {kind: prometheus, url: "http://localhost:9090", query: "sum(increase(units[1h]))", unit: units/h, window: 1h,
          stale_after: 3h}
  paid: {kind: prometheus, url: "http://localhost:9090", query: sum(paid), unit: CNY, counter: true}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 5%, safe: 3%, limits: [3%, 12%], max_step: 1 point,
             resolution: 0.01 points, lease: 3h, lease_by: target}
  coupon: {kind: dry_run, unit: CNY, start: 2 CNY, safe: 1 CNY, limits: [1 CNY, 6 CNY], lease: 3h,
           lease_by: target}
  push: {kind: dry_run, unit: push/week, start: 2 push/week, safe: 1 push/week, limits: [0.5 push/week, 5 push/week],
         lease: 3h, lease_by: target}
budgets: {prizes: {total: 1000000000 CNY, plan: none, paid: paid, worst_per_hour: 10000000 CNY}}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 40000 units/day, band: 5%, over: 1d}, move: {win_rate: raises},
          pays_from: prizes, policy: {kind: pid, gain: 0.5, integral_time: 6h}}
  coupons: {every: 1h, measure: units, target: {keep_at: 40000 units/day, band: 5%, over: 1d}, move: {coupon: raises},
            policy: {kind: fixed}}
  pushes: {every: 1h, measure: units, target: {keep_at: 40000 units/day, band: 5%, over: 1d}, move: {push: raises},
           policy: {kind: fixed}}
guardrails: {terms: {kind: published_terms, profile: cn, published_win_rate: 3%}}
market: {kind: consumers, step: 1h, delay: 2h, people: 100000, volume: 80,
         signals: {units: units_scanned, paid: money_paid},
         levers: {win_rate: win_probability, coupon: coupon_value, push: push_frequency}}
mode: auto
"""


def campaign(keep_at=40_000, **settings):
    """The campaign, with a market of these settings, keeping so many units a day."""
    text = TEXT.replace("40000 units/day", f"{keep_at:.0f} units/day")
    plain = loads(text, file="benchmarks/consumers_campaign.py")
    return replace(plain, market=replace(plain.market, settings={**plain.market.settings, **settings}))
