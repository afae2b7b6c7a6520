"""A task: the name of a function, and plain data for it; so the same work can be done anywhere and has one digest.

Called by everything beside it; calls json and hashlib. A function is named by its place, `package.module:name`, never
sent; it takes the task and returns a mapping of names to numbers, texts, lists or NumPy arrays.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from controller.fingerprint import fingerprint
from sim.sweep.errors import SweepError

Task = Mapping[str, Any]
"""JSON's values under names: texts, finite numbers, true, false, null, lists and mappings of these."""
Values = dict[str, Any]
"""A result: JSON's values and NumPy arrays, under names."""
LONGEST = 100
"""Characters of a key field; longer ones (a config's text) stay in the task alone."""
_PLACE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def release() -> str:
    """The released version of Setpoint, which is part of every digest."""
    return str(fingerprint()["versions"]["setpoint"])


def ground() -> str:
    """A short digest of what arithmetic rests on here (versions, machine, processor): equal ground, equal bits."""
    return hashlib.sha256(canonical(fingerprint()).encode()).hexdigest()[:12]


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(function: str, task: Task, version: str) -> str:
    """SHA-256 over function, task and released version, in hexadecimal; raises SweepError where that is no plain data.

    >>> digest_of("a:f", {"x": 1, "y": [2]}, "1.0") == digest_of("a:f", {"y": [2], "x": 1}, "1.0")
    True
    >>> digest_of("a:f", {"x": 1}, "1.0") == digest_of("a:f", {"x": 1}, "1.1")
    False
    """
    fault = next(_faults(task, "task"), None)
    if fault is not None:
        raise SweepError(fault)
    return hashlib.sha256(canonical([function, task, version]).encode()).hexdigest()


def _faults(value: Any, path: str) -> Iterator[str]:
    """What is no plain data in a value, with its place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str):
                yield from _faults(inner, f"{path}.{key}")
            else:
                yield f"{path}: a key of a task is a text, received {key!r}"
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _faults(inner, f"{path}[{number}]")
    elif not isinstance(value, str | int | float | None):
        kind = type(value).__name__
        yield f"{path}: not plain data, received {kind}, allowed: texts, numbers, true, false, null, lists, mappings"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: not a finite number, received {value}, allowed: a finite number, or null for what is unknown"


def resolve(function: str) -> Callable[[Task], Mapping[str, Any]]:
    """The function at a place; raises SweepError.

    >>> resolve("math:isnan").__name__
    'isnan'
    >>> resolve("math")
    Traceback (most recent call last):
    sim.sweep.errors.SweepError: not the place of a function, received 'math', allowed: package.module:name
    """
    if not _PLACE.fullmatch(function):
        raise SweepError(f"not the place of a function, received {function!r}, allowed: package.module:name")
    module, _, name = function.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as fault:
        raise SweepError(f"no function {function!r} here: {fault}") from fault
    if not callable(found):
        raise SweepError(f"{function} is no function, received {type(found).__name__}")
    called: Callable[[Task], Mapping[str, Any]] = found
    return called


def key_fields(task: Task) -> dict[str, Any]:
    """What tells a task from others, by name: short values; a mapping gives one field a key, a list its JSON.

    >>> key_fields({"seed": 3, "settings": {"loops.sales.policy.gain": 0.5}, "config": "x" * 999, "at": [1, 2]})
    {'seed': 3, 'loops.sales.policy.gain': 0.5, 'at': '[1,2]'}
    """
    flat: dict[str, Any] = {}
    for name, value in task.items():
        if isinstance(value, Mapping):
            flat |= {(f"{name}.{key}" if key in task else key): inner for key, inner in value.items()}
        else:
            flat[name] = value
    plain = {key: canonical(v) if isinstance(v, list | tuple | dict) else v for key, v in flat.items()}
    return {key: value for key, value in plain.items() if not isinstance(value, str) or len(value) <= LONGEST}


def shown(task: Task) -> str:
    """The key fields in words.

    >>> shown({"seed": 3, "gain": 0.5})
    'seed=3, gain=0.5'
    """
    return ", ".join(f"{key}={value}" for key, value in key_fields(task).items()) or "no short field"
