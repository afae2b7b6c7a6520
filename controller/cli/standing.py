"""How a campaign stands, as plain data: the figures behind `status`, from the journal's last rows.

Called by status.py; calls view.py. Of many cells it gives the median and the count. What is unknown is None, never
zero.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from controller.cells import Array
from controller.certificates.cover import shown
from controller.cli.view import View
from controller.clock import iso
from controller.ports import Record
from controller.signals import Landing, Latch, Mode, Reason

_STATES = {Latch.LIVE: "live", Latch.HOLD: "held", Latch.SAFE: "fallback"}


def standing(view: View, now: float) -> dict[str, Any]:
    """Everything `status` shows; `now` in UTC seconds."""
    tick = view.tick
    found = {
        "campaign": view.campaign,
        "daemon": _daemon(view),
        "stopped": _stopped(view),
        "certificate": _certificate(view, now),
        "last_record": None,
    }
    if tick is None:
        return found
    there = tick.columns
    loops = [name for name in view.entries("loops") if f"setpoint.{name}" in there]
    outputs = [name for name in view.entries("channels") if f"decided.{name}" in there]
    sensors = [name for name in view.entries("sensors") if f"signal.{name}.value" in there]
    return {
        **found,
        "last_record": {"number": tick.number, "at": iso(tick.time), "age": now - tick.time},
        "mode": _mode(tick, view),
        "loops": {name: _loop(view, tick, name, now) for name in loops},
        "outputs": {name: _output(view, tick, name) for name in outputs},
        "sensors": {name: _sensor(view, tick, name, now) for name in sensors},
        "overrides": [_override(view, each) for each in view.overrides],
        "orders_waiting": view.waiting,
        "alarms": [alarm.as_json() for alarm in view.alarms],
    }


def _daemon(view: View) -> dict[str, Any] | None:
    held = view.holder
    if held is None:
        return None
    return {
        "owner": held.owner,
        "pid": held.pid,
        "host": held.host,
        "since": iso(held.since),
        "text": str(held),
    }


def _stopped(view: View) -> str:
    """How the last life ended; empty where it did not, or was killed."""
    if view.stop is None or (view.start is not None and view.start.number > view.stop.number):
        return ""
    return f"stopped at {iso(view.stop.time)}: {view.stop.data.get('why', '')}"


def _certificate(view: View, now: float) -> dict[str, Any] | None:
    """Whether a certificate covers the config of the last start or reload; None where the journal does not say."""
    said = view.about.get("certificate")
    if said is None:
        return None
    covers, text = shown(said, now)
    moments = {key: None if said.get(key) is None else iso(said[key]) for key in ("issued_at", "expires_at")}
    gates = [
        {"name": name, "passed": passed, "said": answer} for name, passed, answer in said.get("gates", ())
    ]
    return {
        "covers": covers,
        "text": text,
        "file": said["file"],
        "sha256": said.get("sha256"),
        **moments,
        "gates": gates,
    }


def _mode(tick: Record, view: View) -> dict[str, Any]:
    modes = [column for name, column in tick.columns.items() if name.startswith("mode.")]
    actual = {int(code) for column in modes for code in np.unique(column)}
    return {
        "requested": Mode(tick.data["mode"]).name.lower(),
        "highest": view.about.get("mode", ""),
        "actual": [Mode(code).name.lower() for code in sorted(actual)],
        "permitted": tick.data["permitted"],
        "gate": tick.data["gate"],
    }


def _loop(view: View, tick: Record, name: str, now: float) -> dict[str, Any]:
    plan = view.entries("loops")[name]
    value, target = tick.columns[f"signal.{plan['measure']}.value"], tick.columns[f"setpoint.{name}"]
    with np.errstate(invalid="ignore", divide="ignore"):
        off = middle(np.where(target != 0, value / target - 1.0, np.nan))
    return {
        **_sensor(view, tick, plan["measure"], now),
        "measure": plan["measure"],
        "target": middle(target),
        "written": f"{plan['verb']} {plan['written']}",
        "band": plan["band"] or None,
        "over": plan["over"],
        "deviation": off,
        "in_band": _inside(view, plan, off),
    }


def _inside(view: View, plan: Mapping[str, Any], off: float | None) -> bool | None:
    """Whether the middle value lies in the band now; None without a band or a value, or with a band over longer."""
    window = view.entries("sensors")[plan["measure"]]["window"] or 0.0
    if off is None or not plan["band"] or plan["over"] > window:
        return None
    too_low, too_high = off < -plan["band"], off > plan["band"]
    return not ((too_low and plan["verb"] != "keep_below") or (too_high and plan["verb"] != "keep_above"))


def _sensor(view: View, tick: Record, name: str, now: float) -> dict[str, Any]:
    head = f"signal.{name}"
    good_at = float(tick.columns[f"{head}.good_at"].min())
    known = math.isfinite(good_at)
    return {
        "unit": view.entries("sensors")[name]["unit"],
        "value": middle(tick.columns[f"{head}.value"]),
        "cells": len(tick.columns[f"{head}.value"]),
        "good_at": iso(good_at) if known else None,
        "age": now - good_at if known else None,
        "state": _STATES[Latch(int(tick.columns[f"{head}.latch"].max()))],
        "why": tick.data["why"].get(name, []),
    }


def _output(view: View, tick: Record, name: str) -> dict[str, Any]:
    at = tick.columns
    reasons = [Reason(int(code)).name.lower() for code in np.unique(at[f"reason.{name}"])]
    return {
        "unit": view.entries("channels")[name]["unit"],
        "value": middle(at[f"applied.{name}"]),
        "cells": len(at[f"applied.{name}"]),
        "known": bool(at[f"known.{name}"].all()),
        "decided": middle(at[f"decided.{name}"]),
        "advice": middle(at[f"requested.{name}"]),
        "allowed": [float(at[f"limit.{name}.low"].max()), float(at[f"limit.{name}.high"].min())],
        "mode": [Mode(int(code)).name.lower() for code in np.unique(at[f"mode.{name}"])],
        "reason": ", ".join(reasons).replace("_", " "),
        "landing": Landing(int(at[f"landing.{name}"].max())).name.lower(),
    }


def _override(view: View, saved: Mapping[str, Any]) -> dict[str, Any]:
    expires, name = saved["expires_at"], saved["channel"]
    return {
        "output": name,
        "cell": saved["cell"],
        "value": saved["value"],
        "unit": view.entries("channels").get(name, {}).get("unit", "count"),
        "by": saved["owner"],
        "reason": saved["reason"],
        "expires_at": None if expires is None else iso(expires),
    }


def middle(values: Array) -> float | None:
    """The median of what is known; None where nothing is.

    >>> middle(np.array([1.0, np.nan, 3.0])), middle(np.array([np.nan]))
    (2.0, None)
    """
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None
