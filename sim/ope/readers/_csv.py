"""A CSV as texts, its columns as numbers, and faults with the file's own lines; shared by the readers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from controller.errors import ConfigError, Problem, nearest
from sim.ope._faults import Faults, LogError
from sim.ope._log import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

HEAD = 2
"""Line of row 0: lines count from 1 and the first is the header."""


def table(path: Path, needed: tuple[str, ...], lines: int | None = None) -> "pd.DataFrame":
    """A CSV, or its first lines, every cell a text; ConfigError: no text, no table, columns missing or there twice."""
    import pandas as pd

    try:
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, header=None, encoding="utf-8-sig", nrows=lines
        )
    except pd.errors.EmptyDataError:
        raise ConfigError(str(path), [Problem(1, 1, "", "the file is empty")]) from None
    except (UnicodeDecodeError, pd.errors.ParserError) as fault:
        problem = Problem(1, 1, "", f"not a CSV in UTF-8: {fault}, allowed: one header and a row a decision")
        raise ConfigError(str(path), [problem]) from fault
    names = [name.strip() for name in frame.iloc[0]]
    frame = frame.iloc[1:].reset_index(drop=True)
    frame.columns = pd.Index(names)
    problems = [
        Problem(1, 1, name, f"no such column{nearest(name, names)}") for name in needed if name not in names
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [Problem(1, 1, name, "the column is there twice, allowed: once") for name in twice]
    if problems:
        raise ConfigError(str(path), problems)
    return frame


def numbers(frame: "pd.DataFrame", name: str, faults: Faults) -> Floats:
    """A column as numbers, nan where the cell is empty; texts that are no number are noted."""
    import pandas as pd

    texts = frame[name].str.strip()
    values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    wrong = np.isnan(values) & (texts != "").to_numpy()
    first = texts[wrong].iloc[0] if wrong.any() else ""
    faults.where(name, wrong, f"not a number, received {first!r}")
    return values


def slots(frame: "pd.DataFrame", name: str, faults: Faults) -> Ints | None:
    """Positions as whole numbers from 0, in the order of the file's own; None where the column is not there."""
    if name not in frame:
        return None
    values = numbers(frame, name, faults)
    off = ~(np.isfinite(values) & (values == np.floor(values)))
    faults.where(name, off, "not a whole number, allowed: whole numbers")
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@contextmanager
def lines_of(path: Path) -> Iterator[None]:
    """Faults of a log become faults of the file, with its lines."""
    try:
        yield
    except LogError as fault:
        problems = []
        for each in fault.faults:
            lines = [row + HEAD for row in each.rows]
            more = ", ..." if each.count > len(lines) else ""
            word = "line" if each.count == 1 else "lines"
            tail = f"; {each.count:,} {word}: {', '.join(map(str, lines))}{more}" if lines else ""
            problems.append(Problem(lines[0] if lines else 1, 1, each.column, each.text + tail))
        raise ConfigError(str(path), problems) from fault
