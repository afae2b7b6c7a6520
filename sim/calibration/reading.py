"""From a file to a series: a CSV or a journal, read, put on the civil grid, and found to be enough.

Called by report.py; calls table or journal, then grid and enough. Raises ConfigError where the file is wrong, as for
any file that is.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from sim.calibration import journal
from sim.calibration.asked import Asked
from sim.calibration.enough import enough
from sim.calibration.faults import Faults, refuse
from sim.calibration.grid import series_of
from sim.calibration.journal import Moves
from sim.calibration.series import Series
from sim.calibration.table import rows_of


def read(path: Path, asked: Asked) -> tuple[Series, tuple[Moves, ...]]:
    """The series in a file, and what was done to levers meanwhile (nothing is known of that in a CSV)."""
    raw = path.read_bytes()
    if not raw.strip():
        refuse(str(path), "the file is empty")
    moves: tuple[Moves, ...] = ()
    if journal.is_journal(path):
        rows, moves = journal.rows_in(path, asked)
    else:
        rows = rows_of(path, _text(path, raw), asked)
    series = series_of(rows, asked, Faults(str(path)))
    known = replace(series, source=path.name, digest=hashlib.sha256(raw).hexdigest())
    return enough(known, str(path)), moves


def _text(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        refuse(
            str(path),
            f"not a text in UTF-8: a byte on line {line} belongs to none; save it as UTF-8 "
            "(a spreadsheet calls it CSV UTF-8)",
        )
