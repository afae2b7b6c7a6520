"""The plants that a journal leaves possible: what was in force over each execution, and what was read at its end.

Called by the command with --from; calls sim.read_journal and models.identification.closed_loop. Never writes. What a
journal can't tell is an error that says why: an output that hardly moved, too few samples, a lever that does nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from controller.cells import Array
from controller.errors import SetpointError
from controller.plan import Campaign
from models.identification.closed_loop import Identified, identify
from sim.journal.journal import read_journal
from sim.tuning.plants import Plants

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What a journal says of one loop."""

    plants: Plants
    latency: float
    """Seconds by which the readings that were acted upon were old, 19 times in 20."""
    identified: Identified


def recorded(campaign: Campaign, loop: str, journal: Path) -> Recorded:
    """Read a journal's executions of one loop; SetpointError where they can't be tuned by."""
    plan = campaign.loops[loop]
    channel, sensor = plan.channels[0], plan.sensor
    age = f"signal.{sensor}.good_at"
    columns = ["process_value", "setpoint", "usable", "applied", "sensor", age]
    frame = read_journal(journal, columns=columns)
    mine = frame[frame.channel == channel] if "process_value" in frame and age in frame else frame[:0]
    mine = mine[mine.process_value.notna() & (mine.sensor == sensor)]
    if mine.empty:
        raise SetpointError(
            f"{journal}: it holds no execution of a loop that moves {channel} by {plan.measure}"
        )
    actuator = campaign.actuators[channel]
    put_in, measured = _series(mine, actuator.low, actuator.high, plan.every)
    found = _identified(journal, put_in, measured, plan.every, plan.move[channel])
    weighty = [n for n, verdict in enumerate(found.verdict) if verdict == "ok"]
    if not weighty:
        raise SetpointError(f"{journal}: loops.{loop}: {found.verdict[0]}: {found.said[0]}")
    old = _seconds(mine) - mine[age]
    latency = float(np.quantile(old[np.isfinite(old)], 0.95))
    return Recorded(_plants(found, weighty, len(put_in)), max(latency, 0.0), found)


def _seconds(frame: "pd.DataFrame") -> "pd.Series[float]":
    """UTC seconds of the rows."""
    return frame.time.astype("int64") / float(np.timedelta64(1, "s") / np.timedelta64(1, frame.time.dt.unit))


def _series(frame: "pd.DataFrame", low: float, high: float, every: float) -> tuple[Array, Array]:
    """Put in and measured, shape (executions, cells), on the grid of executions; what is missing there is not known."""
    seconds = _seconds(frame)
    step = np.rint((seconds - seconds.min()) / every).astype("int64")
    share = np.where(
        frame.usable & (frame.process_value > 0) & (frame.setpoint > 0), frame.process_value, np.nan
    )
    table = frame.assign(
        step=step, put_in=(frame.applied - low) / (high - low), measured=share / frame.setpoint
    )
    wide = table.pivot_table(
        index="step", columns="cell", values=["put_in", "measured"], aggfunc="last", dropna=False
    )
    wide = wide.reindex(range(int(step.max()) + 1))
    put_in = wide["put_in"].ffill().bfill().to_numpy(np.float64)
    return put_in[:-1], wide["measured"].to_numpy(np.float64)[1:]


def _identified(journal: Path, put_in: Array, measured: Array, every: float, move: str) -> Identified:
    try:
        return identify(put_in, measured, period=every, direction="lowers" if move == "lowers" else "raises")
    except ValueError as fault:
        raise SetpointError(f"{journal}: {fault}") from fault


def _plants(found: Identified, series: list[int], samples: int) -> Plants:
    """The plants of all cells that could be told, each cell as likely as another."""
    parts = [found.plants(n) for n in series]
    gain, lag, dead = (
        np.concatenate([np.asarray(getattr(model, name), np.float64) for model, _ in parts])
        for name in ("gain", "lag", "dead_time")
    )
    weight = np.concatenate([weight for _, weight in parts]) / len(parts)
    cells = f" in each of {len(series)} cells" if len(series) > 1 else ""
    return Plants(gain, lag, dead, weight, f"{samples} executions in the journal{cells}")
