"""The index of a folder: a line of JSON a finished task, for a quick look and for the order of the tasks.

Called by folder.py, which writes it, and by reading.py. The files of results are the truth; what a line says stands in
its file too.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.sweep.codec import Unreadable, decode
from sim.sweep.errors import SweepError
from sim.sweep.layout import INDEX, RESULTS, check, result_at
from sim.sweep.task import Values, key_fields

_TOLD = ("number", "digest", "function", "version", "ground")


def line_of(head: Mapping[str, Any]) -> str:
    """The line of a result, from what its file says of its task."""
    told = {name: head[name] for name in _TOLD}
    return json.dumps({**told, "task": key_fields(head["task"])}, ensure_ascii=False) + "\n"


def lines_of(place: Path) -> tuple[dict[str, str], int]:
    """Lines by digest, and how many are no whole line."""
    try:
        text = (place / INDEX).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}, 0
    *whole, rest = text.split("\n")
    found, cut = dict[str, str](), int(bool(rest))
    for line in whole:
        try:
            found[json.loads(line)["digest"]] = line + "\n"
        except (ValueError, LookupError, TypeError):
            cut += 1
    return found, cut


def digests_in(place: Path) -> frozenset[str]:
    """Digests of all finished tasks."""
    return frozenset(path.stem for path in (place / RESULTS).glob("*.npz"))


def results_in(place: Path) -> Iterator[tuple[dict[str, Any], Values]]:
    """What each file says of its task, and its values, in the order of the tasks; raises SweepError."""
    check(place)
    lines, _ = lines_of(place)
    there = digests_in(place)
    numbers = {digest: json.loads(line).get("number") for digest, line in lines.items() if digest in there}
    for digest in there - numbers.keys():
        numbers[digest] = _read(place, digest)[0]["number"]
    for digest in sorted(there, key=lambda each: (numbers[each], each)):
        yield _read(place, digest)


def _read(place: Path, digest: str) -> tuple[dict[str, Any], Values]:
    path = result_at(place, digest)
    try:
        return decode(path.read_bytes())
    except Unreadable as fault:
        raise SweepError(f"{path} is damaged ({fault}); the sweep, run again, does its task again") from fault
