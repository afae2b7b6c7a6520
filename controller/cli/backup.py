"""`setpoint backup`: a whole copy of the journal, beside a running daemon.

Called by its entry point; calls the store.
"""

import click

from controller.cli import options
from controller.cli.output import emit


@click.command()
@click.argument("target", metavar="DEST", type=click.Path(dir_okay=False))
@options.store
@options.as_json
def backup(target: str, store: str | None, daemon: str | None, as_json: bool) -> None:
    """Write a whole, compact copy of the journal to a new file.

    Safe beside a running daemon; nothing is ever overwritten, and a copy that fails leaves nothing behind.
    """
    from controller.cli.where import open_store

    opened = open_store(store, daemon, readonly=False)
    try:
        size = opened.backup(target)
    finally:
        opened.close()
    emit(
        {"store": str(opened.path), "backup": target, "bytes": size},
        [f"{target}: {size / 1e6:,.1f} MB, a copy of {opened.path}"],
        as_json,
    )
