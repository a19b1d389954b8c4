"""Endpoints are added and taken away, and the sealed trail is fed to them through the outbox.

An endpoint's place in the trail moves in the transaction that writes its messages, and a message's key names endpoint
and link: whatever is killed between, nothing is told twice and nothing left out. Order is that of the trail; a
receiver that was away gets what it missed, in up to 72 hours.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, col, func, select

from core import audit
from core.audit import Actor, AuditEntry
from core.clock import Clock
from core.crypto import index, signing_secret
from core.errors import BadInput, Conflict, NotFound
from core.ids import new_id
from core.ports import Channel
from notify.outbox.message import Message
from notify.outbox.service import Outbox
from notify.webhooks.events import checked, wanted
from notify.webhooks.models import WebhookEndpoint

CHANNEL = "webhook"
BATCH = 500
"""Links of the trail looked at in one transaction for one endpoint."""
_LONGEST_URL = 2000


class Webhooks:
    """Who is told of what."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock

    def add(self, session: Session, name: str, url: str, events: Sequence[str], actor: Actor) -> WebhookEndpoint:
        """Tell a system of what happens from now on. Raises BadInput naming the field, Conflict for one known."""
        channel = self._channels.get(CHANNEL)
        allows = getattr(channel, "allows", None)
        if allows is None:
            raise BadInput("Webhooks are off: set SUNLINE_WEBHOOK_ORIGINS.", fields={"url": "webhooks are off"})
        if len(url) > _LONGEST_URL or not urlsplit(url).scheme or not allows(url):
            raise BadInput("This origin is not in SUNLINE_WEBHOOK_ORIGINS.", fields={"url": "origin not allowed"})
        if not name.strip():
            raise BadInput("Give it a name.", fields={"name": "missing"})
        key = index(url, "webhook.url")
        if session.exec(select(WebhookEndpoint.id).where(WebhookEndpoint.url_index == key)).first():
            raise Conflict("This address is told already: remove it first.")
        newest = session.exec(select(func.max(AuditEntry.n))).one() or 0
        made = WebhookEndpoint(
            name=name.strip()[:60],
            url=url,
            url_index=key,
            events=checked(events),
            told=newest,
            created_at=self._clock(),
            created_by=actor.ref,
        )
        session.add(made)
        after = {"name": made.name, "events": made.events}
        audit.record(session, self._clock(), actor, "webhook.add", f"webhook:{made.id}", after=after)
        session.flush()
        return made

    def listed(self, session: Session) -> list[WebhookEndpoint]:
        """Every endpoint, oldest first."""
        return list(session.exec(select(WebhookEndpoint).order_by(col(WebhookEndpoint.id))))

    def remove(self, session: Session, endpoint_id: str, actor: Actor) -> None:
        """Tell it nothing more. Raises NotFound."""
        found = self._found(session, endpoint_id)
        session.delete(found)
        audit.record(session, self._clock(), actor, "webhook.remove", f"webhook:{found.id}")

    def test(self, session: Session, endpoint_id: str) -> str:
        """Send a test event; returns the message's id, whose fate the messages show. Raises NotFound."""
        found = self._found(session, endpoint_id)
        act = {"event": "test", "at": self._clock().isoformat(), "subject": f"webhook:{found.id}", "after": {}}
        return self._outbox.put(session, _message(found, act, f"webhook:{found.id}:test:{new_id()}"))

    def _found(self, session: Session, endpoint_id: str) -> WebhookEndpoint:
        found = session.get(WebhookEndpoint, endpoint_id)
        if found is None:
            raise NotFound("There is no such webhook.")
        return found

    def feed(self, session: Session) -> int:
        """Tell each endpoint of the next links of the trail; returns how many messages that made."""
        made = 0
        for endpoint in session.exec(select(WebhookEndpoint).with_for_update()).all():
            entries = session.exec(
                select(AuditEntry).where(col(AuditEntry.n) > endpoint.told).order_by(col(AuditEntry.n)).limit(BATCH)
            ).all()
            if not entries:
                continue
            messages = [
                _message(endpoint, _act(entry), f"webhook:{endpoint.id}:{entry.n}")
                for entry in entries
                if wanted(endpoint.events, entry.action)
            ]
            self._outbox.put_many(session, messages)
            endpoint.told = entries[-1].n or endpoint.told
            session.add(endpoint)
            made += len(messages)
        return made


def shown_secret(url: str) -> str:
    """The signing secret of an address, as receivers of Standard Webhooks take it."""
    return "whsec_" + base64.b64encode(signing_secret(url)).decode()


def _act(entry: AuditEntry) -> dict[str, Any]:
    return {"event": entry.action, "at": entry.at.isoformat(), "subject": entry.subject, "after": entry.after or {}}


def _message(endpoint: WebhookEndpoint, act: Mapping[str, Any], key: str) -> Message:
    return Message(kind="webhook_event", channel=CHANNEL, address=endpoint.url, payload=act, dedup_key=key)
