"""Over HTTP: proving a telephone by a code sent to it, and a code that links another channel."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.absence import staff
from core.auth import Principal
from core.clock import Clock
from core.contact_codes import LIFETIME, give_code
from core.db import Database
from core.errors import Conflict, Forbidden
from core.people import Role, normal_phone
from core.web import Guard, require
from notify.outbox.message import Message
from notify.signoff.service import SignOff


class PhoneIn(BaseModel):
    """A telephone, in any usual form."""

    phone: str = Field(min_length=3, max_length=40)


class CodeSentOut(BaseModel):
    """The code went to the telephone; it counts once that telephone has sent it back (验证)."""

    minutes: int


class LinkCodeOut(BaseModel):
    """A code to be sent (绑定) from the chat that shall receive reminders."""

    code: str
    minutes: int


def add_contacts(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff) -> None:
    """Add them."""
    anybody = require(guard, Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR, Role.ADMIN)
    minutes = int(LIFETIME.total_seconds() // 60)

    @router.post("/people/{person}/phones", status_code=202, tags=["people"])
    async def prove(person: str, body: PhoneIn, who: Principal = anybody) -> CodeSentOut:
        """Send a code to a telephone; until it comes back from there, nothing else goes to it."""

        def work(session: Session) -> CodeSentOut:
            found = staff(session, person)
            _own_or_admin(found.id, who)
            case, phone = signoff.work(session), normal_phone(body.phone)
            channel = case.office.phone_channel
            if not channel:
                raise Conflict("No channel to telephones is set up.")
            code = give_code(session, clock(), who.actor, found, channel=channel, address=phone)
            payload = {"code": code}
            case.outbox.put(session, Message("contact_code", channel, phone, payload, locale=found.locale))
            return CodeSentOut(minutes=minutes)

        return await db.write(work)

    @router.post("/people/{person}/link-code", status_code=201, tags=["people"])
    async def link(person: str, who: Principal = anybody) -> LinkCodeOut:
        """A code that links the chat it is sent from; shown once."""

        def work(session: Session) -> LinkCodeOut:
            found = staff(session, person)
            _own_or_admin(found.id, who)
            return LinkCodeOut(code=give_code(session, clock(), who.actor, found), minutes=minutes)

        return await db.write(work)


def _own_or_admin(person_id: str, who: Principal) -> None:
    if who.person_id != person_id and not who.has(Role.ADMIN):
        raise Forbidden("Only the person or an administrator may do this.")
