"""Which journal is meant, and opening it: one rule for every subcommand.

    --store PATH, else `store: path:` of the file after --daemon, else $SETPOINT_STORE, else ./setpoint.journal

Called by the subcommands; calls the stores, and the daemon's config where one is named. Never makes a journal: a
mistyped path is told, not filled.
"""

import os
from pathlib import Path

from controller.errors import StoreError
from controller.store.sqlite import SqliteStore

VARIABLE = "SETPOINT_STORE"
DEFAULT = "setpoint.journal"


def place_of(store: str | None, daemon: str | None) -> tuple[Path, str]:
    """The path, and which part of the rule gave it; raises ConfigError."""
    if store is not None:
        return Path(store), "--store"
    if daemon is not None:
        from controller.config.daemon import load_daemon

        return Path(load_daemon(daemon).store.path.path), daemon
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]), f"${VARIABLE}"
    return Path(DEFAULT), "the default"


def open_store(store: str | None, daemon: str | None, *, readonly: bool = True) -> SqliteStore:
    """The journal itself; raises StoreError that says by which rule it was looked for there."""
    path, rule = place_of(store, daemon)
    if not path.is_file():
        how = f"give --store, --daemon or ${VARIABLE}"
        raise StoreError(f"there is no journal at {path} (by {rule}): {how}, or start a daemon there first")
    return SqliteStore(path, readonly=readonly, create=False)
