"""From draft to published: what may happen to an entry, and that another person approves it (审批分离).

    draft → in_review → published → archived ; in_review → draft (rejected) ; archived → draft (edited again)

Every edit is a new version. While a newer version is a draft or in review, the last approved one stays live.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.audit import OPERATOR, Actor, record
from core.auth import Principal
from core.errors import BadInput, Conflict, SamePerson, StaleVersion
from core.ids import new_id
from faq import store
from faq.content import Content, check, check_id
from faq.models import FaqEntry, FaqVersion

DRAFT, IN_REVIEW, PUBLISHED, ARCHIVED = "draft", "in_review", "published", "archived"
STATES = (DRAFT, IN_REVIEW, PUBLISHED, ARCHIVED)


class IllegalMove(Conflict):
    """The entry is not in a state that allows this."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes or approves: the person compared by ``SamePerson``, and the actor named in the audit trail."""

    identity: str
    actor: Actor

    @classmethod
    def of(cls, principal: Principal) -> "Author":
        """Whoever is signed in."""
        return cls(principal.identity, principal.actor)


OPERATOR_AUTHOR = Author("operator", OPERATOR)


def checked(values: Mapping[str, object], base: Content | None = None) -> Content:
    """Values as content; raises BadInput naming each field that does not fit."""
    result = check(values, base)
    if result.content is None:
        raise BadInput("Something in this entry does not fit; see fields.", fields=result.problems)
    return result.content


def create(
    session: Session, now: datetime, author: Author, content: Content, *, entry_id: str = "", why: str = ""
) -> FaqEntry:
    """A new entry as a draft; raises Conflict when the id is taken."""
    entry_id = entry_id.strip() or new_id()
    if problem := check_id(entry_id):
        raise BadInput(f"The id {problem}.", fields={"id": problem})
    store.lock(session)
    if session.get(FaqEntry, entry_id):
        raise Conflict(f"There is already an entry {entry_id!r}.", fields={"id": "taken"})
    entry = FaqEntry(
        id=entry_id, state=DRAFT, author=author.identity, created_at=now, changed_at=now, **content.columns()
    )
    session.add(entry)
    session.flush()
    _keep_version(session, now, author, entry, content, why)
    _audit(session, now, author, "create", entry, before=None)
    return entry


def edit(
    session: Session,
    now: datetime,
    author: Author,
    entry_id: str,
    content: Content,
    *,
    version: int | None = None,
    why: str = "",
) -> FaqEntry:
    """New content as a draft; what is published stays. The same content again changes nothing.

    ``version`` is the one the editor saw: raises StaleVersion when it is not the newest.
    """
    entry = _held(session, entry_id, version)
    if content.digest() == entry.digest and entry.state != ARCHIVED:
        return entry
    before = _state(entry)
    for name, value in content.columns().items():
        setattr(entry, name, value)
    entry.state, entry.version, entry.author, entry.reviewer = DRAFT, entry.version + 1, author.identity, ""
    _keep_version(session, now, author, entry, content, why)
    return _moved(session, now, author, "edit", entry, before)


def submit(session: Session, now: datetime, author: Author, entry_id: str, *, version: int | None = None) -> FaqEntry:
    """Ask for review."""
    entry = _held(session, entry_id, version, DRAFT)
    before = _state(entry)
    entry.state = IN_REVIEW
    return _moved(session, now, author, "submit", entry, before)


def approve(session: Session, now: datetime, author: Author, entry_id: str, *, version: int | None = None) -> FaqEntry:
    """Publish what is in review. Raises SamePerson for anybody who wrote a part of what would be published."""
    entry = _held(session, entry_id, version, IN_REVIEW)
    if author.identity in store.writers_since(session, entry.id, entry.live_version or 0) | {entry.author}:
        raise SamePerson("You wrote a part of this entry; another person has to approve it.")
    before = _state(entry)
    entry.state, entry.live_version = PUBLISHED, entry.version
    entry.reviewer, entry.published_at = author.identity, now
    store.mark_approved(session, entry.id, entry.version, author.identity, now)
    store.log_change(session, now, [entry.id])
    return _moved(session, now, author, "approve", entry, before)


def reject(
    session: Session, now: datetime, author: Author, entry_id: str, reason: str, *, version: int | None = None
) -> FaqEntry:
    """Send what is in review back to its author, with a reason."""
    entry = _held(session, entry_id, version, IN_REVIEW)
    before = _state(entry)
    entry.state, entry.reviewer = DRAFT, author.identity
    return _moved(session, now, author, "reject", entry, before, reason=reason)


def archive(session: Session, now: datetime, author: Author, entry_id: str, *, version: int | None = None) -> FaqEntry:
    """Take an entry out of service; its history stays and an edit brings it back as a draft."""
    entry = _held(session, entry_id, version, DRAFT, IN_REVIEW, PUBLISHED)
    before = _state(entry)
    was_live, entry.state, entry.live_version = entry.live_version, ARCHIVED, None
    if was_live is not None:
        store.log_change(session, now, [entry.id])
    return _moved(session, now, author, "archive", entry, before)


def add_phrasings(
    session: Session, now: datetime, author: Author, entry_id: str, phrasings: Iterable[str], *, why: str
) -> FaqEntry:
    """The entry with further phrasings, as a new version; straight into review unless somebody is drafting it."""
    entry = _held(session, entry_id, None, DRAFT, IN_REVIEW, PUBLISHED)
    was, number = entry.state, entry.version
    content = store.content_of(entry)
    wanted = checked({"aliases": [*content.aliases, *phrasings]}, content)
    entry = edit(session, now, author, entry_id, wanted, why=why)
    if entry.version > number and was != DRAFT:
        entry = submit(session, now, author, entry_id)
    return entry


def _held(session: Session, entry_id: str, version: int | None, *states: str) -> FaqEntry:
    """The entry, locked where the database locks rows, if it is at this version and in one of these states."""
    entry = store.find(session, entry_id)
    session.refresh(entry, with_for_update=True)
    if version is not None and version != entry.version:
        raise StaleVersion(
            f"Somebody changed this entry meanwhile: it is at version {entry.version} ({entry.state}).",
            fields={"version": str(entry.version), "state": entry.state},
        )
    if states and entry.state not in states:
        raise IllegalMove(
            f"An entry that is {entry.state} cannot take this step.",
            fields={"state": entry.state, "version": str(entry.version)},
        )
    return entry


def _keep_version(session: Session, now: datetime, author: Author, entry: FaqEntry, content: Content, why: str) -> None:
    number, packed = entry.version, content.pack()
    kept = FaqVersion(entry_id=entry.id, version=number, content=packed, author=author.identity, at=now, why=why[:200])
    store.add_version(session, kept)


def _moved(
    session: Session,
    now: datetime,
    author: Author,
    action: str,
    entry: FaqEntry,
    before: dict[str, object],
    reason: str = "",
) -> FaqEntry:
    entry.changed_at = now
    session.add(entry)
    session.flush()
    _audit(session, now, author, action, entry, before, reason)
    return entry


def _state(entry: FaqEntry) -> dict[str, object]:
    return {"state": entry.state, "version": entry.version, "live": entry.live_version, "digest": entry.digest}


def _audit(
    session: Session,
    now: datetime,
    author: Author,
    action: str,
    entry: FaqEntry,
    before: dict[str, object] | None,
    reason: str = "",
) -> None:
    after = _state(entry) | ({"reason": reason} if reason else {})
    record(session, now, author.actor, f"faq.{action}", f"faq:{entry.id}", before=before, after=after)
