"""The scenarios on disk, found by their names.

Called by the evidence, the command line and the tests over the folder; a new scenario is one file and no other edit.
"""

import pkgutil
from functools import cache
from importlib import import_module

import sim.scenarios
from controller.errors import UnknownKind
from sim.scenarios._base import Scenario


@cache
def kinds() -> tuple[str, ...]:
    """Names of the scenarios, the calm one first, then in alphabetical order.

    >>> kinds()[0], "zero_gain" in kinds()
    ('steady', True)
    """
    names = [m.name for m in pkgutil.iter_modules(sim.scenarios.__path__) if not m.name.startswith("_")]
    return tuple(sorted(names, key=lambda name: (name != "steady", name)))


@cache
def scenario(kind: str) -> Scenario:
    """The scenario of a kind; raises UnknownKind."""
    if kind not in kinds():
        raise UnknownKind("scenario", kind, kinds())
    found: Scenario = import_module(f"sim.scenarios.{kind}").SCENARIO
    return found


def core() -> tuple[str, ...]:
    """The scenarios that stand in every report."""
    return tuple(kind for kind in kinds() if scenario(kind).core)
