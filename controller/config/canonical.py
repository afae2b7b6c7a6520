"""The canonical text of a plan: what is hashed, and, with its entries in the file's order, journalled.

Called by the daemon at start and reload, by `export` and by changes.py. Written from the plan and not from the
file, so comments, order and spelling do not count; every value stands as a person would write it and defaults are
spelt out. A text that names a secret names it still: the value is never known here. The text is itself a config:
reading it back gives an equal plan, files beside it included.
"""

import dataclasses
import hashlib
import json
from datetime import date
from typing import Annotated, Any, get_args, get_origin

from controller.config.typed import alias, bare, hints
from controller.plan import Campaign, Cells
from controller.quantities import AmountOf, Quantity


def canonical(plan: Campaign) -> str:
    """One line a top-level key, keys in alphabetical order; JSON, which is YAML."""
    return _text(plan, in_order=True)


def journalled(plan: Campaign) -> str:
    """The same with entries in the order of the file: who stands first is numbered first and wins a tie."""
    return _text(plan, in_order=False)


def _text(plan: Campaign, in_order: bool) -> str:
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, sort_keys=in_order)}"
        for key, value in sorted(tree(plan).items())
    ]
    return "{" + ",\n ".join(lines) + "}\n"


def digest(plan: Campaign) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(plan).encode()).hexdigest()


def tree(plan: Any) -> dict[str, Any]:
    """A dataclass of the plan as nested plain values, written as in a config; empty and absent ones left out.

    >>> from controller.plan import Actuator
    >>> written = tree(Actuator(kind="dry_run", unit="share", start=0.03, limits=(0.03, 0.12)))
    >>> written["start"], written["limits"]
    ('3%', ['3%', '12%'])
    """
    if isinstance(plan, Cells) and plan.names:
        plan = dataclasses.replace(plan, from_=None)
    result: dict[str, Any] = {}
    kind: Any = type(plan)
    for name, hint in hints(kind).items():
        value = getattr(plan, name)
        if name == "settings":
            result |= _settings(value)
        elif value is not None and value not in ((), {}):
            result[alias(name)] = _written(value, hint, plan)
    return result


def _settings(settings: Any) -> dict[str, Any]:
    """A member's own keys, which stand beside the common ones."""
    if settings is None:
        return {}
    return dict(settings) if isinstance(settings, dict) else tree(settings)


def _written(value: Any, hint: Any, owner: object) -> Any:
    quantity = _quantity(hint)
    if isinstance(quantity, AmountOf):
        return quantity.write_in(value, owner)
    if quantity is not None:
        return quantity.write(value)
    inner = get_args(bare(hint))
    if isinstance(value, dict):
        kind = inner[1] if get_origin(bare(hint)) is dict else Any
        return {key: _written(part, kind, owner) for key, part in value.items()}
    if isinstance(value, tuple | list):
        many = len(inner) == len(value) and Ellipsis not in inner
        return [_written(part, inner[i] if many else (*inner, Any)[0], owner) for i, part in enumerate(value)]
    if hasattr(value, "__get_pydantic_core_schema__") or isinstance(value, date):
        return str(value)
    return tree(value) if dataclasses.is_dataclass(value) else value


def _quantity(hint: Any) -> Quantity | None:
    """How values of this type are written, where the type says so."""
    if get_origin(hint) is Annotated:
        own = next((part for part in get_args(hint)[1:] if isinstance(part, Quantity)), None)
        return own or _quantity(get_args(hint)[0])
    rest = [part for part in get_args(hint) if part is not type(None)]
    optional = len(rest) == 1 and type(None) in get_args(hint)
    return _quantity(rest[0]) if optional else None
