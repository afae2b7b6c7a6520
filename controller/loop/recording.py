"""What a turn leaves in the journal, and the state from which a loop goes on.

Called by the loop; calls nothing but the nouns. One record a tick: columns of shape (cells,) named as docs/journal.md
lists them, and small JSON. Whatever decides is in it, so that a replay can be fed from the journal alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.loop.parts import Parts
from controller.loop.split import EFFORT
from controller.loop.turn import Turn
from controller.ports import Record

Columns = dict[str, NDArray[Any]]
LAYOUT = 1
"""Version of the saved state; grows whenever a part's arrays change their names or meaning."""


def tick_record(turn: Turn) -> Record:
    """The record of one turn."""
    columns: Columns = {"civil.business_date": turn.tick.civil.business_date}
    _readings(turn, columns)
    _signals(turn, columns)
    _limits(turn, columns)
    _executions(turn, columns)
    _outputs(turn, columns)
    return Record("tick", turn.tick.index, turn.tick.time, columns, _data(turn))


def _readings(turn: Turn, columns: Columns) -> None:
    for name, reading in turn.readings.items():
        head = f"reading.{name}"
        columns[f"{head}.value"] = np.asarray(reading.value, np.float64)
        columns[f"{head}.samples"] = np.asarray(reading.samples, np.float64)
        columns[f"{head}.quality"] = np.asarray(reading.quality, np.int8)
        columns[f"{head}.sampled_at"] = np.asarray(reading.sampled_at, np.float64)
        if reading.spread is not None:
            columns[f"{head}.spread"] = np.asarray(reading.spread, np.float64)


def _signals(turn: Turn, columns: Columns) -> None:
    for name, signal in turn.signals.items():
        head = f"signal.{name}"
        columns[f"{head}.value"] = signal.value
        columns[f"{head}.good_at"] = signal.good_at
        if signal.spread is not None:
            columns[f"{head}.spread"] = signal.spread
        columns[f"{head}.fresh"] = signal.fresh
        columns[f"{head}.verdict"] = signal.verdict
        columns[f"{head}.latch"] = signal.latch
    for name, setpoint in turn.setpoints.items():
        columns[f"setpoint.{name}"] = setpoint


def _limits(turn: Turn, columns: Columns) -> None:
    for name in turn.limits.low:
        head = f"limit.{name}"
        columns[f"{head}.low"], columns[f"{head}.high"] = turn.limits.low[name], turn.limits.high[name]
        columns[f"{head}.low_by"] = turn.limits.low_by[name]
        columns[f"{head}.high_by"] = turn.limits.high_by[name]


def _executions(turn: Turn, columns: Columns) -> None:
    for name, executed in turn.executed.items():
        columns[f"process.{name}"] = executed.observation.process_value
        columns[f"usable.{name}"] = executed.observation.usable
        for channel, value in executed.proposal.value.items():
            columns[f"propose.{name}.{channel}"] = value
            for term, part in executed.proposal.terms.items():
                columns[f"term.{name}.{channel}.{term}"] = part
        if executed.wish is not None:
            columns[f"effort.{name}"] = executed.wish.value[EFFORT]
            columns |= {f"effort_term.{name}.{term}": part for term, part in executed.wish.terms.items()}
        for channel, chance in executed.proposal.propensity.items():
            columns[f"propensity.{name}.{channel}"] = chance


def _outputs(turn: Turn, columns: Columns) -> None:
    for name, output in turn.outputs.items():
        columns[f"readback.{name}"] = output.read_back
        columns[f"requested.{name}"] = output.decided.advice
        columns[f"decided.{name}"] = output.decided.value
        columns[f"applied.{name}"] = output.applied
        columns[f"known.{name}"] = output.known
        columns[f"reason.{name}"] = output.decided.reason
        columns[f"mode.{name}"] = output.decided.mode
        columns[f"residual.{name}"] = output.decided.residual
        columns[f"landing.{name}"] = output.landing


