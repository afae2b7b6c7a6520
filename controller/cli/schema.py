"""`setpoint schema`: the JSON Schema of a campaign's file, for editors.

Called by its entry point; calls the config.
"""

import json

import click

from controller.cli import options


@click.command()
@options.as_json
def schema(as_json: bool) -> None:  # noqa: ARG001 (it is JSON either way)
    """Print the JSON Schema of a campaign's file, for editors.

    Save it, and begin the campaign with: # yaml-language-server: $schema=campaign.schema.json
    """
    from controller.config.schema import schema as made

    click.echo(json.dumps(made(), ensure_ascii=False, indent=2))
