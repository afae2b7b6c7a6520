"""Setpoint's own journal, as a DataFrame with one row a decision between arms.

| column | what it is |
|---|---|
| `loop` | the loop whose policy decided |
| `cell`, `tick` | where and when; with `decision`, a number where a tick decides more than once, its name |
| `arm` | name of the arm in force; a categorical column may name arms without a row |
| `propensity` | probability with which the policy chose it, as it was then |
| `reward` | what came of it; missing: not yet known |
| `forced` | True where the arm was changed after it was drawn (by hand, by a guardrail) |
| `reward_tick` | tick in which the reward was known; may be left out |
| `context.NAME` | what was known before; may be left out |

Forced decisions and those without a reward are left out by rule and counted in `Log.left_out`.
"""

from typing import TYPE_CHECKING

import numpy as np

from sim.ope._faults import Faults, refuse
from sim.ope._log import Floats, Log

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("loop", "cell", "tick", "arm", "propensity", "reward", "forced")


def from_journal(frame: "pd.DataFrame", loop: str | None = None) -> Log:
    """The log of one loop's decisions.

    Raises LogError: columns are missing, several loops and none is named, a decision twice, a reward before its
    decision, contexts with other keys, and whatever `Log` refuses. Rows are those of `frame`, counted from 0.
    """
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        refuse("journal", f"no decisions between arms in it: columns {', '.join(missing)} are missing")
    mine = _of_loop(frame, loop)
    _check(mine)
    forced = mine["forced"].astype(bool).to_numpy()
    pending = mine["reward"].isna().to_numpy() & ~forced
    kept = mine[~(forced | pending)]
    left_out = {"forced": int(forced.sum()), "pending": int(pending.sum())}
    arms = _arms(mine)
    place = {arm: number for number, arm in enumerate(arms)}
    names, context = _context(kept)
    return Log(
        arms=arms,
        action=np.array([place[str(arm)] for arm in kept["arm"]], np.int64),
        reward=kept["reward"].to_numpy(np.float64),
        propensity=kept["propensity"].to_numpy(np.float64, na_value=np.nan),
        context=context,
        features=names,
        left_out={why: count for why, count in left_out.items() if count},
    )


def _of_loop(frame: "pd.DataFrame", loop: str | None) -> "pd.DataFrame":
    """The rows of the loop asked for, or of the only one."""
    loops = sorted(map(str, frame["loop"].dropna().unique()))
    if loop is None and len(loops) > 1:
        refuse("loop", f"several loops decide in it, name one: {', '.join(loops)}")
    if loop is not None and loop not in loops:
        refuse("loop", f"{loop!r} has no decision in it, allowed: {', '.join(loops) or 'none'}")
    return frame if loop is None else frame[frame["loop"].astype(str) == loop]


def _check(mine: "pd.DataFrame") -> None:
    """What makes a journal unusable as a log."""
    faults = Faults()
    key = [name for name in ("loop", "cell", "tick", "decision") if name in mine]
    faults.where("tick", mine.duplicated(key).to_numpy(), f"the same {', '.join(key)} twice, allowed: once")
    faults.where("arm", mine["arm"].isna().to_numpy(), "missing, allowed: an arm's name")
    faults.where("forced", mine["forced"].isna().to_numpy(), "missing, allowed: True or False")
    if "reward_tick" in mine:
        early = (mine["reward_tick"] < mine["tick"]).fillna(value=False).to_numpy(bool)
        faults.where("reward_tick", early, "the reward is older than its decision")
    faults.stop()


def _arms(mine: "pd.DataFrame") -> tuple[str, ...]:
    """All arms: the column's categories, else those that are shown."""
    arm = mine["arm"]
    return tuple(map(str, arm.cat.categories if hasattr(arm, "cat") else sorted(set(arm))))


def _context(kept: "pd.DataFrame") -> tuple[tuple[str, ...], Floats | None]:
    """Names and values of the context's columns; a key that only some rows have is refused."""
    columns = [name for name in kept if str(name).startswith("context.")]
    if not columns:
        return (), None
    faults = Faults()
    for name in columns:
        faults.where(
            str(name), kept[name].isna().to_numpy(), "only other rows have this key, needed: in every row"
        )
    faults.stop()
    return tuple(str(name).removeprefix("context.") for name in columns), kept[columns].to_numpy(np.float64)
