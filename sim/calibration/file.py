"""The file of a calibrated market: JSON with a version, read back strictly, strangers refused.

Numbers keep five digits, far more than the data know. Called by the command and by whoever simulates on a market;
calls nothing but the nouns.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from controller.cells import Array
from models.counts import MOST_DISPERSED
from models.response.seasonal import HOURS
from sim.calibration.calibrated import Calibrated, Gain, Source
from sim.calibration.faults import refuse
from sim.calibration.holdout import HoldOut, Row
from sim.calibration.posterior import ARRAYS, Posterior
from sim.calibration.series import Treatment

KIND, VERSION = "setpoint calibrated market", 1
_DIGITS = 5
_OPTIONAL = ("delay", "lag", "shape")


def write(market: Calibrated, path: Path) -> None:
    """Write a market; what was there is replaced."""
    path.write_text(text_of(market), encoding="utf-8")


def read(path: str | PathLike[str]) -> Calibrated:
    """The market in a file; raises ConfigError where it is none, newer, or damaged."""
    raw = Path(path).read_bytes()
    try:
        data = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        refuse(str(path), f"no calibrated market: not a JSON text ({fault}); `setpoint calibrate` makes one")
    if not isinstance(data, dict) or data.get("kind") != KIND:
        refuse(
            str(path), "no calibrated market: this is another kind of file; `setpoint calibrate` makes one"
        )
    if data.get("version") != VERSION:
        refuse(
            str(path),
            f"a calibrated market of version {data.get('version')!r}, this Setpoint reads version {VERSION}: "
            "calibrate again, or upgrade",
        )
    try:
        return replace(_market(data), digest=hashlib.sha256(raw).hexdigest())
    except (KeyError, TypeError, ValueError) as fault:
        refuse(str(path), f"a damaged calibrated market: {type(fault).__name__} {fault}; calibrate again")


def signed(market: Calibrated) -> Calibrated:
    """The market with the digest that its file will have."""
    return replace(market, digest=hashlib.sha256(text_of(market).encode()).hexdigest())


def text_of(market: Calibrated) -> str:
    """The file's text: one line for each draw of an array, so that a change can be read."""
    drawn = market.posterior
    data: dict[str, Any] = {
        "kind": KIND,
        "version": VERSION,
        "passed": market.passed,
        "data": asdict(market.data),
        "seed": market.seed,
        "treated": [asdict(each) for each in market.treated],
        "closed": list(market.closed),
        "gain": asdict(market.gain),
        "holdout": {
            "fitted": market.holdout.fitted,
            "tested": market.holdout.tested,
            "failed": market.holdout.failed,
            "rows": [_row(row) for row in market.holdout.rows],
        },
        "draws": {"monday": drawn.monday, "weeks": drawn.weeks},
    }
    head = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    arrays = ",\n".join(f'  "{name}": {_array(getattr(drawn, name))}' for name in ARRAYS)
    return head.removesuffix("\n }\n}") + f",\n{arrays}\n }}\n}}\n"


def _row(row: Row) -> dict[str, Any]:
    told = {name: _digits(getattr(row, name)) for name in ("recorded", "low", "high")}
    return {
        "statistic": row.statistic,
        **told,
        "alone": [_digits(end) for end in row.alone],
        "passed": row.passed,
    }


def _digits(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None


def _array(values: Array) -> str:
    if values.ndim == 1:
        return json.dumps([_digits(float(value)) for value in values], allow_nan=False)
    return "[\n   " + ",\n   ".join(_array(line) for line in values) + "]"


def _market(data: Mapping[str, Any]) -> Calibrated:
    held = data["holdout"]
    rows = tuple(
        Row(
            row["statistic"],
            _number(row["recorded"]),
            row["low"],
            row["high"],
            (row["alone"][0], row["alone"][1]),
        )
        for row in held["rows"]
    )
    market = Calibrated(
        data=Source(**data["data"]),
        treated=tuple(Treatment(**each) for each in data["treated"]),
        closed=tuple(data["closed"]),
        posterior=_posterior(data["draws"]),
        gain=Gain(**data["gain"]),
        holdout=HoldOut(tuple(held["fitted"]), tuple(held["tested"]), rows),
        seed=data["seed"],
    )
    if market.passed is not data["passed"] or list(market.holdout.failed) != held["failed"]:
        raise ValueError(f"it says passed: {data['passed']} and its hold-out table says {market.passed}")
    return market


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _posterior(data: Mapping[str, Any]) -> Posterior:
    arrays = {name: np.array(data[name], np.float64) for name in ARRAYS}
    draws = len(arrays["sd"])
    for name, values in arrays.items():
        wanted = {"profile": (draws, HOURS), "level": (draws, data["weeks"])}.get(name, (draws,))
        if not draws or values.shape[:1] != wanted[:1] or values.ndim != len(wanted):
            raise ValueError(f"{name} has shape {values.shape}, allowed: {wanted}")
        if not np.isfinite(values).all() and not (name in _OPTIONAL and np.isnan(values).all()):
            raise ValueError(f"{name} holds what is no finite number")
        if name not in ("gain", "growth") and not (np.isnan(values) | (values >= 0)).all():
            raise ValueError(f"{name} is below zero: {np.nanmin(values):g}")
    if arrays["profile"].shape[1] != HOURS or arrays["level"].shape[1] < data["weeks"]:
        raise ValueError(
            f"profile {arrays['profile'].shape} and level {arrays['level'].shape} do not fit together"
        )
    if not ((arrays["dispersion"] >= 1) & (arrays["dispersion"] <= MOST_DISPERSED)).all():
        raise ValueError(
            f"dispersion must be 1 to {MOST_DISPERSED:g}, received {arrays['dispersion'].min():g}"
        )
    if not ((arrays["half_life"] > 0).all() and (arrays["level"] > 0).all()):
        raise ValueError("half-lives and levels must be above zero")
    return Posterior(monday=int(data["monday"]), weeks=int(data["weeks"]), **arrays)


assert {field.name for field in fields(Posterior)} == {*ARRAYS, "monday", "weeks"}
