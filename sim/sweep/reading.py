"""A folder of results as a DataFrame, for analysts.

Called by notebooks, as `sim.read_sweep`; calls index.py, and pandas late. Reads only, also while a sweep is writing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.sweep.index import results_in
from sim.sweep.task import Task, Values, key_fields

if TYPE_CHECKING:
    import pandas as pd


def read_results(folder: str | Path) -> Iterator[tuple[Task, Values]]:
    """Each finished task and its values, in the order of the tasks; raises SweepError.

    Arrays come as they were, of any shape, and the task whole, long texts included.
    """
    for head, values in results_in(Path(folder)):
        yield head["task"], values


def read_sweep(folder: str | Path) -> "pd.DataFrame":
    """All finished tasks as one table; raises SweepError.

    Columns: `task` (place among the sweep's tasks), the short fields of each task (a mapping gives a column a key),
    then its values. Where the lists and arrays of a task all have one length, it gives a row an element (`element`
    counts them), single values repeated; else it gives one row, its arrays whole inside. An array of several axes
    is taken along its first. A name that both have is `task.NAME` for the task.
    """
    import pandas as pd

    fields, parts = dict[str, None](), list[pd.DataFrame]()
    for head, values in results_in(Path(folder)):
        told = {_apart(name, values): value for name, value in key_fields(head["task"]).items()}
        fields |= dict.fromkeys(told)
        parts.append(_part(head["number"], told, values))
    if not parts:
        return pd.DataFrame({"task": np.zeros(0, np.int64)})
    frame = pd.concat(parts, ignore_index=True)
    first = ["task", *fields, *([ELEMENT] if ELEMENT in frame else [])]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


ELEMENT = "element"


def _apart(name: str, values: Values) -> str:
    """The column of a field of the task."""
    return f"task.{name}" if name in values or name in ("task", ELEMENT) else name


def _part(number: int, fields: dict[str, Any], values: Values) -> "pd.DataFrame":
    """The rows of one task."""
    import pandas as pd

    values = {
        name: v.item() if isinstance(v, np.ndarray) and v.ndim == 0 else v for name, v in values.items()
    }
    long = {name for name, value in values.items() if isinstance(value, list) or np.ndim(value) > 0}
    lengths = {len(values[name]) for name in long}
    if len(lengths) != 1:
        row = {"task": number, **fields, **values}
        return pd.DataFrame({name: _column([value]) for name, value in row.items()})
    (count,) = lengths
    repeated = {name: _column([value] * count) for name, value in {"task": number, **fields}.items()}
    columns = {name: _column(v if name in long else [v] * count) for name, v in values.items()}
    return pd.DataFrame({**repeated, ELEMENT: np.arange(count), **columns})


def _column(values: Any) -> Any:
    """A column of single values; what an element holds beside those stays whole inside it."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return values
    import pandas as pd

    whole = any(isinstance(value, list | dict | np.ndarray) for value in values)
    return pd.Series(list(values), dtype=object) if whole else list(values)
