"""States as JSON: written in full precision, read back bit for bit, refused where they are of another kind."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

VERSION = 1
State = TypeVar("State")


def saved(state: Any) -> dict[str, Any]:
    """A state (a dataclass of arrays and numbers) as plain lists and numbers, for `json.dumps`.

    >>> from models.inference.mixture import Moments
    >>> saved(Moments.none((1,)).seen([[2.0, 4.0]]))["mean"]
    [3.0]
    """
    found: dict[str, Any] = {"kind": type(state).__name__, "version": VERSION}
    for field in fields(state):
        value = getattr(state, field.name)
        found[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
    return found


def restored(kind: type[State], data: Mapping[str, Any]) -> State:
    """The state that `saved` wrote; ValueError for another kind, version or set of fields.

    >>> from models.inference.mixture import Moments
    >>> restored(Moments, {"kind": "Bernstein", "version": 1})
    Traceback (most recent call last):
    ValueError: kind: received 'Bernstein', allowed is 'Moments'
    """
    for name, wanted in (("kind", kind.__name__), ("version", VERSION)):
        if data.get(name) != wanted:
            raise ValueError(f"{name}: received {data.get(name)!r}, allowed is {wanted!r}")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if (given := set(data) - {"kind", "version"}) != known:
        raise ValueError(f"fields of {kind.__name__}: received {sorted(given)}, allowed are {sorted(known)}")
    return kind(**{name: _read(data[name]) for name in known})


def _read(value: Any) -> Any:
    """Lists are arrays; pairs of numbers that are settings are written as tuples and checked by their kind."""
    return np.asarray(value, np.float64) if isinstance(value, list) else value
