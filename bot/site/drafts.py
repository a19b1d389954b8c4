"""Files that came with a form which could not be taken yet: kept, so that nobody has to choose them again.

They belong to the form (its random id) until the matter is registered, then to the matter; what nobody sends off is
forgotten within a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.hotline.proofs import Proof
from bot.hotline.service import Hotline
from core import files
from core.crypto import index
from core.files import StoredFile

OWNER = "draft:"
KEPT = timedelta(days=1)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as the form lists it; ``size`` in bytes."""

    id: str
    name: str
    size: int


def owner_of(form_id: str) -> str:
    """Under which a form's files are kept."""
    return OWNER + index(form_id, "site.draft")


def listed(session: Session, form_id: str) -> list[Draft]:
    """The files of a form, oldest first."""
    return [Draft(row.id, row.name, row.size) for row in files.listed(session, owner_of(form_id))]


def keep(session: Session, now: datetime, form_id: str, name: str, content: bytes) -> None:
    """Keep a file for a form. Raises TooLarge, BadInput, Conflict as ``core.files`` does."""
    files.save(session, now, owner_of(form_id), name, content, "citizen")


def drop(session: Session, form_id: str, ids: list[str]) -> None:
    """Forget files the person took out again; ids of other forms change nothing."""
    wanted = {row.id for row in files.listed(session, owner_of(form_id))} & set(ids)
    files.remove(session, wanted)


def hand_over(session: Session, hotline: Hotline, form_id: str, number: str, proof: Proof) -> int:
    """Attach the form's files to a matter of its citizen; returns how many."""
    owner = owner_of(form_id)
    kept = files.listed(session, owner)
    for row in kept:
        hotline.attach(session, number, proof, row.name, files.load(session, row.id, owner).content)
    if kept:
        files.remove_of(session, owner)
    return len(kept)


def purge(session: Session, now: datetime) -> int:
    """Forget what nobody sent off; returns how many files."""
    old = select(StoredFile.id).where(col(StoredFile.owner).startswith(OWNER), col(StoredFile.created_at) < now - KEPT)
    ids = list(session.exec(old.limit(_BATCH)))
    files.remove(session, ids)
    return len(ids)
