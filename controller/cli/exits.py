"""Exit codes, and errors as text on stderr; docs/commands.md documents them.

Called by group.py around every subcommand; calls nothing but the tree of errors. An error is told in its own words,
without a traceback; what is not in the tree is a fault of ours and keeps its traceback.
"""

import click

from controller.errors import (
    CommandError,
    ConfigError,
    NotAvailable,
    PortError,
    SetpointError,
    StoreError,
    UnknownKind,
)

FOUND, USAGE, CONFIG, STORE, PORT, INTERRUPTED = 1, 2, 3, 4, 5, 130
_CODES: tuple[tuple[type[SetpointError], int], ...] = (
    (ConfigError, CONFIG),
    (UnknownKind, CONFIG),
    (NotAvailable, CONFIG),
    (StoreError, STORE),
    (PortError, PORT),
    (CommandError, FOUND),
)


class Failure(click.ClickException):
    """An error of the tree, as click ends a command with it."""

    def __init__(self, fault: SetpointError) -> None:
        super().__init__(str(fault))
        self.exit_code = code_of(fault)  # type: ignore[misc]  # click's own way; its stubs call it a class variable


def code_of(fault: SetpointError) -> int:
    """The exit code of an error.

    >>> from controller.errors import Refused, StoreBusy
    >>> code_of(StoreBusy("")), code_of(Refused("")), code_of(SetpointError(""))
    (4, 5, 1)
    """
    return next((code for kind, code in _CODES if isinstance(fault, kind)), FOUND)
