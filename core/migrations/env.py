"""Runs the migrations on the connection that ``core.schema`` hands in, or on SUNLINE_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from core.db import Database
from core.schema import import_models, render_item

import_models()


def run(connection: Connection) -> None:
    """Migrate on this connection in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    database = Database(os.environ.get("SUNLINE_DATABASE_URL", "sqlite:///var/sunline.db"))
    with database.engine.connect() as connection:
        run(connection)
    database.close()
