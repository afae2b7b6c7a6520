"""The envelope: what decides, field by field of the plan, and in words where two differ."""

import dataclasses
import json
import random
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller import plan as plans
from controller import registry
from controller.certificates.envelope import differences, envelope, envelope_digest
from controller.config import loads
from controller.config.typed import hints
from controller.plan import (
    Actuator,
    Budget,
    Campaign,
    Cells,
    Constraint,
    Event,
    Guardrail,
    LoopPlan,
    Loss,
    Market,
    Policy,
    Runs,
    Select,
    Sensor,
    Shape,
    Target,
    When,
)
from controller.quantities import Amount, Money
from controller.quantities.slopes import Slope
from tests.config.sample import TEXT


def settings(family, kind, **values):
    return registry.find(family, kind).settings(**values)


def amount(text):
    return Amount.parse(text)


FLAT, HILLY = (1.0,) * 168, (1.5,) * 84 + (0.5,) * 84
GAUGE = "tests.config.parts:Gauge"
PID = settings("policy", "pid", gain=0.5, integral_time=21600.0)
SALES = LoopPlan(
    every=3600.0, measure="units", order=("win_rate", "coupon"), pays_from="prizes", events=("fair",),
    move={"win_rate": "raises", "coupon": "raises"}, when=When(from_=(5, 1), to=(9, 30)),
    policy=Policy(kind="pid", settings=PID),
    target=Target(keep_at=amount("1200 units/h"), shape=Shape("week.csv", FLAT), band=amount("5%"), over=86400.0,
                  limits=(amount("900 units/h"), amount("1500 units/h"))),
)  # fmt: skip
OTHER = LoopPlan(
    every=3600.0, measure="units", move={"coupon": "raises"},
    target=Target(maximise=True, subject_to={"paid": Constraint(keep_below=amount("5 CNY"))}),
)  # fmt: skip
PLAN = Campaign(
    campaign="summer",
    runs=Runs(from_=date(2026, 6, 1), to=date(2026, 9, 30), timezone="Asia/Shanghai"),
    cells=Cells(by="store", names=("north", "south"), timezones={"north": "Asia/Tokyo"}),
    sensors={
        "units": Sensor(kind="csv_file", unit="units/h", window=3600.0, alive="up",
                        settings=settings("sensor", "csv_file", file="a.csv")),
        "paid": Sensor(kind="csv_file", unit="CNY", settings=settings("sensor", "csv_file", file="b.csv")),
        "both": Sensor(kind="formula", unit="units/h", settings=settings("sensor", "formula", value="units + units")),
    },
    actuators={
        "win_rate": Actuator(kind="dry_run", unit="share", start=0.03, safe=0.03, limits=(0.03, 0.12)),
        "coupon": Actuator(kind="dry_run", unit="CNY", levels=(2.0, 5.0), start=2.0, safe=2.0),
    },
    budgets={"prizes": Budget(total=Money("CNY", 50000000), paid="paid")},
    loops={"sales": SALES, "other": OTHER},
    select={"coupon": Select(lowest=("sales", "other"))},
    guardrails={"calm": Guardrail(kind="bounds", settings=settings("guardrail", "bounds", low=amount("3%")))},
    events={"fair": Event(kind="holiday", from_=date(2026, 7, 1), to=date(2026, 7, 3))},
    market=Market(kind="cap_lottery", signals={"units": "units_scanned"}, levers={"win_rate": "win_probability"},
                  settings={"volume": 40}),
)  # fmt: skip

WHERE = {
    Campaign: (), Runs: ("runs",), Cells: ("cells",), Sensor: ("sensors", "units"), Actuator: ("actuators", "win_rate"),
    Budget: ("budgets", "prizes"), LoopPlan: ("loops", "sales"), When: ("loops", "sales", "when"),
    Policy: ("loops", "sales", "policy"), Target: ("loops", "sales", "target"),
    Shape: ("loops", "sales", "target", "shape"), Select: ("select", "coupon"), Guardrail: ("guardrails", "calm"),
    Constraint: ("loops", "other", "target", "subject_to", "paid"), Event: ("events", "fair"), Market: ("market",),
    Loss: ("loss",),
}  # fmt: skip
"""Where PLAN has one of each dataclass."""

