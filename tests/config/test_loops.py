"""The sixteen loops of the trade parse; what has no engine yet is refused by name and by place."""

import dataclasses
from pathlib import Path

import pytest

from controller import registry
from controller.config import check_text, load, loads
from controller.config.canonical import canonical
from controller.config.reserved import KINDS
from controller.errors import ConfigError

LOOPS = sorted(Path(__file__).with_name("loops").glob("*.yaml"))


def test_there_are_sixteen():
    assert [path.name[:2] for path in LOOPS] == [f"{n:02d}" for n in range(1, 17)]


@pytest.mark.parametrize("path", LOOPS, ids=lambda path: path.stem)
def test_each_parses_whole(path):
    plan = load(path, allow_reserved=True)
    assert plan.loops
    assert all(entry.settings is not None for entry in [*plan.sensors.values(), *plan.actuators.values()])
    again = loads(canonical(plan), allow_reserved=True)
    assert dataclasses.replace(again, cells=plan.cells) == plan
    assert again.cells.names == plan.cells.names


@pytest.mark.parametrize("path", LOOPS, ids=lambda path: path.stem)
def test_each_runs_or_says_what_is_not_there(path):
    """A reserved kind is refused by its own name and family, at its own place, and never as an unknown key."""
    problems = check_text(path.read_text(), folder=str(path.parent))
    assert all("available" in problem.text for problem in problems), problems
    plan = load(path, allow_reserved=True)
    policies = {("policy", loop.policy.kind) for loop in plan.loops.values()}
    sensors = {("sensor", sensor.kind) for sensor in plan.sensors.values()}
    actuators = {("actuator", actuator.kind) for actuator in plan.actuators.values()}
    guardrails = {("guardrail", guardrail.kind) for guardrail in plan.guardrails.values()}
    told = " ".join(problem.text for problem in problems)
    for family, kind in policies | sensors | actuators | guardrails:
        there = kind in registry.kinds(family)
        assert there or kind in KINDS[family]
        assert there or f"{family} kind {kind!r} is not available in this version" in told
    if problems:
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.problems == problems


def test_loops_that_this_version_carries_load_without_leave():
    carried = {path.stem for path in LOOPS if not check_text(path.read_text(), folder=str(path.parent))}
    assert {"01_win_rate", "05_traced_coupon", "07_recall", "12_pressure", "13_spam", "15_support"} <= carried