def _data(turn: Turn) -> dict[str, Any]:
    windows = {name: [r.window_start, r.window_end] for name, r in turn.readings.items()}
    return {
        "elapsed": turn.tick.elapsed,
        "mode": int(turn.mode),
        "permitted": turn.permitted,
        "gate": turn.gate,
        "names": list(turn.limits.names),
        "limit_why": dict(turn.limits.why),
        "dropped": list(turn.limits.dropped),
        "windows": windows,
        "units": {name: r.unit for name, r in turn.readings.items()},
        "alive": {name: r.alive for name, r in turn.readings.items() if r.alive is not None},
        "failures": dict(turn.failures),
        "why": {name: list(s.why) for name, s in turn.signals.items() if s.why},
        "said": list(turn.said),
        "conditions": [[c.code, c.subject, c.text] for c in turn.conditions],
        "failed": {name: [list(call) for call in o.failed] for name, o in turn.outputs.items() if o.failed},
        "orders": {n: o.order.id for n, o in turn.outputs.items() if o.order is not None},
        "epochs": {n: o.epoch for n, o in turn.outputs.items() if o.epoch},
    }


# -- the state of all parts -----------------------------------------------------------------------------------------


def state_of(parts: Parts, residual: Mapping[str, NDArray[Any]]) -> tuple[Columns, dict[str, Any]]:
    """Arrays and small JSON of every part, keyed `family/name/array`."""
    arrays: Columns = {f"residual/{name}/value": value for name, value in residual.items()}
    families: dict[str, Mapping[str, Any]] = {
        "sensor": parts.validators,
        "loop": parts.executions,
        "selection": parts.selections,
        "output": parts.dispatchers,
        "approach": parts.approaches,
    }
    for family, members in families.items():
        for name, member in members.items():
            arrays |= {f"{family}/{name}/{key}": np.asarray(value) for key, value in member.state().items()}
    arrays |= {f"facts/all/{key}": value for key, value in parts.facts.state().items()}
    saved = {
        "layout": LAYOUT,
        "campaign": parts.campaign,
        "digest": parts.digest,
        "cells": list(parts.cells.names),
        "sequence": parts.epochs.sequence,
        "authority": parts.authority.saved(),
        "loops": {name: e.saved() for name, e in parts.executions.items()},
        "orders": {name: d.saved() for name, d in parts.dispatchers.items()},
    }
    return arrays, saved


def fits(parts: Parts, saved: Mapping[str, Any]) -> bool:
    """True where a saved state is of this campaign, these cells and this version's layout."""
    same = saved["campaign"] == parts.campaign and saved["cells"] == list(parts.cells.names)
    return bool(same and saved.get("layout") == LAYOUT)


def restore_into(parts: Parts, arrays: Mapping[str, NDArray[Any]], saved: Mapping[str, Any]) -> Columns:
    """Give each part its own again; parts that the saved state does not know start fresh. Returns the residuals.

    A state of another layout, campaign or cells is left alone: everything then starts from the values in force.
    """
    if not fits(parts, saved):
        return {}
    tree = _tree(arrays)
    for name in parts.validators.keys() & tree["sensor"]:
        parts.validators[name].restore(tree["sensor"][name])
    for name in parts.executions.keys() & tree["loop"] & saved["loops"].keys():
        parts.executions[name].restored(saved["loops"][name], tree["loop"][name])
    for name in parts.selections.keys() & tree["selection"]:
        parts.selections[name].restore(tree["selection"][name])
    for name in parts.dispatchers.keys() & tree["output"]:
        parts.dispatchers[name].restored(saved["orders"].get(name, {}), tree["output"][name])
    for name in parts.approaches.keys() & tree["approach"]:
        parts.approaches[name].restore(tree["approach"][name])
    parts.facts.restore(tree["facts"]["all"])
    parts.authority.restored(saved["authority"])
    return {
        name: tree["residual"][name]["value"].copy() for name in parts.dispatchers.keys() & tree["residual"]
    }


def _tree(arrays: Mapping[str, NDArray[Any]]) -> defaultdict[str, dict[str, Columns]]:
    tree: defaultdict[str, dict[str, Columns]] = defaultdict(dict)
    for key, value in arrays.items():
        family, name, rest = key.split("/", 2)
        tree[family].setdefault(name, {})[rest] = value
    return tree
