"""The envelope: what of a campaign decides, so that evidence from a simulation speaks of the live file too.

Called by certificate.py and cover.py; calls the canonical writing of the config, so spelling, comments, the order of
entries and defaults do not count. In it: everything that the loop, its limits and the market follow. Not in it: how the
world is reached (kinds, addresses, queries, secrets and other settings of sensors and actuators) and what only gives
leave (`mode`, `auto_accepts`). A sensor that is worked out of others is no way to the world: its arithmetic decides.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from controller.config.canonical import tree
from controller.io.strict_json import write_json
from controller.plan import Campaign
from controller.quantities import write_duration
from controller.registry import find

LEAVE = ("mode", "auto_accepts")
"""Keys of a campaign that allow auto and change nothing that it does."""
WIRING = ("kind", "alive")
"""Keys of a sensor or an actuator that say how it is reached."""
SHOWN = 8
"""Values of a list that are written out in a sentence."""


def released() -> str:
    """The version of setpoint that is installed."""
    return version("setpoint")


def envelope(campaign: Campaign, *, setpoint: str | None = None) -> dict[str, Any]:
    """What decides, as nested plain values, written as in a config; `setpoint` is the version, None: the installed one.

    >>> sorted(envelope(Campaign(campaign="summer"), setpoint="1.0"))
    ['campaign', 'cells', 'holdout', 'loss', 'runs', 'setpoint']
    """
    written = {key: value for key, value in tree(campaign).items() if key not in LEAVE}
    written["setpoint"] = setpoint or released()
    parts = {
        "sensors": {name: _sensor(campaign, name) for name in campaign.sensors},
        "actuators": {name: _wired(plan) for name, plan in campaign.actuators.items()},
        "loops": {name: _loop(campaign, name) for name in campaign.loops},
    }
    written |= {key: part for key, part in parts.items() if part}
    plain: dict[str, Any] = json.loads(write_json(written))
    return plain


def envelope_digest(campaign: Campaign, *, setpoint: str | None = None) -> str:
    """SHA-256 of the envelope, in hexadecimal."""
    return digest_of(envelope(campaign, setpoint=setpoint))


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of plain values in their canonical JSON, in hexadecimal; raises BadJson for what JSON can't carry."""
    return hashlib.sha256(write_json(document)).hexdigest()


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """One line an entry in which two envelopes differ, in alphabetical order.

    >>> differences({"runs": {"scan": "1m"}, "holdout": "0%"}, {"runs": {"scan": "5m"}, "holdout": "0%"})
    ['runs.scan: 1m then, 5m now']
    """
    before, after = dict(_leaves(then, "")), dict(_leaves(now, ""))
    places = sorted(before.keys() | after.keys())
    return [
        f"{place}: {_told(before.get(place), after.get(place))}"
        for place in places
        if before.get(place) != after.get(place)
    ]


def _told(before: Any, after: Any) -> str:
    """Both values; two long lists of one length look alike and are still told apart."""
    first, second = _shown(before), _shown(after)
    return f"{first} then, {second if first != second else 'others'} now"


def _sensor(campaign: Campaign, name: str) -> dict[str, Any]:
    plan = campaign.sensors[name]
    derived = hasattr(find("sensor", plan.kind).cls, "read_from")
    written = tree(plan) if derived else _wired(plan)
    return {**written, "stale_after": write_duration(campaign.stale_after(name))}


def _wired(plan: Any) -> dict[str, Any]:
    """A sensor or an actuator without its wiring."""
    return {key: value for key, value in tree(replace(plan, settings=None)).items() if key not in WIRING}


def _loop(campaign: Campaign, name: str) -> dict[str, Any]:
    """A loop; a week's shape by its weights and not by its file, and several channels in their order of use."""
    plan = campaign.loops[name]
    written = tree(plan)
    if plan.target.shape is not None and plan.target.shape.weights:
        written["target"]["shape"].pop("file")
    return written | ({"order": list(plan.channels)} if len(plan.channels) > 1 else {})


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Place -> value of all that is no mapping, and of empty mappings."""
    if not isinstance(value, Mapping) or not value:
        yield place, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{place}.{key}" if place else str(key))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return (
            f"[{len(value)} values]" if len(value) > SHOWN else f"[{', '.join(str(part) for part in value)}]"
        )
    return str(value).lower() if isinstance(value, bool) else str(value)
