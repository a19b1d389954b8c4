"""A form that makes something is carried out once, also when its button is pressed twice without script.

The form carries a token made when the page was; the second arrival is answered with what the first one made.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.console.desk import Visit
from core import idempotency
from core.errors import Conflict

FIELD = "once"
T = TypeVar("T")


def carry_out(session: Session, visit: Visit, work: Callable[[Session], str]) -> str:
    """The id of what ``work`` made, or of what it made when this very form arrived before. Raises Conflict."""
    token = visit.text(FIELD)[:64]
    if not token:
        return work(session)
    parts = (visit.who.ref, visit.request.url.path, token)
    key = idempotency.fingerprint(*(part.encode() for part in parts))
    try:
        kept = idempotency.begin(session, visit.house.clock(), key, key)
    except IntegrityError as error:
        raise Conflict("This form is just being carried out.") from error
    if kept is not None:
        return kept[1].decode()
    made = work(session)
    idempotency.finish(session, key, 201, made.encode())
    return made
