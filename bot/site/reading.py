"""Reading and changing a matter from a browser: by what right, what the page shows, each form's words once only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlmodel import Session

from bot.hotline import staff_files
from bot.hotline.citizen_view import CitizenView
from bot.hotline.models import Matter
from bot.hotline.proofs import Proof, Sender, Shown
from bot.hotline.service import Hotline
from bot.hotline.words import Action, Grade
from bot.site import chat, sessions, visits
from bot.site.case_words import Story, story
from bot.site.models import WebVisit
from core import files, idempotency
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.files import StoredFile
from core.messages import File


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brings: the visit that showed codes, the address of its talk. Empty: none."""

    visit_id: str
    talk: str

    @classmethod
    def of(cls, request: Request) -> "Browser":
        """From the cookies."""
        secret = request.cookies.get(chat.COOKIE, "")
        talk = sessions.address_of(secret) if secret else ""
        return cls(visits.id_of(visits.secret_of(request)), talk)

    @property
    def owner(self) -> str:
        """What the tokens of its forms are bound to."""
        return self.visit_id or self.talk


@dataclass(frozen=True, slots=True)
class Case:
    """A matter as its page shows it. ``text`` is what was handed in; that of a protected matter is never shown.

    ``files`` are the citizen's own, ``ours`` those that staff show; ``mark`` changes when there is news.
    """

    view: CitizenView
    story: Story
    text: str
    place: str
    files: Sequence[StoredFile]
    ours: Sequence[StoredFile]
    mark: str


@dataclass(frozen=True, slots=True)
class Mine:
    """One matter in the list of those this browser may read."""

    number: str
    kind: str
    state: str
    subject: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a form under a matter says. ``once`` is the form's own random id."""

    what: str
    once: str
    text: str = ""
    solved: bool = False
    grade: int = 0
    files: Sequence[tuple[str, bytes]] = field(default_factory=tuple)


def proof_of(session: Session, now: datetime, browser: Browser, number: str, hotline: Hotline) -> Proof | None:
    """By what right this browser reads a matter; None when it has none (any more)."""
    if visit := visits.find(session, now, browser.visit_id):
        for matter_id in visit.matters:
            proof = Shown(matter_id)
            if _found(session, hotline, number, proof):
                return proof
    if browser.talk and sessions.find(session, now, browser.talk):
        sender = Sender(chat.CHANNEL, browser.talk)
        return sender if _found(session, hotline, number, sender) else None
    return None


def _found(session: Session, hotline: Hotline, number: str, proof: Proof) -> bool:
    try:
        hotline.find(session, number, proof)
    except NotFound:
        return False
    return True


def case_of(session: Session, clock: Clock, hotline: Hotline, number: str, proof: Proof, locale: str) -> Case:
    """The matter with its story in this language."""
    desk, matter = hotline.desk(session), hotline.find(session, number, proof)
    view = hotline.view(session, number, proof)
    told = story(view, desk.rules, locale, lambda at: desk.due_words(at, locale), clock())
    own, ours = staff_files.for_citizen(desk, matter)
    return Case(
        view,
        told,
        "" if matter.protected else matter.text,
        "" if matter.protected else str((matter.place or {}).get("address", "")),
        own,
        ours,
        _mark(view, ours),
    )


def _mark(view: CitizenView, ours: Sequence[StoredFile]) -> str:
    """Something short that is another when the citizen has something new to read. Pure."""
    return f"{view.state}-{len(view.events)}-{len(ours)}"


def mark_of(session: Session, hotline: Hotline, number: str, proof: Proof) -> str:
    """As on the page, to see whether there is news."""
    _, ours = staff_files.for_citizen(hotline.desk(session), hotline.find(session, number, proof))
    return _mark(hotline.view(session, number, proof), ours)


def file_of(session: Session, hotline: Hotline, number: str, proof: Proof, file_id: str) -> File:
    """One file that the citizen may see. Raises NotFound."""
    return staff_files.load_for_citizen(hotline.desk(session), hotline.find(session, number, proof), file_id)


def mine(session: Session, now: datetime, hotline: Hotline, browser: Browser) -> list[Mine]:
    """The matters this browser may read, latest first: those it showed a code for, and those of its talk."""
    found: dict[str, CitizenView] = {}
    visit: WebVisit | None = visits.find(session, now, browser.visit_id)
    for matter_id in visit.matters if visit else ():
        if matter := session.get(Matter, matter_id):
            found[matter.number] = hotline.view(session, matter.number, Shown(matter_id))
    if browser.talk and sessions.find(session, now, browser.talk):
        for view in hotline.own(session, Sender(chat.CHANNEL, browser.talk)):
            found[view.number] = view
    latest = sorted(found.values(), key=lambda view: view.received_at, reverse=True)
    return [Mine(view.number, view.kind, view.state, view.subject.strip(), view.received_at) for view in latest]


def act(session: Session, now: datetime, hotline: Hotline, number: str, proof: Proof, said: Said) -> None:
    """Do what a form says, once however often it is sent. Raises what the service raises."""
    parts = (number, said.what, said.once, said.text, str(len(said.files)))
    key = idempotency.fingerprint(b"site.act", *(part.encode() for part in parts))
    try:
        if idempotency.begin(session, now, key, key) is not None:
            return
    except Conflict:
        return
    _do(session, hotline, number, proof, said)
    idempotency.finish(session, key, 204, b"")


def _do(session: Session, hotline: Hotline, number: str, proof: Proof, said: Said) -> None:
    match Action(said.what):
        case Action.APPEND:
            if said.text or not said.files:
                hotline.append(session, number, proof, said.text)
            for name, content in said.files:
                hotline.attach(session, number, proof, name, content)
        case Action.URGE:
            hotline.urge(session, number, proof)
        case Action.WITHDRAW:
            hotline.withdraw(session, number, proof, said.text)
        case Action.RATE:
            grade = Grade.from_api(said.grade)
            hotline.rate(session, number, proof, solved=said.solved, grade=grade, comment=said.text)
        case Action.REOPEN:
            hotline.reopen(session, number, proof, said.text)
        case Action.CONTEST:
            hotline.contest(session, number, proof, said.text)
        case other:
            raise NotFound(f"A citizen does not {other}.")


def limits() -> Mapping[str, Any]:
    """What the form under a matter says about files."""
    return {"file_mb": files.MAX_BYTES // 1_000_000, "file_most": files.MAX_FILES}
