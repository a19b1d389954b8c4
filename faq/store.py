"""Reading and writing the knowledge base's rows. Plain functions of a session; deciding is done elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlmodel import Session, col

from core.errors import NotFound
from core.wake import wake
from faq.content import FIELDS, Content, unpack
from faq.models import FaqChange, FaqEntry, FaqVersion

TOPIC = "faq"
EVERYTHING = "*"
CHANGES_KEPT = timedelta(days=7)
_LOCK = 0x5EED_FA9
"""Number of PostgreSQL's advisory lock, see ``lock``."""


@dataclass(frozen=True, slots=True)
class Published:
    """An entry as citizens are answered from it."""

    id: str
    version: int
    content: Content


def find(session: Session, entry_id: str) -> FaqEntry:
    """One entry; raises NotFound."""
    entry = session.get(FaqEntry, entry_id) if entry_id.isprintable() else None
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry


def content_of(entry: FaqEntry) -> Content:
    """The newest content of an entry, published or not."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return Content(**values | {"aliases": tuple(entry.aliases)})


def version_of(session: Session, entry_id: str, version: int) -> FaqVersion:
    """One version of an entry; raises NotFound."""
    found = session.get(FaqVersion, (entry_id, version))
    if found is None:
        raise NotFound("There is no such version.")
    return found


def versions(session: Session, entry_id: str) -> list[FaqVersion]:
    """Every version of an entry, newest first."""
    rows = select(FaqVersion).where(col(FaqVersion.entry_id) == entry_id).order_by(col(FaqVersion.version).desc())
    return list(session.scalars(rows))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of entries is narrowed to; empty means anything."""

    state: str = ""
    category: str = ""
    unit: str = ""
    locale: str = ""
    words: str = ""


def page(session: Session, wanted: Filter, after: str, limit: int) -> list[FaqEntry]:
    """Entries by id, beginning after one, at most ``limit``."""
    rows = select(FaqEntry).where(col(FaqEntry.id) > after).order_by(col(FaqEntry.id)).limit(limit)
    for name in ("state", "category", "unit", "locale"):
        if value := getattr(wanted, name):
            rows = rows.where(getattr(FaqEntry, name) == value)
    if wanted.words:
        searched = (col(FaqEntry.id), col(FaqEntry.question), col(FaqEntry.answer))
        rows = rows.where(or_(*(column.contains(wanted.words, autoescape=True) for column in searched)))
    return list(session.scalars(rows))


def categories(session: Session) -> dict[str, int]:
    """Every category in use and how many entries not archived it has."""
    rows = session.execute(
        select(col(FaqEntry.category), func.count())
        .where(col(FaqEntry.state) != "archived", col(FaqEntry.category) != "")
        .group_by(col(FaqEntry.category))
        .order_by(col(FaqEntry.category))
    )
    return {name: count for name, count in rows}  # noqa: C416 - rows are Row objects, not pairs, to the checker


# --- what citizens are answered from ------------------------------------------------------------------------


def published(session: Session, ids: Sequence[str] | None = None) -> list[Published]:
    """The live version of every entry, or of those named."""
    rows = select(col(FaqVersion.entry_id), col(FaqVersion.version), col(FaqVersion.content)).join(
        FaqEntry,
        (col(FaqEntry.id) == col(FaqVersion.entry_id)) & (col(FaqEntry.live_version) == col(FaqVersion.version)),
    )
    if ids is not None:
        rows = rows.where(col(FaqEntry.id).in_(ids))
    found = session.execute(rows.order_by(col(FaqVersion.entry_id)))
    return [Published(row.entry_id, row.version, unpack(row.content)) for row in found]


def lock(session: Session) -> None:
    """Until the commit, nobody else adds entries or writes the change log. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def log_change(session: Session, now: datetime, ids: Iterable[str]) -> None:
    """Tell every process's index, at this transaction's commit, that these entries changed.

    Followers remember the highest id they saw, so ids must become visible in their order: whoever writes here
    holds the lock until the commit.
    """
    lock(session)
    rows = [{"entry_id": entry_id, "at": now} for entry_id in ids]
    if rows:
        session.execute(insert(FaqChange), rows)
        wake(session, TOPIC)


def head(session: Session) -> int:
    """The newest change's id, 0 when there is none."""
    return session.execute(select(func.max(col(FaqChange.id)))).scalar_one() or 0


def changes_after(session: Session, after: int, limit: int) -> list[tuple[int, str]]:
    """Changes since one, oldest first."""
    rows = session.execute(
        select(col(FaqChange.id), col(FaqChange.entry_id))
        .where(col(FaqChange.id) > after)
        .order_by(col(FaqChange.id))
        .limit(limit)
    )
    return [(row.id, row.entry_id) for row in rows]


def purge_changes(session: Session, now: datetime) -> int:
    """Forget old changes; the newest stays, so that ids never begin again. Returns how many went."""
    gone = session.execute(
        delete(FaqChange).where(col(FaqChange.at) < now - CHANGES_KEPT, col(FaqChange.id) < head(session))
    )
    return int(getattr(gone, "rowcount", 0))


# --- writing versions ---------------------------------------------------------------------------------------


def add_version(session: Session, version: FaqVersion) -> None:
    """Keep one version."""
    session.add(version)
    session.flush()


def mark_approved(session: Session, entry_id: str, version: int, by: str, at: datetime) -> None:
    """Note on a version who approved it."""
    session.execute(
        update(FaqVersion)
        .where(col(FaqVersion.entry_id) == entry_id, col(FaqVersion.version) == version)
        .values(approved_by=by, approved_at=at)
    )


def writers_since(session: Session, entry_id: str, version: int) -> set[str]:
    """Everybody who wrote a version after this one."""
    rows = session.scalars(
        select(col(FaqVersion.author)).where(col(FaqVersion.entry_id) == entry_id, col(FaqVersion.version) > version)
    )
    return set(rows)


def existing(session: Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Entries of these ids as plain rows, for comparing many at once."""
    table = FaqEntry.__table__  # type: ignore[attr-defined]
    rows = session.execute(select(table).where(table.c.id.in_(ids)).with_for_update())
    return {row["id"]: dict(row) for row in rows.mappings()}