DECIDES = {
    Campaign: {
        "campaign": "winter", "runs": Runs(), "cells": Cells(), "sensors": {}, "actuators": {}, "budgets": {},
        "loops": {}, "select": {}, "guardrails": {}, "events": {}, "holdout": 0.05, "market": None,
        "loss": Loss(lambda_=0.2),
    },
    Runs: {"from_": date(2026, 6, 2), "to": None, "timezone": "UTC", "scan": 300.0, "afterwards": "leave"},
    Cells: {"by": "product", "names": ("north", "east"), "timezones": {}},
    Sensor: {
        "unit": "units/day", "window": 7200.0, "settle": 60.0, "stale_after": 7200.0, "plausible": (0.0, 9.0),
        "empty_means": "zero", "counter": True, "min_count": 5, "uncertain_counts_as": "good", "hold_for": 60.0,
        "recover_after": 1, "latch": True,
    },
    Actuator: {
        "unit": "count", "start": 0.04, "safe": 0.04, "limits": (0.03, 0.15), "max_step": 0.01, "resolution": 0.001,
        "levels": (0.03, 0.12), "dwell": 60.0, "lease": 60.0, "lease_by": "target", "binds": "at_enrolment",
        "arms": ("a", "b"),
    },
    Budget: {
        "total": Money("CNY", 60000000), "plan": "none", "renews": "week", "paid": None, "owed": "paid",
        "unit_cost": Money("CNY", 100), "lag": 60.0, "worst_per_hour": Money("CNY", 400000),
    },
    LoopPlan: {
        "every": 7200.0, "measure": "paid", "target": Target(spend="prizes"), "move": {"win_rate": "lowers"},
        "order": ("coupon", "win_rate"), "pays_from": None, "when": None, "events": (),
        "policy": Policy(kind="fixed"),
    },
    When: {"from_": (5, 2), "to": (10, 1)},
    Policy: {"kind": "updown", "settings": settings("policy", "pid", gain=0.6, integral_time=21600.0)},
    Target: {
        "keep_at": amount("1300 units/h"), "keep_above": amount("1 units/h"), "keep_below": amount("1 units/h"),
        "reach": amount("9 units/h"), "spend": "prizes", "maximise": True,
        "subject_to": {"paid": Constraint(keep_below=amount("5 CNY"))}, "by": date(2026, 8, 1),
        "shape": Shape("week.csv", HILLY), "band": amount("6%"), "over": 7200.0,
        "ramp": Slope.parse("10% per day"), "filter": 7200.0, "catch_up": 0.2,
        "limits": (amount("900 units/h"), amount("1600 units/h")),
    },
    Shape: {"weights": HILLY},
    Constraint: {"keep_above": amount("1 CNY"), "keep_below": amount("6 CNY")},
    Select: {"lowest": ("sales",), "highest": ("sales", "other")},
    Guardrail: {
        "kind": "slew", "on": ("win_rate",), "settings": settings("guardrail", "bounds", low=amount("4%")),
    },
    Event: {
        "kind": "stock_out", "from_": date(2026, 7, 2), "to": date(2026, 7, 4), "expected": amount("25%"),
        "cells": ("north",),
    },
    Market: {
        "kind": "campaign", "signals": {}, "levers": {}, "settings": {"volume": 50},
    },
    Loss: {"lambda_": 0.2, "mu": 0.1},
}  # fmt: skip
"""Fields that decide, each with another value: a certificate does not cover that."""

OUTSIDE = {
    Campaign: {"mode": "auto", "auto_accepts": ("win_rate",)},
    Cells: {"from_": "stores.csv"},
    Sensor: {
        "kind": "http_json", "alive": "down", "settings": settings("sensor", "csv_file", file="elsewhere.csv"),
    },
    Actuator: {"kind": "file", "settings": settings("actuator", "file", file="a.json", flag="rate")},
    Shape: {"file": "other.csv"},
}  # fmt: skip
"""Fields that only say how the world is reached, or give leave: a certificate covers any value."""


def rows(table):
    return [pytest.param(kind, name, value, id=f"{kind.__name__}.{name}")
            for kind, fields in table.items() for name, value in fields.items()]  # fmt: skip


def put(part, path, name, value):
    """A copy of a part of a plan with one field of what lies at `path` replaced."""
    if not path:
        return dataclasses.replace(part, **{name: value})
    inner = part[path[0]] if isinstance(part, dict) else getattr(part, path[0])
    changed = put(inner, path[1:], name, value)
    return (
        {**part, path[0]: changed}
        if isinstance(part, dict)
        else dataclasses.replace(part, **{path[0]: changed})
    )


def reached(kind):
    """Every dataclass of the plan that a field of `kind` may hold."""
    found, left = set(), [kind]
    while left:
        part = left.pop()
        left += get_args(part)
        if dataclasses.is_dataclass(part) and part.__module__ in (plans.__name__, Target.__module__):
            left += [] if part in found else list(hints(part).values())
            found.add(part)
    return found


def test_every_field_of_every_part_of_the_plan_is_in_exactly_one_table():
    """A new field belongs to DECIDES or to OUTSIDE, and whoever adds it says which."""
    fields = {(kind, field.name) for kind in reached(Campaign) for field in dataclasses.fields(kind)}
    tables = [{(kind, name) for kind in table for name in table[kind]} for table in (DECIDES, OUTSIDE)]
    assert tables[0] | tables[1] == fields
    assert not tables[0] & tables[1]


@pytest.mark.parametrize(("kind", "name", "value"), rows(DECIDES))
def test_what_decides_is_in_it(kind, name, value):
    other = put(PLAN, WHERE[kind], name, value)
    assert other != PLAN
    assert envelope_digest(other) != envelope_digest(PLAN)
    assert differences(envelope(PLAN), envelope(other))


