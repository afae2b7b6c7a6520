"""Every default of the response equations in one table: value, range, unit, source, and whether it is disputed.

Found by walking the modules, so that a new equation is in it by being there. For the documentation's table, and for
those who judge a policy over the disputed ranges. Called by documentation and sweeps; imports the modules it is told to
walk, by name; draws nothing.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass

from models.response.parameter import Parameter


@dataclass(frozen=True, slots=True)
class Row:
    """One default.

    Parameters
    ----------
    name: module and constant, `adstock.HALF_LIFE`.
    value, low, high: in `unit`.
    source: what it rests on.
    contested: whether published findings disagree.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    contested: bool


def rows(*packages: str) -> tuple[Row, ...]:
    """The defaults of packages (of the response equations where none is named), by module, in the order written.

    A default that a later package merely imports is not told twice.

    >>> [row for row in rows() if row.name == "hill.SLOPE"][0].value
    1.3
    """
    told: dict[int, Row] = {}
    for package in packages or ("models.response",):
        for name, parameter in _parameters(package):
            p = parameter
            told.setdefault(id(p), Row(name, p.value, p.low, p.high, p.unit, p.source, p.contested))
    return tuple(told.values())


def contested(*packages: str) -> tuple[Row, ...]:
    """The rows on whose value published findings disagree, or for which no portable value is published.

    >>> "expected_value" in {row.name.split(".")[0] for row in contested()}
    False
    """
    return tuple(row for row in rows(*packages) if row.contested)


def _parameters(package: str) -> Iterator[tuple[str, Parameter]]:
    root = importlib.import_module(package)
    if not hasattr(root, "__path__"):
        raise ValueError(f"a package of modules is walked, received {package!r}, which is a module")
    for name in sorted(info.name for info in pkgutil.walk_packages(root.__path__, f"{package}.")):
        for constant, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Parameter):
                yield f"{name.rpartition('.')[2]}.{constant}", value
