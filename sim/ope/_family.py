"""The estimators on disk, found by their names; a new one is one file and no other edit."""

import pkgutil
from functools import cache
from importlib import import_module

import sim.ope
from controller.errors import UnknownKind
from sim.ope._base import Estimator


@cache
def kinds() -> tuple[str, ...]:
    """Names of the estimators, in alphabetical order.

    >>> kinds()[:2]
    ('cross_fitted_dr', 'direct')
    """
    found = pkgutil.iter_modules(sim.ope.__path__)
    return tuple(sorted(m.name for m in found if not m.ispkg and not m.name.startswith("_")))


@cache
def estimator(kind: str) -> Estimator:
    """The estimator of a kind; raises UnknownKind."""
    if kind not in kinds():
        raise UnknownKind("estimator", kind, kinds())
    found: Estimator = import_module(f"sim.ope.{kind}").ESTIMATOR
    return found
