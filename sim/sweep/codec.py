"""A finished task as one file: a zip of JSON and .npy parts, which numpy.load and any unzip read.

Called by folder.py to write and read, by work.py to judge a result where it was made. Nothing in it depends on when or
in what order it was written, so equal results are equal files. Holds no pickle.

    task.json    function, version, task, digest, ground      values.json   names in order, and what is no array
    NAME.npy     each array
"""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.sweep.errors import SweepError
from sim.sweep.task import Values

HEAD, VALUES, ARRAY = "task.json", "values.json", ".npy"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""A zip notes a time for each part; this one is always the same."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, LookupError, ValueError, TypeError,
)  # fmt: skip
"""What reading a damaged zip may raise."""


class Unreadable(Exception):
    """A file that is no finished result: cut short, changed, or of something else."""


def plain(values: object) -> Values:
    """A result as it is kept: NumPy's scalars as numbers, tuples as lists; raises SweepError where it can't be kept.

    >>> plain({"loss": np.float64(0.5), "at": (1, 2)})
    {'loss': 0.5, 'at': [1, 2]}
    >>> plain({"when": object()})
    Traceback (most recent call last):
    sim.sweep.errors.SweepError: result when: can't be kept, received object, allowed: numbers, texts, lists, mappings,
    NumPy arrays of numbers or texts
    """
    if not isinstance(values, Mapping):
        raise SweepError(f"a result is a mapping of names to values, received {type(values).__name__}")
    kept: Values = {}
    for name, value in values.items():
        if not isinstance(name, str) or not name or "/" in name or "\\" in name:
            raise SweepError(f"a result's names are texts without a slash, received {name!r}")
        exact = type(value) is np.ndarray and not value.dtype.hasobject
        kept[name] = value if exact else _json(value, f"result {name}")
    return kept


def _json(value: Any, path: str) -> Any:
    if isinstance(value, np.generic) and not isinstance(value, np.void | np.datetime64 | np.timedelta64):
        value = value.item()
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, list | tuple):
        return [_json(inner, f"{path}[{number}]") for number, inner in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _json(inner, f"{path}.{key}") for key, inner in value.items()}
    allowed = "numbers, texts, lists, mappings, NumPy arrays of numbers or texts"
    raise SweepError(f"{path}: can't be kept, received {type(value).__name__}, allowed: {allowed}")


def encode(head: Mapping[str, Any], values: Values) -> bytes:
    """The file's bytes; `head` is what it says of its task."""
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in values.items() if name not in arrays}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        _add(pack, HEAD, _text(head), zipfile.ZIP_DEFLATED)
        _add(pack, VALUES, _text({"names": list(values), "values": rest}), zipfile.ZIP_DEFLATED)
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, array, allow_pickle=False)
            _add(pack, name + ARRAY, part.getvalue(), zipfile.ZIP_STORED)
    return out.getvalue()


def decode(data: bytes) -> tuple[dict[str, Any], Values]:
    """Head and values of a file, every part checked by its sum; raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            head, told = json.loads(pack.read(HEAD)), json.loads(pack.read(VALUES))
            arrays = {name: _array(pack, name) for name in told["names"] if name not in told["values"]}
    except _BROKEN as fault:
        raise Unreadable(str(fault) or type(fault).__name__) from fault
    return head, {name: arrays.get(name, told["values"].get(name)) for name in told["names"]}


def _text(value: Any) -> bytes:
    """JSON as Python writes it: numbers to the last bit, NaN as such."""
    return json.dumps(value, ensure_ascii=False).encode()


def _add(pack: zipfile.ZipFile, name: str, data: bytes, how: int) -> None:
    pack.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, how)


def _array(pack: zipfile.ZipFile, name: str) -> Any:
    return np.lib.format.read_array(io.BytesIO(pack.read(name + ARRAY)), allow_pickle=False)
