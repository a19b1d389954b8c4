"""One move for several matters, held for a moment so that it can be taken back as a whole.

A timer carries it out: matter by matter, each with the version its list showed, so that one that somebody changed
meanwhile is left out and named, and keeps none of the others back. What came of it stands in the audit trail.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import orjson
from sqlmodel import Session, col, select

from bot.hotline.given import Given
from bot.hotline.service import Hotline
from bot.hotline.words import Action
from core import audit
from core.audit import AuditEntry
from core.auth import Account, Principal
from core.crypto import ring
from core.errors import AppError, BadInput
from core.ids import new_id
from core.people import Role
from notify.timer_models import TimerRow
from notify.timers import Owner, Timer, cancel_timers, set_timers

OWNER = "hotline.bulk"
HELD = timedelta(seconds=20)
"""As long as an answer is held (DIALOGUES): time to see the wrong unit in the list."""
MOST = 100
DONE = "matter.bulk"
FIELDS: Mapping[Action, tuple[str, ...]] = MappingProxyType(
    {
        Action.CLAIM: (),
        Action.ACCEPT: (),
        Action.DISPATCH: ("unit",),
        Action.HAND_OVER: ("to",),
        Action.SIGN: (),
        Action.EXTEND: ("days", "reason"),
        Action.CLOSE: ("text",),
    }
)
"""Moves that make sense for several matters at once, and what each asks for."""
NEEDED = frozenset({"unit", "to", "days", "reason"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A matter that was left out, and why: the error's machine name and sentence."""

    number: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of it: still ``held`` until then, or ``done`` for so many, ``refused`` for the others."""

    id: str
    action: Action
    count: int
    held: datetime | None = None
    refused: Sequence[Refused] = ()

    @property
    def done(self) -> int:
        """How many were carried out."""
        return self.count - len(self.refused)


def hold(
    session: Session, now: datetime, who: Principal, action: Action, chosen: Mapping[str, int], given: Given
) -> Bulk:
    """Plan one move for matters (number: version its list showed). Raises BadInput naming what is missing."""
    missing = {name: "is needed" for name in FIELDS[action] if name in NEEDED and not getattr(given, name)}
    if missing:
        raise BadInput("Something is missing; see fields.", fields=missing)
    if session.get(Account, who.ref) is None:
        raise BadInput("Only whoever signs in plans this; a program does one matter after the other.")
    if not chosen or len(chosen) > MOST:
        raise BadInput(f"Choose up to {MOST} matters.", fields={"chosen": "is needed"})
    made, until = new_id(), now + HELD
    words = given.model_dump(include={"unit", "to", "days", "reason", "text"})
    sealed = ring().seal(orjson.dumps(words), f"{OWNER}.{made}")
    data = {
        "by": who.ref,
        "action": action.value,
        "chosen": dict(chosen),
        "given": base64.b64encode(sealed).decode(),
    }
    set_timers(session, [Timer(OWNER, made, until, data)])
    return Bulk(made, action, len(chosen), until)


def take_back(session: Session, now: datetime, who: Principal, bulk_id: str) -> bool:
    """Whether it could still be taken back; one's own only."""
    row = _held(session, bulk_id)
    if row is None or row.data["by"] != who.ref or row.due_at <= now:
        return False
    return cancel_timers(session, OWNER, bulk_id) > 0


def of(session: Session, who: Principal, bulk_id: str) -> Bulk | None:
    """What became of one's own; None for somebody else's, and for what was taken back."""
    if row := _held(session, bulk_id):
        mine = row.data["by"] == who.ref
        return Bulk(bulk_id, Action(row.data["action"]), len(row.data["chosen"]), row.planned_at) if mine else None
    wanted = select(AuditEntry).where(AuditEntry.subject == f"bulk:{bulk_id}", AuditEntry.actor == who.actor.ref)
    entry = session.exec(wanted.where(AuditEntry.action == DONE)).first()
    if entry is None or entry.after is None:
        return None
    refused = [Refused(*one) for one in entry.after["refused"]]
    return Bulk(bulk_id, Action(entry.after["action"]), int(entry.after["count"]), refused=refused)


def _held(session: Session, bulk_id: str) -> TimerRow | None:
    return session.exec(select(TimerRow).where(TimerRow.owner == OWNER, TimerRow.ref == bulk_id)).first()


def owners(hotline: Hotline) -> dict[str, Owner]:
    """The owner of what is held, for ``notify.timers.Timers``."""

    def fire(session: Session, now: datetime, timers: Sequence[Timer]) -> None:
        for timer in timers:
            _carry_out(session, now, hotline, timer)

    return {OWNER: fire}


def _carry_out(session: Session, now: datetime, hotline: Hotline, timer: Timer) -> None:
    """Matter by matter; whoever lost the account or the role meanwhile carries out nothing."""
    who = _principal(session, str(timer.data["by"]))
    if who is None:
        return
    sealed = base64.b64decode(timer.data["given"])
    words: dict[str, Any] = orjson.loads(ring().open(sealed, f"{OWNER}.{timer.ref}"))
    action, refused = Action(timer.data["action"]), []
    for number, version in timer.data["chosen"].items():
        try:
            with session.begin_nested():
                hotline.perform(session, number, action, who, Given(version=version, **words))
        except AppError as error:
            refused.append([number, error.code, error.detail])
    after = {"action": action.value, "count": len(timer.data["chosen"]), "refused": refused}
    audit.record(session, now, who.actor, DONE, f"bulk:{timer.ref}", after=after)


def _principal(session: Session, ref: str) -> Principal | None:
    """Whoever planned it, with the roles of now."""
    account = session.exec(select(Account).where(Account.id == ref, col(Account.disabled).is_(False))).first()
    if account is None:
        return None
    roles = frozenset(Role(name) for name in account.roles)
    return Principal(ref, account.name, roles, "console", person_id=account.person_id, unit_id=account.unit_id)
