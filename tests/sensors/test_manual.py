"""The manual of every sensor and actuator ends in YAML that loads in a campaign and builds the member."""

import re

import pytest
import yaml

from controller.assembly import cells_of
from controller.config import examine
from controller.live import actuators_of, sensors_of
from controller.registry import find, kinds

CAMPAIGN = {
    "campaign": "manual",
    "runs": {"from": "2026-06-01", "to": "2026-09-30", "timezone": "Europe/Berlin"},
    "cells": {"by": "store", "names": ["s1"]},
    "sensors": {
        name: {"kind": "csv_file", "file": "a.csv", "value_column": "v", "unit": "share", "window": "1h"}
        for name in ("units", "active_rate", "activation_rate", "share_rate")
    },
    "actuators": {
        "win_rate": {"kind": "dry_run", "unit": "share", "start": "3%", "safe": "3%", "limits": ["3%", "12%"]}
    },
    "loops": {
        "sales": {
            "every": "1h",
            "measure": "units",
            "target": {"keep_at": "5%"},
            "move": {"win_rate": "raises"},
            "policy": {"kind": "fixed"},
        }
    },
}


def with_snippet(family: str, kind: str) -> dict:
    manual = find(family, kind).manual
    snippet = re.search(r"```yaml\n(.*?)```\s*$", manual, re.DOTALL)
    assert snippet, f"the manual of {kind} ends in no YAML"
    entries = yaml.safe_load(snippet[1])
    assert [entry["kind"] for entry in entries[f"{family}s"].values()] == [kind]
    campaign = {**CAMPAIGN, f"{family}s": {**CAMPAIGN[f"{family}s"], **entries[f"{family}s"]}}
    unit = campaign["sensors"]["units"]["unit"]
    target = {"keep_at": "5%" if unit == "share" else "700 units/h"}
    return {**campaign, "loops": {"sales": {**CAMPAIGN["loops"]["sales"], "target": target}}}


@pytest.mark.parametrize(
    ("family", "kind"), [(family, kind) for family in ("sensor", "actuator") for kind in kinds(family)]
)
def test_the_manuals_yaml_is_a_member_that_can_be_built(family, kind):
    found = examine(yaml.safe_dump(with_snippet(family, kind), sort_keys=False))
    assert (found.problems, found.unavailable) == ((), ())
    cells = cells_of(found.plan)
    built = {**sensors_of(found.plan, cells), **actuators_of(found.plan, cells)}
    assert any(type(member) is find(family, kind).cls for member in built.values())