@pytest.mark.parametrize(("kind", "name", "value"), rows(OUTSIDE))
def test_what_only_reaches_the_world_or_gives_leave_is_not(kind, name, value):
    other = put(PLAN, WHERE[kind], name, value)
    assert other != PLAN
    assert envelope_digest(other) == envelope_digest(PLAN)
    assert differences(envelope(PLAN), envelope(other)) == []


def test_the_arithmetic_of_a_derived_sensor_decides():
    other = put(PLAN, ("sensors", "both"), "settings", settings("sensor", "formula", value="units * 2"))
    assert differences(envelope(PLAN), envelope(other)) == [
        "sensors.both.value: units + units then, units * 2 now"
    ]


def test_the_order_of_use_decides_and_the_order_of_entries_does_not():
    turned = {"coupon": "raises", "win_rate": "raises"}
    assert envelope(put(PLAN, ("loops", "sales"), "move", turned)) == envelope(
        PLAN
    )  # `order:` is written out
    free = put(PLAN, ("loops", "sales"), "order", ())
    assert envelope(free) == envelope(PLAN)
    assert envelope(put(free, ("loops", "sales"), "move", turned)) != envelope(PLAN)


@given(st.randoms(use_true_random=False))
def test_entries_may_stand_in_any_order(chance: random.Random):
    def shuffled(entries):
        names = list(entries)
        chance.shuffle(names)
        return {name: entries[name] for name in names}

    blocks = ("sensors", "actuators", "budgets", "loops", "guardrails", "events")
    other = dataclasses.replace(PLAN, **{block: shuffled(getattr(PLAN, block)) for block in blocks})
    assert envelope_digest(other) == envelope_digest(PLAN)


@given(st.floats(0.03, 0.12), st.floats(0.03, 0.12))
def test_two_values_are_one_envelope_only_where_they_are_one_value(first, second):
    plans = [put(PLAN, WHERE[Actuator], "safe", value) for value in (first, second)]
    assert (envelope_digest(plans[0]) == envelope_digest(plans[1])) == (first == second)


def test_a_default_that_is_written_out_changes_nothing():
    other = put(PLAN, WHERE[Sensor], "stale_after", PLAN.stale_after("units"))
    assert envelope_digest(other) == envelope_digest(PLAN)


def test_comments_and_spelling_do_not_count():
    lines = TEXT.splitlines()
    other = "\n".join(["# a comment", *lines[1:], lines[0]]).replace("scan: 1m", "scan: 60s  ")
    assert envelope_digest(loads(other)) == envelope_digest(loads(TEXT))


LIVE = """\
campaign: summer
sensors:
  units: {{kind: prometheus, url: "{url}", query: '{query}', unit: units/h, window: 1h, empty_means: zero,
          alive: '{up}'}}
actuators:
  win_rate: {{kind: http, url: "{url}/odds", sign_with: "{key}", unit: share, start: 3%, safe: 3%, limits: [3%, 12%],
              lease: 3h, lease_by: target}}
loops: {{sales: {{every: 1h, measure: units, target: {{keep_at: 100 units/h}}, move: {{win_rate: raises}},
                policy: {{kind: fixed}}}}}}
"""


def test_no_address_query_or_secret_is_in_it():
    told = {"url": "http://one.example", "query": "sum(a)", "key": "${env:ODDS_KEY}", "up": "up"}
    other = {"url": "http://two.example", "query": "sum(b)", "key": "${env:OTHER}", "up": "up2"}
    first, second = (envelope(loads(LIVE.format(**words))) for words in (told, other))
    assert first == second
    text = json.dumps(first)
    assert [
        word for word in (*told.values(), "http", "prometheus", "env") if word != "up" and word in text
    ] == []


def test_the_released_version_is_in_it():
    assert differences(envelope(PLAN, setpoint="1.0"), envelope(PLAN, setpoint="1.1")) == [
        "setpoint: 1.0 then, 1.1 now"
    ]
    assert envelope_digest(PLAN, setpoint="1.0") != envelope_digest(PLAN, setpoint="1.1")


def test_a_difference_is_told_in_words():
    other = put(PLAN, WHERE[Actuator], "limits", (0.03, 0.15))
    other = put(other, (), "budgets", {})
    other = put(other, WHERE[Target], "shape", Shape("week.csv", HILLY))
    other = put(other, WHERE[Sensor], "latch", True)
    assert differences(envelope(PLAN), envelope(other)) == [
        "actuators.win_rate.limits: [3%, 12%] then, [3%, 15%] now",
        "budgets.prizes.lag: 0s then, nothing now",
        "budgets.prizes.paid: paid then, nothing now",
        "budgets.prizes.plan: even then, nothing now",
        "budgets.prizes.renews: never then, nothing now",
        "budgets.prizes.total: 500000 CNY then, nothing now",
        "loops.sales.target.shape.weights: [168 values] then, others now",
        "sensors.units.latch: false then, true now",
    ]
