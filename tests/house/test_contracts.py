"""The import contracts catch what they forbid; each is shown to fail on a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.places import PACKAGES, ROOT

PLANTED = {
    "floors": ("controller/planted.py", "import sim"),
    "models-numeric": ("models/planted.py", "import sqlite3"),
    "circles": ("models/planted.py", "import models.other", "models/other.py", "import models.planted"),
    "pure-inside": ("controller/policies/planted.py", "import controller.clock"),
    "pure-outside": ("controller/guardrails/planted.py", "import socket"),
    "loop-ports": ("controller/loop.py", "import controller.policies.pid", "controller/policies/pid.py", ""),
    "members": ("controller/sensors/a.py", "import controller.sensors.b", "controller/sensors/b.py", ""),
}


@pytest.fixture
def house(tmp_path):
    """A bare house under the same contracts, with a family's helper that its members share."""
    for package in [
        *PACKAGES,
        *(f"controller/{family}" for family in ("sensors", "actuators", "policies", "guardrails")),
    ]:
        write(tmp_path / package / "__init__.py", "")
    write(tmp_path / "controller" / "clock.py", "")
    write(tmp_path / "controller" / "sensors" / "_text.py", "")
    write(tmp_path / "controller" / "sensors" / "one.py", "import controller.sensors._text\n")
    write(
        tmp_path / "tests" / "house" / "family_contract.py",
        (ROOT / "tests/house/family_contract.py").read_text(),
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


def test_a_bare_house_keeps_them_all(house):
    run = lint(house)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(PLANTED)} kept, 0 broken" in run.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(house, contract):
    words = PLANTED[contract]
    for name, text in zip(words[::2], words[1::2], strict=True):
        write(house / name, text + "\n")
    run = lint(house)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{len(PLANTED) - 1} kept, 1 broken" in run.stdout


@pytest.mark.parametrize(
    "line",
    [
        "import time; time.time()",
        "from time import sleep",
        "from datetime import datetime; datetime.now()",
        "import random",
        "import numpy as np; np.random.default_rng(1)",
        "import secrets",
        "import uuid; uuid.uuid4()",
    ],
)
def test_clocks_and_generators_are_banned_by_lint(line):
    ruff = [str(Path(sys.executable).parent / "ruff"), "check", "--select", "TID251", "--no-cache"]
    for file, code in [("controller/loop.py", 1), ("models/noise.py", 1), ("tests/test_x.py", 0)]:
        command = [*ruff, "--stdin-filename", file, "-"]
        run = subprocess.run(
            command, cwd=ROOT, input=line + "\n", text=True, capture_output=True, check=False
        )
        assert run.returncode == code, (file, run.stdout)
