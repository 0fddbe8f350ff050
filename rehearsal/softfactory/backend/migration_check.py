"""The command `flask db check`, for systems whose Alembic has none."""

import sys

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate.cli import db as db_commands

from backend.extensions import db


def register():
    """Add the command where Alembic is older than 1.9."""
    if not hasattr(command, "check"):
        db_commands.add_command(check)


@click.command("check")
@click.option("-d", "--directory", help="The folder of the migrations.")
@with_appcontext
def check(directory=None):
    """Look whether models and database differ; exit with 1 if so."""
    config = current_app.extensions["migrate"].migrate.get_config(directory)
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True}
        )
        if set(context.get_current_heads()) != wanted:
            click.echo("Target database is not up to date.", err=True)
            sys.exit(1)
        differences = list(told(compare_metadata(context, db.metadata)))
    if differences:
        text = ", ".join(differences)
        click.echo(f"New upgrade operations detected: {text}", err=True)
        sys.exit(1)
    click.echo("No new upgrade operations detected.")


def told(differences):
    """Yield the kind and the table or column of each difference."""
    for one in differences:
        if isinstance(one, list):
            yield from told(one)
        elif one[0].startswith("modify"):
            yield f"{one[0]} {one[2]}.{one[3]}"
        else:
            yield f"{one[0]} {getattr(one[-1], 'name', one[-1])}"
