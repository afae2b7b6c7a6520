"""JSON as the standard has it, and numbers that are numbers.

Called by whoever reads JSON from outside; calls nothing. Python's own reader takes NaN, Infinity, 1e999 and
repeated keys; here the first three become `NotANumber`, so that one bad cell does not lose its two hundred
neighbours and can never be taken for a value, and a repeated key is refused, since nobody can say which of the two
was meant.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from controller.io.numbers import BadValue, finite


class BadJson(ValueError):
    """The document can't be used; says where and why."""


@dataclass(frozen=True, slots=True)
class NotANumber:
    """What stood where JSON knows no such number: NaN, Infinity, 1e999."""

    text: str

    def __str__(self) -> str:
        return self.text


def read_json(body: bytes) -> Any:
    """The document; raises BadJson.

    >>> read_json(b'{"a": [1, 2.5, NaN]}')
    {'a': [1, 2.5, NotANumber(text='NaN')]}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ...
    controller.io.strict_json.BadJson: the key 'a' stands twice in one object
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_constant=NotANumber,
            parse_float=_float,
            parse_int=_int,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as fault:
        raise BadJson(f"not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise BadJson(f"not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}") from None
    except RecursionError:
        raise BadJson("nested too deeply") from None


def write_json(document: Any) -> bytes:
    """The document in one canonical form: sorted keys, no spaces, UTF-8; raises BadJson for what JSON can't carry."""
    try:
        text = json.dumps(
            document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (ValueError, TypeError) as fault:
        raise BadJson(f"can't be written as JSON: {fault}") from None
    return text.encode()


def number_of(value: object, *, text: bool = False) -> float:
    """A finite float from a JSON value; raises BadValue with the reason.

    `text` also takes numbers written as text, as ledgers do with money.

    >>> number_of(3), number_of("3.50", text=True)
    (3.0, 3.5)
    >>> number_of(True)
    Traceback (most recent call last):
    ...
    controller.io.numbers.BadValue: true is not a number
    """
    if value is None:
        raise BadValue("null is not a number")
    if isinstance(value, bool):
        raise BadValue(f"{str(value).lower()} is not a number")
    if isinstance(value, int | float):
        return finite(value)
    if isinstance(value, str) and text:
        return finite(value)
    kind = (
        "a list"
        if isinstance(value, list)
        else "an object"
        if isinstance(value, dict)
        else repr(str(value))[:40]
    )
    raise BadValue(f"{kind} is not a number")


def _float(text: str) -> float | NotANumber:
    value = float(text)
    return value if math.isfinite(value) else NotANumber(text[:40])


def _int(text: str) -> int | NotANumber:
    return int(text) if len(text) <= 300 else NotANumber(f"{text[:20]}...")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise BadJson(f"the key {twice!r} stands twice in one object")
    return made
