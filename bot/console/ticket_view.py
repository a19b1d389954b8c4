"""A matter as its page shows it: the conversation, the record, what may be done, what helps to do it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.console import ticket_forms
from bot.hotline import canned, duplicates, moves, record, staff_files
from bot.hotline.canned import CannedOut
from bot.hotline.models import MatterEvent
from bot.hotline.office import Desk
from bot.hotline.rules import KindRule
from bot.hotline.service import Hotline, owner_of
from bot.hotline.staff_view import Whole, whole
from bot.hotline.words import Action, Kind
from core import files
from core.auth import Account, Principal
from core.files import StoredFile
from core.people import Role, Unit

_CITIZEN = frozenset({"append", "rate", "reopen", "contest", "withdraw"})
_TO_CITIZEN = frozenset({"reply", "supplement", "progress", "reject", "ask"})


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said: by the citizen, to the citizen (``ours``), or among staff (``note``).

    ``shown``: whether the citizen sees a file of staff; None for any other.
    """

    side: str
    what: str
    by: str
    at: datetime
    text: str
    file: StoredFile | None = None
    shown: bool | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A move that is open now."""

    action: str
    fields: tuple[str, ...]
    risky: bool


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that leaves in a moment and can still be taken back."""

    until: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the page of a matter needs."""

    whole: Whole
    talk: Sequence[Said]
    files: Sequence[StoredFile]
    at_once: Sequence[str]
    answer: str
    moves: Sequence[Move]
    held: Held | None
    waiting: dict[str, Any] | None
    rule: KindRule
    repeats: Sequence["Repeat"] = ()
    canned: Sequence[CannedOut] = ()
    units: Sequence[tuple[str, str]] = ()
    colleagues: Sequence[tuple[str, str]] = ()
    may_ask_identity: bool = False
    may_add_files: bool = False
    may_show_files: bool = False
    since: Sequence[dict[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A likely repeat with what tells whether it is one."""

    number: str
    why: str
    score: int
    title: str
    state: str
    received_at: datetime


def shown(session: Session, hotline: Hotline, number: str, who: Principal, seen: datetime | None = None) -> Shown:
    """A matter's page; ``seen`` asks for what happened since then. Raises NotFound for one behind the barrier."""
    desk = hotline.desk(session)
    matter = moves.find_for(desk, number, who)
    view = whole(desk, matter, who)
    kept = {one.id: one for one in files.listed(session, owner_of(matter))}
    ours = {one.file.id: one for one in staff_files.listed(desk, matter)}
    can = [Action(name) for name in view.can]
    insider = who.has(Role.AGENT, Role.SUPERVISOR)
    return Shown(
        whole=view,
        talk=_talk(view, kept, ours),
        files=[*kept.values(), *(one.file for one in ours.values())],
        may_add_files=who.has(Role.AGENT, Role.HANDLER, Role.SUPERVISOR),
        may_show_files=insider,
        at_once=[one.value for one in can if one in ticket_forms.AT_ONCE and _sensible(one, view, who)],
        answer=next((one.value for one in ticket_forms.ANSWERS if one in can), ""),
        moves=[_move(one) for one in can if one in ticket_forms.FIELDS and _sensible(one, view, who)],
        held=_held(desk, view) if Action.UNDO in can else None,
        waiting=next((one for one in view.replies if one["state"] == "check"), None),
        rule=desk.rules.kinds[Kind(matter.kind)],
        repeats=[_repeat(desk, one) for one in hotline.duplicates(session, number, who)] if insider else (),
        canned=canned.listed(desk, who, matter=matter),
        units=units(session, without=matter.about_unit_id),
        colleagues=colleagues(session, who) if Action.HAND_OVER in can else (),
        may_ask_identity=not matter.anonymous and (insider or not matter.protected),
        since=[_line(one) for one in record.events(desk, matter) if seen and one.at > seen],
    )


