"""``POST /hooks/{channel}``: the signature is checked, what came is committed, only then the provider is answered.

A crash before the commit makes the provider deliver again; a redelivery ends at the inbox's unique key.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from bot import inbox
from core.clock import Clock
from core.db import Database
from core.errors import NotFound
from core.messages import Inbound, Receipt, WebhookRequest
from core.ports import Channel, Deliver
from notify.outbox import receipts


def accept(session: Session, now: datetime, events: Sequence[Inbound | Receipt]) -> None:
    """Keep messages and apply receipts; the same event twice changes nothing."""
    inbox.store(session, now, [event for event in events if isinstance(event, Inbound)])
    for event in events:
        if isinstance(event, Receipt):
            receipts.apply(session, now, event)


def deliverer(db: Database, clock: Clock) -> Deliver:
    """For channels that poll: returns after the commit, so that they may acknowledge."""

    async def deliver(events: Sequence[Inbound | Receipt]) -> None:
        await db.write(accept, clock(), events)

    return deliver


def build_router(db: Database, clock: Clock, channels: Mapping[str, Channel], public_url: str) -> APIRouter:
    """One route for all channels. Providers sign the address they called, so it is built from ``public_url``,
    never from what a proxy made of it."""
    router = APIRouter(tags=["webhooks"])

    @router.post("/hooks/{channel}", include_in_schema=False)
    async def hook(channel: str, request: Request) -> Response:
        if channel not in channels:
            raise NotFound("There is no such channel.")
        received = await channels[channel].receive(
            WebhookRequest(
                method=request.method,
                url=f"{public_url}{request.url.path}" + (f"?{request.url.query}" if request.url.query else ""),
                headers=dict(request.headers),
                query=dict(request.query_params),
                body=await request.body(),
            )
        )
        if received.events:
            await db.write(accept, clock(), received.events)
        return Response(received.reply, media_type=received.reply_type)

    return router
