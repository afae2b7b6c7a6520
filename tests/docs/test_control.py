"""docs/control.md: its examples load, its code runs, and its table of features names tests that exist."""

import json
import re

import pytest
import yaml

from controller.config import check_text
from tests.docs.pages import blocks
from tests.house.places import ROOT

TEXT = (ROOT / "docs" / "control.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.*?) \| (.+?) \| (.*?) ?\|$", TEXT, re.MULTILINE)
BASE = yaml.safe_load(
    """
campaign: examples
runs: {scan: 5m}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 1h}
  margin: {kind: http_json, url: "http://127.0.0.1:1/", value_path: b, unit: CNY, window: 24h}
  at_risk: {kind: http_json, url: "http://127.0.0.1:1/", value_path: c, unit: share}
  optout_rate: {kind: http_json, url: "http://127.0.0.1:1/", value_path: d, unit: share}
  visits: {kind: http_json, url: "http://127.0.0.1:1/", value_path: e, unit: units/h, window: 1h}
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%], max_step: 1 point}
  reward: {kind: dry_run, unit: CNY, start: 3 CNY, safe: 3 CNY, limits: [3 CNY, 12 CNY], resolution: 0.5 CNY}
  need_b: {kind: dry_run, unit: count, levels: [1, 2, 3], start: 2, safe: 2}
  push: {kind: dry_run, unit: push/week, start: 1 push/week, safe: 0, limits: [0, 4 push/week]}
"""
)


@pytest.mark.parametrize("text", blocks(TEXT, "yaml"))
def test_an_example_loads(text):
    example = yaml.safe_load(text)
    whole = {**BASE, **example, "sensors": BASE["sensors"] | example.get("sensors", {})}
    assert check_text(json.dumps(whole)) == ()


def test_an_example_with_a_fault_would_not():
    text = blocks(TEXT, "yaml")[0].replace("gain: 0.5", "gian: 0.5")
    assert check_text(json.dumps({**BASE, **yaml.safe_load(text)})) != ()


def test_the_code_says_what_its_comments_say(capsys):
    space = {}
    exec(blocks(TEXT, "python")[0], space)
    found, gains = space["found"], space["gains"]
    assert (gains.gain, gains.integral_time) == (2.0, 8.0)
    assert f"{found.ms[0]:.2f} {found.delay_margin[0]:.2f}" == "1.59 2.14"
    assert "Ms" in capsys.readouterr().out


def test_every_feature_is_there_later_or_out():
    assert [int(row[0]) for row in ROWS] == list(range(1, 30))
    for _, feature, _, status, test in ROWS:
        assert re.search(r"\b(here|later|out)\b", status), feature
        if re.search(r"\bhere\b", status):
            assert test, f"{feature}: no test is named"


def test_the_tests_that_it_names_exist():
    named = {path for row in ROWS for path in re.findall(r"`(tests/\S+\.py)`", row[4])}
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).is_file()] == []
