"""Anchors of the audit trail: the head of the chain, written outside the database.

The chain alone cannot show that its newest rows were cut off, nor that the whole of it was written anew. A line with
the head's number and hash in a file that the database's owner cannot reach can. Each line carries a keyed digest, so
a line that was not written by this service shows as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from core.audit import AuditEntry
from core.crypto import index
from core.errors import BadInput

_CONTEXT = "audit.anchor"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain at a moment: number, hash and time (UTC)."""

    at: datetime
    n: int
    digest: str

    @property
    def line(self) -> str:
        """As it stands in the file."""
        words = f"{self.at.isoformat()} {self.n} {self.digest}"
        return f"{words} {index(words, _CONTEXT)}"


def head(session: Session, now: datetime) -> Anchor | None:
    """The chain's newest link, None for an empty chain."""
    newest = select(AuditEntry).where(col(AuditEntry.n).is_not(None)).order_by(col(AuditEntry.n).desc()).limit(1)
    entry = session.exec(newest).first()
    return Anchor(now, entry.n or 0, entry.digest or "") if entry else None


def append(path: Path, anchor: Anchor) -> bool:
    """Add a line unless the last one says the same; True when it was added. The file is only ever appended to."""
    known = read(path)
    if known and (known[-1].n, known[-1].digest) == (anchor.n, anchor.digest):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(anchor.line + "\n")
    return True


def read(path: Path) -> list[Anchor]:
    """The anchors in a file, none when there is no file; raises BadInput naming a line that is not ours."""
    if not path.exists():
        return []
    lines = path.read_text("utf-8").splitlines()
    return [_parse(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]


def _parse(line: str, number: int, path: Path) -> Anchor:
    try:
        at, n, digest, _ = line.split()
        anchor = Anchor(datetime.fromisoformat(at), int(n), digest)
    except ValueError as error:
        raise BadInput(f"Line {number} of {path.name} is not an anchor.") from error
    if anchor.line != line.strip():
        raise BadInput(f"Line {number} of {path.name} was not written with this service's key.")
    return anchor


def torn(session: Session, anchors: Iterable[Anchor]) -> Anchor | None:
    """The first anchor whose link is gone or another, None when the chain holds every one."""
    for anchor in anchors:
        digest = session.exec(select(AuditEntry.digest).where(AuditEntry.n == anchor.n)).first()
        if digest != anchor.digest:
            return anchor
    return None
