"""Setpoint's simulator: a market behind the controller's own ports, replay, evidence and sweeps; the top floor.

Imports `controller` and `models`; nothing below imports it. Runs the real loop, never a second one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.journal.journal import read_journal
    from sim.sweep.reading import read_sweep

__all__ = ["read_journal", "read_sweep"]

_PLACES = {"read_journal": "sim.journal.journal", "read_sweep": "sim.sweep.reading"}


def __getattr__(name: str) -> Any:
    """The package's functions, imported when they are first asked for: they bring pandas."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
