"""Which journal a subcommand of the simulator's floor reads: the one it is given, else by the rule of every other.

Called by replay.py and export.py; calls controller/cli/where.py. Never makes a journal.
"""

from pathlib import Path

from controller.cli.where import VARIABLE, place_of
from controller.errors import StoreError


def journal_at(given: Path | None, store: str | None, daemon: str | None) -> Path:
    """The path of a journal that is there; raises StoreError, and ConfigError for a daemon's file with faults."""
    place, rule = (given, "the argument") if given is not None else place_of(store, daemon)
    if not place.is_file():
        allowed = f"JOURNAL, --store, --daemon or ${VARIABLE}"
        raise StoreError(f"there is no journal at {place} (by {rule}), allowed: a file, named by {allowed}")
    return place
