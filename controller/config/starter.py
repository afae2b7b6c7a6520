"""What `setpoint init` writes: a campaign to begin with, every key explained, tried on a simulated market first.

Called by the command with the days that it took from the clock; calls nothing.
"""

from datetime import date

TEXT = """\
# A campaign for Setpoint. What this file says and what is wrong with it:   setpoint check {file}
# The same file on a simulated market, before anything real is touched:     setpoint simulate {file}
# That market as a server on this machine, for `setpoint run`:              setpoint market {file} --port 9102
campaign: {name}
runs: {{from: {first}, to: {last}, timezone: {timezone}, scan: 1m, afterwards: safe}}

# What is measured. This reads a metrics page of your own; `setpoint schema` lists the other kinds and all keys.
sensors:
  units:                      # caps scanned: what the campaign is for
    kind: metrics_page
    url: "http://127.0.0.1:9102/metrics"    # "${{env:METRICS_URL}}" keeps an address or a secret out of the file
    metric: units_scanned_total
    unit: units/h
    counter: true
    window: 1d                # a whole day: what hour it is does not show in it
    stale_after: 30h          # no good sample for so long: hold, raise an alarm, then go to the safe value
    plausible: [0, 20000 units/h]
  paid:                       # money paid for prizes so far
    {{kind: metrics_page, url: "http://127.0.0.1:9102/metrics", metric: prize_paid_cny_total, unit: CNY,
     counter: true}}

# What is turned. The safe value must stand there when nobody steers; `lease_by` says who sees to that.
actuators:
  win_rate:
    kind: http
    url: "http://127.0.0.1:9102/levers/win_rate"
    unit: share
    start: 3%
    safe: 3%
    limits: [3%, 12%]
    max_step: 1 point         # a change of a share is written in points: 3% -> 4%
    resolution: 0.01 points
    lease: 3h
    lease_by: target

budgets: {{prizes: {{total: 500000 CNY, plan: even, paid: paid, worst_per_hour: 4000 CNY}}}}

# What is kept, and by which policy: 0.6 percent of the range per percent of deviation, and patience.
loops:
  sales:
    every: 6h
    measure: units
    target: {{keep_at: 25000 units/day, band: 8%, over: 7d}}   # judged by the week, so that its days may differ
    move: {{win_rate: raises}}  # more wins, more caps scanned
    pays_from: prizes
    policy: {{kind: pid, gain: 0.6, integral_time: 2d}}

guardrails:
  terms: {{kind: published_terms, profile: cn, published_win_rate: 3%}}   # never under what was published
  calm: {{kind: reversals, at_most: 6 per day}}

# Which signal and lever of the simulated market stand for which sensor and actuator.
market: {{kind: cap_lottery, signals: {{units: units_scanned, paid: prizes_paid}},
         levers: {{win_rate: win_probability}}}}
mode: advise                  # off, observe, advise, manual, auto: the most that operators may switch on
"""


def starter(
    first: date, last: date, *, name: str = "my-campaign", timezone: str = "UTC", file: str = "campaign.yaml"
) -> str:
    """The text of a first campaign that runs from one day to another.

    >>> starter(date(2026, 6, 1), date(2026, 8, 31)).splitlines()[4]
    'runs: {from: 2026-06-01, to: 2026-08-31, timezone: UTC, scan: 1m, afterwards: safe}'
    """
    return TEXT.format(first=first, last=last, name=name, timezone=timezone, file=file)
