"""Attachments: photos, voice, papers. In the database, in encrypted chunks, so that one backup has everything.

What a file is, its first bytes say; neither its name nor what the sender called it is believed (OWASP File Upload
Cheat Sheet). Only the kinds listed here are kept.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, LargeBinary, delete
from sqlmodel import Field, Session, SQLModel, col, func, select

from core import photos
from core.columns import UTCDateTime
from core.crypto import EncryptedText, ring
from core.errors import BadInput, Conflict, NotFound, TooLarge
from core.ids import new_id
from core.messages import File

CHUNK_BYTES = 256 * 1024
MAX_BYTES = 10_000_000
MAX_FILES = 10
"""For one owner (a matter): enough for photos of a whole street."""
MAX_NAME = 100


class StoredFile(SQLModel, table=True):
    """One file. ``owner`` names what it belongs to (``matter:ID``); ``digest`` is SHA-256 of the content."""

    __tablename__ = "stored_file"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    owner: str = Field(max_length=80, index=True)
    name: str = Field(sa_column=Column(EncryptedText("file.name"), nullable=False))
    mime: str = Field(max_length=60)
    size: int
    digest: str = Field(max_length=64)
    added_by: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UTCDateTime)


class FileChunk(SQLModel, table=True):
    """A part of a file's content, sealed for its file and place so that parts cannot be exchanged."""

    __tablename__ = "file_chunk"

    file_id: str = Field(primary_key=True, foreign_key="stored_file.id", max_length=32)
    n: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


@dataclass(frozen=True, slots=True)
class _Magic:
    """The bytes by which a kind of file is known, at an offset."""

    mime: str
    head: bytes
    offset: int = 0
    also: bytes = b""


_MAGIC = (
    _Magic("image/jpeg", b"\xff\xd8\xff"),
    _Magic("image/png", b"\x89PNG\r\n\x1a\n"),
    _Magic("image/gif", b"GIF8"),
    _Magic("image/webp", b"RIFF", also=b"WEBP"),
    _Magic("image/heic", b"ftyphei", 4),
    _Magic("image/heic", b"ftypmif1", 4),
    _Magic("audio/mp4", b"ftypM4A", 4),
    _Magic("video/mp4", b"ftyp", 4),
    _Magic("audio/wav", b"RIFF", also=b"WAVE"),
    _Magic("audio/ogg", b"OggS"),
    _Magic("audio/amr", b"#!AMR"),
    _Magic("audio/mpeg", b"ID3"),
    _Magic("audio/mpeg", b"\xff\xfb"),
    _Magic("audio/mpeg", b"\xff\xf3"),
    _Magic("application/pdf", b"%PDF-"),
)
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""What a browser may show in place; everything else is only ever downloaded."""


def sniff(content: bytes) -> str | None:
    """The kind of a file by its first bytes, None for one that is not kept. Pure."""
    for magic in _MAGIC:
        if content[magic.offset :].startswith(magic.head) and magic.also in content[8:12]:
            return magic.mime
    return None


def safe_name(name: str) -> str:
    """A file name without folders, control characters and quotes. Pure."""
    plain = re.sub(r'[\x00-\x1f\x7f"<>|:*?]', "", re.split(r"[/\\]", name)[-1]).strip(" .")
    return plain[-MAX_NAME:] or "file"


def save(session: Session, now: datetime, owner: str, name: str, content: bytes, by: str) -> StoredFile:
    """Keep a file; the same content again for the same owner is the one already kept. Photos lose place and camera.

    Raises TooLarge, BadInput for an empty file or one of a kind that is not kept, Conflict when there are enough.
    """
    if not content:
        raise BadInput("The file is empty.", fields={"file": "empty"})
    if len(content) > MAX_BYTES:
        raise TooLarge(f"A file has at most {MAX_BYTES // 1_000_000} MB.")
    mime = sniff(content)
    if mime is None:
        raise BadInput("Only photos, sound, short videos and PDF are kept.", fields={"file": "kind not kept"})
    content = photos.plain(content)
    digest = hashlib.sha256(content).hexdigest()
    known = session.exec(select(StoredFile).where(StoredFile.owner == owner, StoredFile.digest == digest)).first()
    if known:
        return known
    if session.exec(select(func.count()).where(col(StoredFile.owner) == owner)).one() >= MAX_FILES:
        raise Conflict(f"There are {MAX_FILES} files already.")
    row = StoredFile(
        owner=owner, name=safe_name(name), mime=mime, size=len(content), digest=digest, added_by=by, created_at=now
    )
    session.add(row)
    session.flush()
    session.add_all(FileChunk(file_id=row.id, n=n, data=data) for n, data in _sealed(row.id, content))
    session.flush()
    return row


def _sealed(file_id: str, content: bytes) -> Iterator[tuple[int, bytes]]:
    for n, start in enumerate(range(0, len(content), CHUNK_BYTES)):
        yield n, ring().seal(content[start : start + CHUNK_BYTES], chunk_context(file_id, n))


def chunk_context(file_id: str, n: int) -> str:
    """What a chunk is sealed for: its place in its own file."""
    return f"file.{file_id}.{n}"


def load(session: Session, file_id: str, owner: str) -> File:
    """A file with its content; raises NotFound, also when it belongs to another owner."""
    row = session.get(StoredFile, file_id)
    if row is None or row.owner != owner:
        raise NotFound("There is no such file.")
    chunks = session.exec(select(FileChunk).where(FileChunk.file_id == file_id).order_by(col(FileChunk.n)))
    content = b"".join(ring().open(chunk.data, chunk_context(file_id, chunk.n)) for chunk in chunks)
    return File(row.name, row.mime, content)


def listed(session: Session, owner: str) -> list[StoredFile]:
    """The files of an owner, oldest first."""
    return list(session.exec(select(StoredFile).where(StoredFile.owner == owner).order_by(StoredFile.id)))


def remove_of(session: Session, owner: str) -> int:
    """Forget every file of an owner (retention, erasure); returns how many."""
    ids = [row.id for row in listed(session, owner)]
    remove(session, ids)
    return len(ids)


def remove(session: Session, ids: Collection[str]) -> None:
    """Forget these files, whoever they belong to."""
    if ids:
        session.execute(delete(FileChunk).where(col(FileChunk.file_id).in_(ids)))
        session.execute(delete(StoredFile).where(col(StoredFile.id).in_(ids)))
