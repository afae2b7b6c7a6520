"""docs/pacing.md: its campaign loads and can be played, and every other example loads within it."""

import json

import pytest

from controller.config import check_text, loads, yaml12
from sim.runs.runner import DAY, Run, finish, start
from sim.runs.scores import scores
from tests.docs.pages import blocks
from tests.house.places import ROOT

WHOLE, *PARTS = blocks((ROOT / "docs" / "pacing.md").read_text(), "yaml")
UNITS = {"kind": "csv_file", "file": "none.csv", "unit": "units/h", "window": "3h"}


def read(text):
    return yaml12.read(text, "docs/pacing.md").value


def test_the_campaign_loads():
    assert check_text(WHOLE) == ()


@pytest.mark.parametrize("text", PARTS)
def test_an_example_loads_within_it(text):
    campaign, example = read(WHOLE), read(text)
    if "policy" in example:
        campaign["loops"]["pace"]["policy"] = example.pop("policy")
    if "loops" in example:
        campaign["loops"] = example.pop("loops")
    sensors = campaign["sensors"] | {"units": UNITS} | example.pop("sensors", {})
    del campaign["market"]
    assert check_text(json.dumps({**campaign, **example, "sensors": sensors})) == ()


def test_the_campaign_can_be_played():
    campaign = loads(WHOLE)
    trace = finish(start(Run(campaign=campaign, seconds=4 * DAY, sparse=True)))
    found = scores(campaign, trace, 1)
    assert 0 < found.spend[0] < 50_000
    assert 0 < found.loss[0] < 1
