"""``/api/v1/messages``: other systems send through us, and staff see what became of each message."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response
from sqlmodel import Session, select

from core.audit import Actor, record
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import AppError, BadInput, NotFound
from core.idempotent_route import Once
from core.ids import new_id
from core.people import Person, Role, normal_phone
from core.ports import Can, Channel
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from notify.outbox import hands
from notify.outbox.fallback import ToPerson, put_to_person
from notify.outbox.message import Message
from notify.outbox.service import Outbox
from notify.outbox.states import State
from notify.schemas import MessageDetail, MessageIn, MessageOut, MessageRefused, MessagesTaken, MessageTaken

MAX_ITEMS = 1000
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
_EXAMPLE = {"kind": "announcement", "to": "+12025550100", "payload": {"text": "您好"}}
_ITEM: Any = Body(openapi_examples={"one": {"value": _EXAMPLE}})


def build_router(
    db: Database, clock: Clock, guard: Guard, outbox: Outbox, channels: Mapping[str, Channel]
) -> APIRouter:
    """Every route of messages."""
    router = APIRouter(prefix="/api/v1/messages", tags=["messages"])
    _add_sending(router, db, clock, guard, _Intake(outbox, channels, clock))
    _add_looking(router, db, guard, channels)
    _add_hands(router, db, clock, guard)
    return router


class _Intake:
    """Takes messages of other systems into the outbox."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock

    def one(self, session: Session, sender: str, item: MessageIn) -> MessageTaken:
        """Put one message; raises AppError."""
        if item.kind == "reply":
            raise BadInput("Replies belong to conversations.", fields={"kind": "reply"})
        message = Message(
            kind=item.kind,
            channel="",
            address="",
            payload=item.payload,
            lane=item.lane,
            at=item.at,
            locale=item.locale,
            dedup_key=f"api:{sender}:{item.dedup_key or new_id()}",
            trial=item.test,
        )
        if ":" not in item.to and session.exec(select(Person.id).where(Person.id == item.to)).first():
            message_id = put_to_person(session, self._clock(), self._outbox, ToPerson(item.to, message))
        else:
            channel, address = address_of(item.to, self._channels)
            message_id = self._outbox.put(session, replace(message, channel=channel, address=address))
        row = hands.find(session, message_id)
        return MessageTaken(id=row.id, state=row.state, segments=row.segments, reason=row.reason)

    def many(self, session: Session, sender: str, items: list[Any]) -> MessagesTaken:
        """Each item by itself: one that does not fit leaves the others."""
        return MessagesTaken(items=[self._item(session, sender, item) for item in items])

    def _item(self, session: Session, sender: str, item: object) -> MessageTaken | MessageRefused:
        try:
            return self.one(session, sender, checked(item))
        except AppError as error:
            return MessageRefused(error=error.code, detail=error.detail, fields=error.fields)


def checked(item: object) -> MessageIn:
    """One item of a list; raises BadInput naming its fields."""
    try:
        return MessageIn.model_validate(item)
    except ValueError as error:
        problems: Callable[[], list[Any]] = getattr(error, "errors", list)
        fields = {".".join(map(str, problem["loc"])) or "item": str(problem["msg"]) for problem in problems()}
        raise BadInput("This item does not fit; see fields.", fields=fields) from error


def address_of(to: str, channels: Mapping[str, Channel]) -> tuple[str, str]:
    """Channel and address of ``to``: ``channel:address``, or a telephone number on the first metered channel."""
    name, colon, address = to.partition(":")
    if colon and name in channels:
        metered = Can.METERED in channels[name].can
        return name, normal_phone(address) if metered and ":" not in address else address
    if colon and not to.startswith("+"):
        raise BadInput(f"There is no channel {name!r} here.", fields={"to": "unknown channel"})
    metered_names = [name for name, channel in channels.items() if Can.METERED in channel.can]
    if not metered_names:
        raise BadInput("No channel here reaches telephone numbers.", fields={"to": "no channel for numbers"})
    if not to.startswith(("+", "0", "1")):
        raise BadInput("This is neither a number, nor channel:address, nor a person.", fields={"to": "not understood"})
    return metered_names[0], normal_phone(to)


