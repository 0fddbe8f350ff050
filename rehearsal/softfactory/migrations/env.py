"""Runs the migrations within the application's own settings."""

from logging.config import fileConfig

from alembic import context
from flask import current_app

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
database = current_app.extensions["migrate"].db


def run():
    """Run all migrations in one transaction."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations run against a database only")
run()
