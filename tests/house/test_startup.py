"""Starting is cheap: `--help` of the command and of every subcommand, and `check`, load neither pandas nor scipy."""

from importlib.metadata import entry_points

import pytest

from tests.house.places import python

HEAVY = ("pandas", "scipy", "httpx2", "uvicorn", "starlette", "matplotlib")
SCRIPT = """
import sys
from controller.cli import main
sys.argv = ["setpoint", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*words: str) -> set[str]:
    run = python("-c", SCRIPT, *words)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.rpartition("LOADED")[2].split())


def test_help_loads_nothing_heavy():
    found = loaded("--help")
    assert "controller" in found
    assert found.isdisjoint({*HEAVY, "numpy", "pydantic", "yaml"})


@pytest.mark.parametrize("name", sorted(entry.name for entry in entry_points(group="setpoint.commands")))
def test_the_help_of_a_subcommand_loads_nothing_heavy(name):
    assert loaded(name, "--help").isdisjoint(HEAVY)


def test_check_loads_nothing_heavy(tmp_path):
    file = str(tmp_path / "campaign.yaml")
    loaded("init", file)
    assert loaded("check", file).isdisjoint({"pandas", "scipy"})
