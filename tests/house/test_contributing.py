"""The example in CONTRIBUTING.md is a real member: it type-checks, lints, and limits."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from controller.cells import Cells
from controller.ports import Context, GuardrailScope
from controller.signals import Channel, Civil, Tick
from tests.house.places import ROOT, python

EXAMPLE = re.search(
    r"^````python\n(.*?)^````$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE | re.DOTALL
)[1]


@pytest.fixture
def night(monkeypatch):
    module = ModuleType("night")
    monkeypatch.setitem(sys.modules, "night", module)
    exec(compile(EXAMPLE, "night.py", "exec"), module.__dict__)
    return module


def test_limits_at_night_only(night):
    cells = Cells(("a", "b"))
    channel = Channel(name="win_rate", unit="share", low=0.03, high=0.12, start=0.03, safe=0.03)
    rule = night.NightGuardrail(GuardrailScope(cells, {"win_rate": channel}), night.Settings(ceiling=0.05))
    civil = Civil(np.array([23, 24 + 12]), np.array([1, 2]), np.zeros(2), np.zeros(2, bool))
    (bound,) = rule.limit(Context(Tick(0, 0.0, 60.0, civil), {}, {}))
    assert bound.channel == "win_rate"
    np.testing.assert_array_equal(bound.high, [0.05, np.nan])


def test_passes_the_checks_of_the_house(tmp_path):
    file = Path(tmp_path, "night.py")
    file.write_text(EXAMPLE)
    for words in (["ruff", "check", "--config", str(ROOT / "pyproject.toml")], ["mypy", "--strict"]):
        run = python("-m", *words, str(file), cwd=ROOT)
        assert run.returncode == 0, run.stdout + run.stderr
