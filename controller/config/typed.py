"""Plain values into dataclasses: pydantic behind one function, its errors in our words.

Called by parse.py, members.py and daemon.py; calls pydantic, imported when something is read. Strict: no value is
changed into another type, unknown keys are refused with the nearest known one. Values pass through JSON, whose
strict mode takes lists for tuples and mappings for dataclasses and nothing else.
"""

import dataclasses
import difflib
import json
import re
import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from controller.config.document import Fault, Path
from controller.errors import nearest
from controller.quantities.units import shown

_ALLOWED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
}


def alias(name: str) -> str:
    """The key in the file of a field: the trailing underscore that keeps a name from being a keyword is not written."""
    return name.rstrip("_")


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(strict=True, extra="forbid", alias_generator=alias)
    return TypeAdapter(tuple[kind], config=config)


def schema_of(kind: Any) -> dict[str, Any]:
    """JSON Schema of one value of this type, with its `$defs`."""
    whole: dict[str, Any] = _adapter(kind).json_schema()
    inner: dict[str, Any] = whole["prefixItems"][0]
    return {**inner, "$defs": whole.get("$defs", {})}


def typed(
    kind: Any, value: Any, path: Path, faults: list[Fault], context: dict[str, Any] | None = None
) -> Any:
    """The value as `kind`, or None with the faults added to the list."""
    from pydantic import ValidationError

    try:
        return _adapter(kind).validate_json(json.dumps([value]), context=context)[0]
    except ValidationError as errors:
        faults.extend(_faults(errors.errors(include_url=False), kind, path))
        return None


def _faults(errors: list[Any], kind: Any, path: Path) -> Iterator[Fault]:
    for error in errors:
        inner = tuple(error["loc"][1:])
        yield Fault(
            (*path, *inner), _text(error, kind, inner), at_key=error["type"] == "unexpected_keyword_argument"
        )


def _text(error: Any, kind: Any, path: Path) -> str:
    name, received = error["type"], error.get("input")
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return str(cause)
    if name == "missing":
        return "this key is required" if path and isinstance(path[-1], str) else "too few values in the list"
    if name == "unexpected_keyword_argument":
        return f"unknown key {path[-1]!r}{nearest(str(path[-1]), keys_of(_descend(kind, path[:-1])))}"
    if name == "literal_error":
        return _choice(received, str(error["ctx"]["expected"]))
    if name in _ALLOWED:
        return f"wrong type, received {shown(received)}, allowed: {_ALLOWED[name]}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, received {shown(received)}"


def _choice(received: object, expected: str) -> str:
    choices = re.findall(r"'([^']*)'", expected)
    close = difflib.get_close_matches(str(received), choices, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    allowed = ", ".join(choices) or expected.lower()
    return f"not a choice here, received {shown(received)}; {guess}allowed: {allowed}"


def keys_of(kind: Any) -> tuple[str, ...]:
    """Keys that a mapping of this type may have; none where that is not a dataclass."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(alias(field.name) for field in dataclasses.fields(kind))


@cache
def hints(kind: type[Any]) -> dict[str, Any]:
    """Field name -> type, Annotated metadata kept."""
    return get_type_hints(kind, include_extras=True)


def bare(kind: Any) -> Any:
    """A type without Annotated and without None."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        rest = [part for part in get_args(kind) if part is not type(None)]
        return bare(rest[0]) if len(rest) == 1 else kind
    return kind


def _descend(kind: Any, path: Path) -> Any:
    """The type of the value at a path inside one of this type."""
    kind = bare(kind)
    for part in path:
        if dataclasses.is_dataclass(kind):
            fields = {
                alias(name): hint
                for name, hint in hints(kind if isinstance(kind, type) else type(kind)).items()
            }
            kind = bare(fields.get(str(part), Any))
        elif get_origin(kind) is dict:
            kind = bare(get_args(kind)[1])
        elif get_origin(kind) is tuple and isinstance(part, int):
            inner = get_args(kind)
            kind = bare(inner[0] if inner[-1] is Ellipsis else inner[min(part, len(inner) - 1)])
    return kind
