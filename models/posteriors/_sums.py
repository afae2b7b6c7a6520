"""What every posterior asks of its sums, and how they are kept: arrays by name, as JSON has them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
VERSION = 1
"""Of the saved layout."""
Kind = TypeVar("Kind")


def amounts(name: str, value: ArrayLike, shape: tuple[int, ...], least: float = 0.0) -> Array:
    """An array of that shape, finite and at least so much; raises ValueError with what was received."""
    found = np.asarray(value, np.float64)
    if found.shape != shape:
        raise ValueError(f"{name} has shape {found.shape}, allowed: {shape}, cells by arms")
    bad = ~(np.isfinite(found) & (found >= least))
    if bad.any():
        raise ValueError(f"{name} holds {found[bad][0]:g}, allowed: finite numbers of {least:g} or more")
    return found


def share(keep: float) -> float:
    """What stays of earlier sums; raises ValueError outside (0, 1]."""
    if not 0 < keep <= 1:
        raise ValueError(f"keep is {keep:g}, allowed: above 0, up to 1 (1 forgets nothing)")
    return keep


def positive(**given: float) -> None:
    """Raises ValueError for a number of a prior that is not above zero."""
    for name, value in given.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value:g}, allowed: finite, above 0")


def saved(state: Any) -> dict[str, Any]:
    """Small JSON: `version`, and each field by its name."""
    values = {each.name: getattr(state, each.name) for each in fields(state)}
    return {
        "version": VERSION,
        **{n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in values.items()},
    }


def restored(kind: type[Kind], data: Mapping[str, Any], numbers: Sequence[str]) -> Kind:
    """The state that was saved, bit for bit; raises ValueError for another version or other fields."""
    names = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if data.get("version") != VERSION or set(data) != names | {"version"}:
        raise ValueError(f"saved as version {data.get('version')} with {sorted(data)}, allowed: version {VERSION} "
                         f"with {sorted(names)}")  # fmt: skip
    return kind(
        **{name: data[name] if name in numbers else np.array(data[name], np.float64) for name in names}
    )
