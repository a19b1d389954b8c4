"""Reading and writing vectors. Plain functions of a session."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy import delete
from sqlmodel import Session, col, select

from faq.semantic.embedder import Vectors
from faq.vector_models import FaqVector

_CHUNK = 500


def digest_of(phrasings: Sequence[str]) -> str:
    """What changes when the phrasings do."""
    return hashlib.sha256("\0".join(phrasings).encode()).hexdigest()[:32]


def digests(session: Session, model: str) -> dict[str, str]:
    """The digest of each entry's vectors."""
    rows = session.execute(select(FaqVector.entry_id, FaqVector.digest).where(FaqVector.model == model))
    return {row.entry_id: row.digest for row in rows}


def vectors(session: Session, model: str, ids: Sequence[str]) -> dict[str, tuple[str, Vectors]]:
    """Digest and vectors of these entries."""
    found: dict[str, tuple[str, Vectors]] = {}
    for begin in range(0, len(ids), _CHUNK):
        some = col(FaqVector.entry_id).in_(ids[begin : begin + _CHUNK])
        for row in session.exec(select(FaqVector).where(FaqVector.model == model, some)):
            rows = np.frombuffer(row.data, np.float16).reshape(row.count, -1)
            found[row.entry_id] = (row.digest, rows.astype(np.float32))
    return found


def save(session: Session, model: str, made: Mapping[str, tuple[str, Vectors]]) -> None:
    """Keep the vectors of these entries, in place of older ones."""
    for entry_id, (digest, rows) in made.items():
        data = rows.astype(np.float16).tobytes()
        session.merge(FaqVector(entry_id=entry_id, model=model, digest=digest, count=len(rows), data=data))


def forget(session: Session, model: str, ids: Collection[str]) -> None:
    """Entries that are gone, and every vector of another model."""
    session.execute(delete(FaqVector).where(col(FaqVector.model) != model))
    if ids:
        session.execute(delete(FaqVector).where(col(FaqVector.entry_id).in_(list(ids))))
