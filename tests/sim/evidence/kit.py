"""A small campaign for the evidence, tasks on it that take a second, and evidence that was never played."""

from dataclasses import replace

import numpy as np

from controller.certificates import GateResult
from controller.config import loads
from controller.config.canonical import journalled
from controller.store import SqliteStore
from sim.evidence.ask import Ask
from sim.evidence.play import Task
from sim.evidence.result import QUANTILES, Evidence, Fan, RowResult, ScenarioResult
from sim.runs.runner import DAY, Run, finish, start
from sim.runs.scores import Scores
from sim.scenarios._family import kinds

TEXT = """
campaign: small
runs: {from: 2026-07-13, to: 2026-08-09, timezone: Asia/Shanghai, scan: 10m}
sensors:
  units: {kind: csv_file, file: none.csv, unit: units/h, window: 3h}
  paid: {kind: csv_file, file: none.csv, unit: CNY, counter: true}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%], max_step: 2 points}
budgets:
  prizes: {total: 100000 CNY, plan: none, paid: paid, worst_per_hour: 2000 CNY}
loops:
  sales:
    every: 3h
    measure: units
    target: {keep_at: 24000 units/day, band: 10%, over: 1d}
    move: {win_rate: raises}
    pays_from: prizes
    policy: {kind: pid, gain: 1, integral_time: 9h}
market:
  {kind: cap_lottery, volume: 70, base: week, step: 1h, signals: {units: units_scanned, paid: prizes_paid},
   levers: {win_rate: win_probability}}
mode: advise
"""
NOW = 1_783_872_000.0
"""The first moment of the small campaign, UTC seconds."""


PLACES = {
    "policy": "{kind: pid, gain: 1, integral_time: 9h}",
    "keep_at": "24000 units/day",
    "market": "kind: cap_lottery, volume: 70",
    "total": "100000 CNY",
    "start": "start: 3%",
    "to": "2026-08-09",
    "step": "step: 1h",
    "band": "band: 10%, over: 1d",
    "actuators": "\nactuators:",
    "lease": "max_step: 2 points",
}


def campaign(**changes):
    """The small campaign; `changes`: what stands in the place of one of PLACES."""
    text = TEXT
    for name, new in changes.items():
        assert text.count(PLACES[name]) == 1, name
        text = text.replace(PLACES[name], new)
    return loads(text)


def stores():
    """The small campaign in two stores."""
    cells = "\ncells: {by: store, names: [north, south]}\nactuators:"
    return campaign(actuators=cells, keep_at="12000 units/day")


def task(plan=None, **changes):
    """A task over eight futures of half a week."""
    given = {
        "config": journalled(campaign() if plan is None else plan),
        "scenario": "steady",
        "row": "config",
        "weeks": 0.5,
        "seed": 1,
        "seeds": (0, 1),
        "draws": (0, 2),
        "mechanisms": ("expected_value", "prospect"),
    }
    return Task(**(given | changes))


def ask(plan=None, **changes):
    """What tasks are made of."""
    given = {
        "campaign": campaign() if plan is None else plan,
        "scenarios": ("steady", "zero_gain"),
        "weeks": 0.5,
        "seeds": 2,
        "draws": 1,
    }
    return Ask(**(given | changes))


def journal(path, plan=None, days=3.0, **run):
    """A journal of a run of the campaign; returns what ran."""
    store = SqliteStore(path)
    try:
        running = start(
            Run(campaign=replace(plan or campaign(), mode="auto"), seconds=days * DAY, store=store, **run)
        )
        finish(running)
    finally:
        store.close()
    return running


def scores(size=8, **changes):
    """Scores of futures that are all alike."""
    given = {name: np.zeros(size) for name in Scores.__slots__} | {"inside": np.ones(size)}
    return Scores(
        **(given | {name: np.broadcast_to(value, (size,)).copy() for name, value in changes.items()})
    )


def never_played(**changes):
    """Evidence in which every scenario was played and every gate passed, by no run at all."""
    fan = Fan(np.array([0.0, 3600.0]), np.ones((len(QUANTILES), 2)), "share")
    rows = tuple(
        RowResult(name, name, scores(64, loss=loss), {"sales": fan}, {"win_rate": fan}, None, {})
        for name, loss in (("config", 0.1), ("fixed", 0.2))
    )
    gate = GateResult("helps", True, "better in all futures")
    played = tuple(ScenarioResult(kind, kind, "good", NOW, {"sales": 0.1}, rows, (gate,)) for kind in kinds())
    given = {
        "campaign": campaign(),
        "statement": "Nothing was played.",
        "weeks": 3.99,
        "seed": 1,
        "seeds": 4,
        "draws": 4,
        "mechanisms": ("expected_value", "prospect", "small_discount", "a fourth"),
        "scenarios": played,
        "gates": (
            GateResult("market: calibrated", True, "the fitted market passed its hold-out"),
            *(GateResult(f"{one.kind}: helps", True, gate.said) for one in played),
        ),
        "feasible": (),
        "calibrated": "soft drinks",
        "version": "0",
    }
    return Evidence(**(given | changes))
