"""Starting is cheap: `--help` of the command and of every subcommand loads neither pandas nor scipy."""

from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest

from tests.house.places import python

HEAVY = ("pandas", "scipy", "httpx2", "uvicorn", "starlette", "matplotlib")
SCRIPT = """
import sys
from controller.cli import main
sys.argv = ["setpoint", *sys.argv[1:], "--help"]
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


@pytest.fixture(autouse=True)
def _needs_the_command():
    if find_spec("controller.cli") is None:
        pytest.skip("controller/cli is not there yet, so there is nothing to start")


def test_help_loads_nothing_heavy():
    found = loaded()
    assert "controller" in found
    assert found.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", sorted(entry.name for entry in entry_points(group="setpoint.commands")))
def test_the_help_of_a_subcommand_loads_nothing_heavy(name):
    assert loaded(name).isdisjoint(HEAVY)
