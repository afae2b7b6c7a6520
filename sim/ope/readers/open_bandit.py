"""Open Bandit files: the CSV layout of the public release of ZOZOTOWN's logs.

Columns used: `item_id`, `position`, `click`, `propensity_score`. The arms are those of `item_context.csv` beside the
file, where there is one, else those that the log shows. Features of users and items are not used. Source of the layout:
Saito, Aihara, Matsutani & Narita, arXiv 2008.07146, appendix.
"""

from pathlib import Path

import numpy as np

from sim.ope._faults import Faults, refuse
from sim.ope._log import Log
from sim.ope.readers._csv import lines_of, numbers, slots, table

COLUMNS = ("item_id", "position", "click", "propensity_score")


def read(path: Path) -> Log:
    """The log in a file; raises ConfigError with all faults and their lines."""
    frame = table(path, COLUMNS)
    beside = path.parent / "item_context.csv"
    known = table(beside, ("item_id",))["item_id"].str.strip().tolist() if beside.is_file() else []
    with lines_of(path):
        if frame.empty:
            refuse("log", "it is empty: 0 rows, allowed: 1 or more")
        faults = Faults()
        items = frame["item_id"].str.strip()
        arms = known or sorted(set(items), key=_order)
        place = {arm: number for number, arm in enumerate(arms)}
        action = items.map(lambda item: place.get(item, -1)).to_numpy(np.int64)
        faults.where("item_id", action < 0, f"an item that {beside.name} doesn't have")
        reward, propensity = (numbers(frame, name, faults) for name in ("click", "propensity_score"))
        position = slots(frame, "position", faults)
        faults.stop()
        return Log(arms=tuple(arms), action=action, reward=reward, propensity=propensity, position=position)


def _order(item: str) -> tuple[bool, int, str]:
    """Numbers by their size, then texts."""
    return (not item.isdecimal(), int(item) if item.isdecimal() else 0, item)
