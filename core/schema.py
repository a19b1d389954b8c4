"""The schema: migrations forward, and the proof that they give what the models say."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection
from sqlmodel import Session, SQLModel

from core.columns import UTCDateTime
from core.crypto import EncryptedJSON, EncryptedText
from core.db import Database

_PACKAGES = ("core", "adapters", "notify", "faq", "bot")


def import_models() -> None:
    """Import every module that may define a table, so that the metadata is whole.

    By name, not by import statement: the floor knows which houses stand on it, not what is in them.
    """
    for package in _PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            leaf = module.name.rsplit(".", 1)[-1]
            if leaf.endswith("models") or (module.name.startswith("core.") and ".migrations" not in module.name):
                importlib.import_module(module.name)


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our column types as plain ones in migrations, so that old migrations never import product code."""
    if kind != "type":
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, EncryptedText | EncryptedJSON):
        return "sa.LargeBinary()"
    if isinstance(item, BigInteger) and item._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if type(item).__module__.startswith("sqlmodel"):
        return f"sa.String(length={item.length!r})"
    return False


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(db: Database, to: str = "head") -> None:
    """Bring the database to the newest schema (or another revision); nothing happens when it is there already.

    Raises Unavailable when the database cannot be reached.
    """
    current(db)
    with db.engine.begin() as connection:
        command.upgrade(_config(connection), to)


def head() -> str | None:
    """The newest migration there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision(session: Session) -> str | None:
    """The migration the database is at, None for an empty one."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def current(db: Database) -> str | None:
    """As ``revision``, outside of an event loop; raises Unavailable when the database cannot be reached."""
    return db.read_now(revision)


def differences(db: Database) -> list[Any]:
    """What the models say and the database does not, or the other way round; empty when they agree."""
    import_models()
    current(db)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))