def _add_sending(router: APIRouter, db: Database, clock: Clock, guard: Guard, intake: _Intake) -> None:
    once = Once(db, clock)

    @router.post("", status_code=202, response_model=MessageTaken | MessagesTaken)
    async def send(
        request: Request,
        principal: Annotated[Principal, require(guard, Role.SENDER)],
        body: Annotated[MessageIn | list[Any], _ITEM],
    ) -> Response:
        """Send one message, or a list of up to 1,000 that is answered item by item."""
        if isinstance(body, list) and len(body) > MAX_ITEMS:
            raise BadInput(f"At most {MAX_ITEMS} messages in one call.", fields={"body": "too many"})

        async def work() -> MessagesTaken | MessageTaken:
            if isinstance(body, list):
                return await db.write(intake.many, principal.ref, body)
            return await db.write(intake.one, principal.ref, body)

        return await once(request, principal.identity, work, status=202)


def _add_looking(router: APIRouter, db: Database, guard: Guard, channels: Mapping[str, Channel]) -> None:
    @router.get("")
    async def listing(
        principal: Annotated[Principal, require(guard, *READERS, Role.SENDER)],
        state: Annotated[list[State] | None, Query()] = None,
        to: Annotated[str, Query(max_length=300)] = "",
        kind: Annotated[str, Query(max_length=60)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[MessageOut]:
        """Messages, the newest first; those with state failed, undeliverable or uncertain wait for a person."""
        channel, address = address_of(to, channels) if to else ("", "")
        before = str(next(iter(decode_cursor(cursor)), "")) if cursor else ""
        wanted = hands.Filter(state or (), channel, address, kind, before, own=_own(principal))
        rows = await db.read(_shown, wanted, limit + 1)
        more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
        return Page(items=rows[:limit], next=more)

    @router.get("/{message_id}")
    async def one(
        message_id: str, principal: Annotated[Principal, require(guard, *READERS, Role.SENDER)]
    ) -> MessageDetail:
        """One message with every change of state."""
        return await db.read(_detail, message_id, _own(principal))


def _own(principal: Principal) -> str:
    """How the keys begin of what somebody may see: a system that only sends sees its own messages."""
    return "" if principal.has(*READERS) else f"api:{principal.ref}:"


def _detail(session: Session, message_id: str, own: str) -> MessageDetail:
    row = hands.find(session, message_id)
    if not row.dedup_key.startswith(own):
        raise NotFound("There is no such message.")
    return MessageDetail.of(row)


def _shown(session: Session, wanted: hands.Filter, limit: int) -> list[MessageOut]:
    return [MessageOut.of(row) for row in hands.listing(session, wanted, limit)]


def _add_hands(router: APIRouter, db: Database, clock: Clock, guard: Guard) -> None:
    def again(session: Session, actor: Actor, message_id: str, deed: str) -> MessageDetail:
        now = clock()
        before = hands.find(session, message_id).state
        row = hands.retry(session, now, message_id) if deed == "retry" else hands.close(session, now, message_id)
        record(
            session, now, actor, f"message.{deed}", f"message:{row.id}",
            before={"state": before}, after={"state": row.state},
        )  # fmt: skip
        return MessageDetail.of(row)

    @router.post("/{message_id}/retry")
    async def retry(message_id: str, principal: Annotated[Principal, require(guard, *READERS)]) -> MessageDetail:
        """Have a message that ended badly tried again."""
        return await db.write(again, principal.actor, message_id, "retry")

    @router.post("/{message_id}/close")
    async def close(message_id: str, principal: Annotated[Principal, require(guard, *READERS)]) -> MessageDetail:
        """Take a message off the list of those that wait for a person."""
        return await db.write(again, principal.actor, message_id, "close")
