"""Turns made by hand: one control loop `sales` on sensor `units` moving `win_rate`, with any number of cells."""

from dataclasses import replace

import numpy as np

from controller.cells import Cells
from controller.clock import civil_at
from controller.loop.decide import Verdicted
from controller.loop.turn import Executed, Output, Turn
from controller.signals import (
    Command,
    Epoch,
    Landing,
    Latch,
    Limits,
    Mode,
    Observation,
    Proposal,
    Quality,
    Reading,
    Reason,
    Signal,
    Tick,
    Verdict,
    codes,
)

SCAN = 60.0


def start_data(cells=("all",), unit="share", low=0.03, high=0.12, loops=("sales",)):
    return {
        "campaign": "summer",
        "digest": "d1",
        "cells": list(cells),
        "channels": {"win_rate": {"unit": unit, "low": low, "high": high}},
        "loops": {name: {"measure": "units", "channels": ["win_rate"]} for name in loops},
    }


def array(value, size):
    return np.full(size, value, np.float64) if np.ndim(value) == 0 else np.asarray(value, np.float64)


def signal(size=1, value=26300.0, verdict=Verdict.OK, latch=Latch.LIVE, why=(), now=0.0):
    fresh = np.full(size, verdict == Verdict.OK)
    return Signal(
        "units", array(value, size), array(now, size), fresh, codes(size, verdict), codes(size, latch), why
    )


def output(
    before, after, reason=Reason.FOLLOWED, advice=None, mode=Mode.AUTO, landing=Landing.CONFIRMED, sent=False
):
    size = len(before)
    decided = Verdicted(
        after,
        after if advice is None else advice,
        np.full(size, int(reason)),
        np.zeros(size),
        True,
        np.full(size, int(mode)),
    )
    order = (
        Command("summer.win_rate.1.1", "win_rate", after, Epoch(1, 1), 0.0, 3600.0, before, None)
        if sent
        else None
    )
    return Output(
        decided,
        before,
        np.zeros(size, np.bool_),
        after,
        np.ones(size, np.bool_),
        codes(size, landing),
        order,
        "1.1",
        3600.0,
    )


def executed(proposed, terms, value=26300.0, target=28000.0, usable=True, applied=0.03):
    size = len(proposed)
    seen = Observation(
        array(value, size), array(target, size), np.full(size, usable), np.full(size, True),
        {"win_rate": array(applied, size)}, {"win_rate": 1.0},
    )  # fmt: skip
    return {"sales": Executed(seen, Proposal({"win_rate": proposed}, terms))}


def limits(size, low=0.03, high=0.12, names=("actuator", "largest_step"), by=1):
    index = np.full(size, by)
    return Limits(
        {"win_rate": array(low, size)}, {"win_rate": array(high, size)},
        {"win_rate": index}, {"win_rate": index}, names,
        {"actuator": "the range of the actuator", "largest_step": "1 point an execution"},
        {"win_rate": np.zeros(size, np.bool_)},
    )  # fmt: skip


def turn(index=0, before=0.03, after=0.03, size=1, run=None, **more):
    """A calm turn in auto; `more` replaces fields of the turn."""
    cells = Cells(tuple(f"c{i}" for i in range(size)))
    now = index * SCAN
    out = output(array(before, size), array(after, size), Reason.NOT_DUE if run is None else Reason.FOLLOWED)
    nothing = np.full(size, np.nan)
    reading = Reading(
        "units",
        "units/h",
        array(26300.0, size),
        now,
        now,
        array(now, size),
        nothing,
        codes(size, Quality.GOOD),
    )
    made = Turn(
        Tick(index, now, SCAN, civil_at(now, cells)), {"units": reading}, {}, {"units": signal(size, now=now)},
        {"sales": array(28000.0, size)}, limits(size), run or {}, {"win_rate": out}, Mode.AUTO, "", True, {},
    )  # fmt: skip
    return replace(made, **more)
