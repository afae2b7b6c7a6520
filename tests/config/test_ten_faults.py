"""A config with ten faults prints ten located messages, in the order of the file."""

from controller.config import check_text
from tests.config.sample import refused

FILE = """\
campaign: ten-faults
runs: {from: 2026-06-01, to: 2026-09-30, timezone: Asia/Shangai, scan: 1m}
sensors:
  units: {kind: "tests.config.parts:Gauge", unit: units/h, window: 1h, stel_after: 3h}
  paid: {kind: "tests.config.parts:Gauge", unit: EUR, counter: yes}
actuators:
  win_rate:
    kind: "tests.config.parts:Gauge"
    unit: share
    start: 0.03
    safe: 3%
    limits: [3%, 12%]
    max_step: 1%
    lease_by: tarqet
budgets: {prizes: {total: 500000, paid: paid}}
loops:
  sales:
    every: 1h
    measure: unit
    target: {keep_at: 28000 units/day, band: 5%, over: 1d}
    move: {win_rate: up}
    policy: {kind: pdi, gain: 0.5}
"""

PRINTED = """\
ten.yaml:2:52 runs.timezone: no timezone is called 'Asia/Shangai'; did you mean 'Asia/Shanghai'? \
allowed: an IANA name such as Asia/Shanghai
ten.yaml:4:72 sensors.units.stel_after: unknown key 'stel_after' for sensor kind 'tests.config.parts:Gauge'; \
did you mean 'stale_after'? known: alive, counter, empty_means, file, from, headers, hold_for, kind, labels, latch, \
min_count, plausible, query, recover_after, retries, settle, stale_after, timeout, token, uncertain_counts_as, unit, \
url, window
ten.yaml:5:64 sensors.paid.counter: wrong type, received 'yes', allowed: true or false
ten.yaml:10:12 actuators.win_rate.start: a share is written with %, received 0.03, \
allowed: 3% (as a fraction) or 0.03% (as a percentage)
ten.yaml:13:15 actuators.win_rate.max_step: a change of a share is written in points, received '1%', \
allowed: 1 point (3% -> 4%) or 0.03 points (1% of 3%)
ten.yaml:14:15 actuators.win_rate.lease_by: not a choice here, received 'tarqet'; did you mean 'target'? \
allowed: target, watchdog, nobody
ten.yaml:15:27 budgets.prizes.total: money needs a currency, received 500000, \
allowed: an amount with its currency, such as 500000 CNY
ten.yaml:19:14 loops.sales.measure: no sensor is called 'unit'; did you mean 'units'? known: paid, units
ten.yaml:21:22 loops.sales.move.win_rate: not a choice here, received 'up'; allowed: raises, lowers, either
ten.yaml:22:20 loops.sales.policy.kind: unknown policy kind 'pdi'; did you mean 'pid'? known: """


def test_ten_faults_are_ten_located_messages():
    printed = "\n".join(problem.at("ten.yaml") for problem in check_text(FILE, file="ten.yaml"))
    assert printed.startswith(PRINTED)
    assert len(printed.splitlines()) == 10


def test_they_come_as_one_error():
    assert len(str(refused(FILE)).splitlines()) == 10


def test_a_broken_entry_hides_no_fault_of_its_neighbours():
    """The sensor can't be read, so nothing is said of its units; that its budget has no such loop still is."""
    text = FILE.replace("unit: units/h", "unit: 7").replace("measure: unit\n", "measure: units\n")
    places = [problem.path for problem in check_text(text)]
    assert "sensors.units.unit" in places
    assert "loops.sales.measure" not in places
    assert "budgets.prizes.total" in places
