"""Who is chatting: a browser's cookie, and when its talk ends.

There is no cookie until the first message. The cookie is a secret; what the service keeps, and uses as the
address on the channel, is a keyed digest of it. A talk ends when the person says so or after 30 minutes without
a sign of life, because many people share a computer; after that nothing of it can be read from the browser.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.site.models import WebChat
from core.crypto import index

IDLE = timedelta(minutes=30)
"""After this long without a sign of life the talk is over (ARCHITECTURE "Web chat")."""
WARN = timedelta(minutes=2)
"""How long before that the page asks whether anybody is there (WCAG 2.2, 2.2.1: at least 20 seconds)."""
NOTED_EVERY = timedelta(seconds=30)
"""Signs of life closer together than this are not written down one by one."""
KEPT = timedelta(days=1)


def first_secret(message_id: str) -> str:
    """The cookie for somebody who has none, from the id of their first message.

    The same first message sent twice (a double click) thus begins one talk. The id is random and known to one
    browser only, and without our key nobody can work out the cookie from it.
    """
    return index(message_id, "web_chat.first")


def address_of(secret: str) -> str:
    """The address on the channel that belongs to a cookie."""
    return index(secret, "web_chat.address")


def begin(session: Session, now: datetime, address: str) -> WebChat | None:
    """Start the talk of this address, or go on with it; None when it is over."""
    chat = session.get(WebChat, address)
    if chat is None:
        chat = WebChat(id=address, started_at=now, used_at=now)
    if is_over(chat, now):
        return None
    chat.used_at = now
    session.add(chat)
    session.flush()
    return chat


def find(session: Session, now: datetime, address: str) -> WebChat | None:
    """The talk of this address while it lasts."""
    chat = session.get(WebChat, address)
    return None if chat is None or is_over(chat, now) else chat


def keep(session: Session, now: datetime, address: str) -> bool:
    """A sign of life; False when the talk is over."""
    chat = find(session, now, address)
    if chat is None:
        return False
    chat.used_at = now
    session.add(chat)
    session.flush()
    return True


def end(session: Session, now: datetime, address: str) -> None:
    """The person ends the talk (结束对话)."""
    chat = find(session, now, address)
    if chat:
        chat.ended_at = now
        session.add(chat)
        session.flush()


def why_over(session: Session, address: str) -> str:
    """Either "you", when the person ended the talk, or "idle", when it ended by itself."""
    chat = session.get(WebChat, address)
    return "you" if chat and chat.ended_at else "idle"


def purge(session: Session, now: datetime) -> int:
    """Forget sessions that have long been over; returns how many. The messages have retention of their own."""
    result = session.execute(delete(WebChat).where(col(WebChat.used_at) < now - KEPT))
    return int(getattr(result, "rowcount", 0))


def is_over(chat: WebChat, now: datetime) -> bool:
    """Ended, or nobody there for too long."""
    return chat.ended_at is not None or now - chat.used_at >= IDLE


def left(chat: WebChat, now: datetime) -> timedelta:
    """How long until the talk ends by itself."""
    return max(timedelta(0), chat.used_at + IDLE - now)


def worth_noting(chat: WebChat, now: datetime) -> bool:
    """Whether a sign of life now is far enough from the last to be written down."""
    return now - chat.used_at >= NOTED_EVERY
