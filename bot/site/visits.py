"""Which matters a browser may read: those whose number and code it showed, and those it handed in.

The code never stands in an address. The cookie is a secret of this browser's session; the service keeps a keyed
digest of it. The visit ends when the person says so (结束查看) or after 30 idle minutes, as the chat does.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.site.models import WebVisit
from bot.site.sessions import IDLE, KEPT, NOTED_EVERY
from core.crypto import index
from core.ids import new_secret

COOKIE = "sunline_follow"
MOST = 20
"""Matters that one browser reads at a time; the oldest makes way."""


def secret_of(request: Request) -> str:
    """The browser's secret, empty when it has none."""
    return request.cookies.get(COOKIE, "")


def id_of(secret: str) -> str:
    """Under which a browser's visit is kept; empty for no secret."""
    return index(secret, "web_visit.id") if secret else ""


def find(session: Session, now: datetime, visit_id: str) -> WebVisit | None:
    """The visit while it lasts."""
    visit = session.get(WebVisit, visit_id) if visit_id else None
    return None if visit is None or is_over(visit, now) else visit


def is_over(visit: WebVisit, now: datetime) -> bool:
    """Ended, or nobody there for too long."""
    return visit.ended_at is not None or now - visit.used_at >= IDLE


def allow(
    session: Session, now: datetime, secret: str, matter_id: str = "", receipt: Mapping[str, Any] | None = None
) -> str:
    """Let this browser read a matter, or its receipt; the secret of the visit, another one when the old is over."""
    wanted = select(WebVisit).where(WebVisit.id == id_of(secret)).with_for_update()
    visit = session.exec(wanted.execution_options(populate_existing=True)).first() if secret else None
    if visit is None or is_over(visit, now):
        secret = new_secret(24)
        visit = WebVisit(id=id_of(secret), started_at=now, used_at=now)
    if matter_id:
        visit.matters = [*(one for one in visit.matters if one != matter_id), matter_id][-MOST:]
    if receipt is not None:
        visit.receipt = json.dumps(receipt, ensure_ascii=False)
    visit.used_at = now
    session.add(visit)
    session.flush()
    return secret


def receipt_of(visit: WebVisit | None, what: str) -> dict[str, Any] | None:
    """The receipt of what was done last, if it is one of these."""
    kept = json.loads(visit.receipt) if visit and visit.receipt else None
    return kept if isinstance(kept, dict) and kept.get("what") == what else None


def unnoted(session: Session, now: datetime, visit_id: str) -> bool:
    """Whether a sign of life now is far enough from the last to be written down."""
    visit = find(session, now, visit_id)
    return visit is not None and now - visit.used_at >= NOTED_EVERY


def touch(session: Session, now: datetime, visit_id: str) -> None:
    """A sign of life."""
    if visit := find(session, now, visit_id):
        visit.used_at = now
        session.add(visit)
        session.flush()


def end(session: Session, now: datetime, visit_id: str) -> None:
    """The person is done (结束查看): nothing can be read from this browser any more."""
    if visit := find(session, now, visit_id):
        visit.ended_at, visit.matters, visit.receipt = now, [], None
        session.add(visit)
        session.flush()


def purge(session: Session, now: datetime) -> int:
    """Forget visits that have long been over; returns how many."""
    result = session.execute(delete(WebVisit).where(col(WebVisit.used_at) < now - KEPT))
    return int(getattr(result, "rowcount", 0))


def set_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """The browser's key; a session cookie, gone when the browser is closed."""
    response.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=secure)


def minutes() -> int:
    """After how many idle minutes a visit ends."""
    return int(IDLE / timedelta(minutes=1))
