"""Whether a replay stands on the same ground as the life it repeats: equal bits there, 1e-12 elsewhere.

Called by sim/replay/replay.py with the fingerprint of a `start` row and this machine's own (controller/fingerprint.py);
pure.
"""

from collections.abc import Mapping
from typing import Any

UNKNOWN = ("fingerprint: none is recorded",)


def differs_in(recorded: Mapping[str, Any] | None, here: Mapping[str, Any]) -> tuple[str, ...]:
    """What is not the same, in words; empty where equal bits are promised.

    >>> there = {"python": "3.11.7", "versions": {"numpy": "2.4.6"}, "cpu": ["X86_V3", "X86_V4"]}
    >>> differs_in(there, there | {"cpu": ["X86_V3"]})
    ('cpu: X86_V3 X86_V4 then, X86_V3 now',)
    >>> differs_in(there, there | {"versions": {"numpy": "2.5.0"}})
    ('versions.numpy: 2.4.6 then, 2.5.0 now',)
    >>> differs_in(there, there), differs_in(None, there)
    ((), ('fingerprint: none is recorded',))
    """
    if not recorded:
        return UNKNOWN
    then, now = dict(_flat(recorded)), dict(_flat(here))
    return tuple(
        f"{name}: {then.get(name, 'nothing')} then, {now.get(name, 'nothing')} now"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    )


def _flat(tree: Mapping[str, Any], head: str = "") -> list[tuple[str, str]]:
    """Leaves by dotted name, each as text."""
    found = list[tuple[str, str]]()
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{head}{key}.")
        else:
            text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            found.append((f"{head}{key}", text or "none"))
    return found