def already_done(
    session: Session, hotline: Hotline, number: str, who: Principal, action: Action, seen: datetime, text: str
) -> bool:
    """Whether this very form was sent already: the second click of a double one is no conflict."""
    desk = hotline.desk(session)
    matter = moves.find_for(desk, number, who)
    named = {action.value, *_OTHER_NAMES.get(action, ())}
    mine = select(MatterEvent).where(
        MatterEvent.matter_id == matter.id,
        MatterEvent.actor == who.identity,
        col(MatterEvent.what).in_(named),
        col(MatterEvent.at) >= seen,
    )
    found = session.exec(mine).all()
    # What a check lets go is in the record with the answer's words, not with those of the check.
    return bool(found) if action is Action.CHECK else any((one.text or "") == text for one in found)


_OTHER_NAMES = {
    Action.REPLY: ("reply_waits",),
    Action.CHECK: ("reply",),
    Action.NOTE: ("progress",),
}
"""What the record calls a move that it does not call by its own name."""


def units(session: Session, without: str | None = None) -> list[tuple[str, str]]:
    """Active units by name, for a list to choose from."""
    found = session.exec(select(Unit).where(col(Unit.active).is_(True)).order_by(Unit.name))
    return [(unit.id, unit.name) for unit in found if unit.id != without]


def colleagues(session: Session, who: Principal) -> list[tuple[str, str]]:
    """The other agents and supervisors that sign in, for a hand-over."""
    found = session.exec(select(Account).where(col(Account.disabled).is_(False)).order_by(Account.name))
    hotline = {Role.AGENT.value, Role.SUPERVISOR.value}
    identities = [(account.person_id or account.id, account) for account in found if hotline & set(account.roles)]
    return [(identity, account.name) for identity, account in identities if identity != who.identity]


def _sensible(action: Action, view: Whole, who: Principal) -> bool:
    """Moves the table allows but that would lead nowhere for this reader now."""
    mine = view.owner == who.name
    match action:
        case Action.CLAIM:
            return not view.owner
        case Action.RELEASE:
            return mine and view.state == "submitted"
        case Action.HAND_OVER:
            return mine
        case Action.TAKE_OVER:
            return view.offered_to == who.identity
        case _:
            return True


def _move(action: Action) -> Move:
    return Move(action.value, ticket_forms.FIELDS[action], action in ticket_forms.RISKY)


def _held(desk: Desk, view: Whole) -> Held | None:
    last = next((one for one in reversed(view.replies) if one["state"] == "held" and not one["supplement"]), None)
    if last is None or not last["sends_at"] or last["sends_at"] <= desk.now:
        return None
    return Held(last["sends_at"], last["text"])


def _repeat(desk: Desk, likely: duplicates.Likely) -> Repeat:
    matter = moves.find(desk, likely.number)
    title = "" if matter.protected else matter.title
    return Repeat(likely.number, likely.why, round(likely.score), title, matter.state, matter.received_at)


def _talk(view: Whole, kept: dict[str, StoredFile], ours: dict[str, staff_files.StaffFile]) -> list[Said]:
    talk = [Said("citizen", "submitted", "", view.received_at, view.text)]
    for event in view.events:
        what = str(event["what"])
        file = kept.get(str(event["data"].get("file", ""))) if what == "file" else None
        if what == staff_files.ADDED and (added := ours.get(str(event["data"].get("file", "")))):
            side = "ours" if added.shown else "note"
            talk.append(Said(side, what, str(event["by"]), event["at"], "", added.file, added.shown))
            continue
        if not event["text"] and not file:
            continue
        side = "citizen" if what in _CITIZEN or event["by"] == "citizen" else "note"
        side = "ours" if event["public"] and what in _TO_CITIZEN else side
        by = "" if side == "citizen" else str(event["by"])
        talk.append(Said(side, what, by, event["at"], event["text"] or "", file))
    return talk


def _line(event: MatterEvent) -> dict[str, Any]:
    return {"at": event.at, "what": event.what, "by": event.actor_name or event.actor}
