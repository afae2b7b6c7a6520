"""A plain CSV, a decision a line: columns `action`, `reward`, `propensity`, and perhaps `position`, `context.NAME`.

`action` is any text; the arms are those that the log shows. Other columns are not used. A context is numbers only:
write classes as columns of 0 and 1.
"""

from pathlib import Path

import numpy as np

from sim.ope._faults import Faults, refuse
from sim.ope._log import Log
from sim.ope.readers._csv import lines_of, numbers, slots, table

COLUMNS = ("action", "reward", "propensity")


def read(path: Path) -> Log:
    """The log in a file; raises ConfigError with all faults and their lines."""
    frame = table(path, COLUMNS)
    with lines_of(path):
        if frame.empty:
            refuse("log", "it is empty: 0 rows, allowed: 1 or more")
        faults = Faults()
        names = frame["action"].str.strip()
        faults.where("action", (names == "").to_numpy(), "missing, allowed: an arm's name")
        arms, action = np.unique(names.to_numpy(dtype=str), return_inverse=True)
        reward, propensity = (numbers(frame, name, faults) for name in ("reward", "propensity"))
        known = [name for name in frame.columns if name.startswith("context.")]
        context = [numbers(frame, name, faults) for name in known]
        position = slots(frame, "position", faults)
        faults.stop()
        return Log(
            arms=tuple(map(str, arms)),
            action=action.astype(np.int64),
            reward=reward,
            propensity=propensity,
            position=position,
            context=np.column_stack(context) if context else None,
            features=tuple(name.removeprefix("context.") for name in known),
        )
