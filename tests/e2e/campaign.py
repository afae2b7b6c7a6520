"""A campaign whose hours are scaled to parts of a second: four hours of market time pass in each second of the wall.

A day of the market is six seconds, so the KPI is the sales of a moving day, asked of a real Prometheus every second. A
Monday to Friday lasts half a minute. The campaign itself is written in seconds of the wall, as the daemon needs it.
"""

from pathlib import Path

SPEED = 14_400
DAY = 6
"""Seconds of the wall in a day of the market."""
SCRAPE_EVERY = 1
"""Samples of DAY + SCRAPE_EVERY seconds lie a day apart from first to last, and `rate` goes by those two."""
TARGET = 4000.0
"""Units a second of the wall: 24,000 a day of the market, about a fifth more than the start value brings."""
BAND = 0.1

TEXT = """
campaign: seconds-for-hours
runs: {{scan: 1s}}
sensors:
  units:
    kind: prometheus
    url: {prometheus}
    query: sum(rate(units_scanned_total[{reach}s]))
    alive: up{{job="market"}}
    unit: units/s
    settle: 1s
    stale_after: 8s
    hold_for: 20s
    recover_after: 2
    plausible: [0, 50000]
  paid:
    kind: prometheus
    url: {prometheus}
    query: sum(prize_paid_cny_total)
    unit: CNY
    counter: true
    settle: 1s
actuators:
  win_rate:
    kind: http
    url: http://127.0.0.1:{port}/levers/{{channel}}
    unit: share
    start: 3%
    safe: 3%
    limits: [3%, 12%]
    max_step: 1 point
    resolution: 0.1 points
    lease: 20s
    lease_by: target
budgets:
  prizes: {{total: 10000000 CNY, plan: none, paid: paid, worst_per_hour: 20000000 CNY}}
loops:
  sales:
    every: 1s
    measure: units
    target: {{keep_at: {target} units/s, band: {band}%}}
    move: {{win_rate: raises}}
    pays_from: prizes
    policy: {{kind: pid, gain: 0.8, integral_time: 3s}}
market:
  kind: cap_lottery
  volume: 70
  base: week                    # no level of single days: what is judged is the loop, not the luck of a June
  step: 5m
  signals: {{units: units_scanned, paid: prizes_paid}}
  levers: {{win_rate: win_probability}}
mode: auto
"""

SCRAPE = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: market
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def write(file: Path, prometheus: str, port: int) -> Path:
    """The campaign's file for a Prometheus and a market's port."""
    text = TEXT.format(
        prometheus=prometheus, port=port, reach=DAY + SCRAPE_EVERY, target=TARGET, band=100 * BAND
    )
    file.write_text(text)
    return file
