"""Setpoint's simulator: a market behind the controller's own ports, replay and reports; the top floor.

Imports `controller` and `models`; nothing below imports it. Runs the real loop, never a second one.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.journal import read_journal

__all__ = ["read_journal"]


def __getattr__(name: str) -> Any:
    """`sim.read_journal`, imported when it is first asked for: it brings pandas."""
    if name == "read_journal":
        from sim.journal import read_journal

        return read_journal
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
