"""The exported JSON Schema says what the loader says, as far as a schema can."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from controller import registry
from controller.config import yaml12
from controller.config.schema import schema
from tests.config.sample import TEXT, changed

SCHEMA = schema()
LOOPS = sorted(Path(__file__).with_name("loops").glob("*.yaml"))


def faults(text):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(yaml12.read(text).value)]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", LOOPS, ids=lambda path: path.stem)
def test_the_sixteen_loops_pass(path):
    assert faults(path.read_text()) == []


def test_the_sample_passes():
    assert faults(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("campaign: sample", "campain: sample"),
        ("scan: 1m", "scan: 60"),
        ("scan: 1m", "scam: 1m"),
        ("settle: 5m", "settle: five minutes"),
        ("counter: true", "counter: yes"),
        ("total: 500000 CNY", "total: 500000"),
        ("lease_by: target", "lease_by: tarqet"),
        ("win_rate: raises", "win_rate: up"),
        ("gain: 0.5", "gan: 0.5"),
        ("gain: 0.5", "gain: high"),
        ("kind: updown", "kind: up and down"),
        ("at_most: 6 per day", "most: 6 per day"),
    ],
)
def test_what_the_loader_refuses_by_form_it_refuses_too(old, new):
    assert faults(changed(old, new))


def test_every_kind_on_disk_is_in_it():
    blocks = {"sensor": "sensors", "actuator": "actuators", "guardrail": "guardrails"}
    for family, block in blocks.items():
        choices = SCHEMA["properties"][block]["additionalProperties"]["anyOf"]
        assert {choice["title"] for choice in choices if "title" in choice} == {
            f"{family} {kind}" for kind in registry.kinds(family)
        }
