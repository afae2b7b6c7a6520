"""Where a plan names secrets: every `${env:NAME}` in it, so that logs and errors can put the names back.

Called by the daemon and by `check`; looks at dataclasses and containers only, and never at a value of the environment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from controller.quantities.redaction import Template


def templates_in(part: Any) -> Iterator[Template]:
    """Every template that names a variable, anywhere in a plan.

    >>> [str(found) for found in templates_in({"a": [Template("Bearer ${env:TOKEN}"), Template("plain")]})]
    ['Bearer ${env:TOKEN}']
    """
    if isinstance(part, Template):
        if part.names:
            yield part
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from templates_in(getattr(part, field.name))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from templates_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from templates_in(value)
