"""The command `setpoint`: subcommands found by entry points, imported only when asked for.

    group       the command itself: subcommands, --help, --version   exits    exit codes, errors as text
    where       which store is meant                                 output   text or JSON, never both
    options     options that several subcommands share               answer   what the daemon says to an order
    orders      what an operator posts (hold, mode, override, ...)   view     the journal's last rows, for status
    names       what a journal says of names and units

The top of this floor: nothing in controller/ imports it.
"""

from controller.cli.group import main

__all__ = ["main"]
