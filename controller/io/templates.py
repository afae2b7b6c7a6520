"""Forms of requests: a JSON value in which `{part}` stands for a part of what is sent.

Called by the http actuator; calls nothing. Only the parts that are handed in can be named; nothing is evaluated.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PART = re.compile(r"\{([a-z_]+)\}")


def filled(form: Any, parts: Mapping[str, Any]) -> Any:
    """The form with its parts put in; a text that is one part alone becomes the part itself, whatever its type.

    >>> filled({"odds": "{value}", "ref": "setpoint/{id}"}, {"value": 0.035, "id": "a.1"})
    {'odds': 0.035, 'ref': 'setpoint/a.1'}
    """
    if isinstance(form, dict):
        return {key: filled(inner, parts) for key, inner in form.items()}
    if isinstance(form, list):
        return [filled(inner, parts) for inner in form]
    if not isinstance(form, str):
        return form
    whole = _PART.fullmatch(form)
    if whole and whole[1] in parts:
        return parts[whole[1]]
    return _PART.sub(lambda match: str(parts.get(match[1], match[0])), form)


def parts_in(form: Any) -> Iterator[str]:
    """Names of the parts that a form asks for.

    >>> list(parts_in({"odds": "{value}", "list": ["{id}"]}))
    ['value', 'id']
    """
    if isinstance(form, str):
        yield from _PART.findall(form)
    elif isinstance(form, dict | list):
        for inner in form.values() if isinstance(form, dict) else form:
            yield from parts_in(inner)
