"""One-time links to sign by (一次性签收链接): bound to document, person and generation, signed, with an end.

Nothing is stored. The link works once because signing starts a new generation: an old one no longer fits.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.crypto import index
from core.errors import NotFound

LIFETIME = timedelta(hours=72)
_CONTEXT = "sign.link"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says."""

    recipient_id: str
    person_id: str
    generation: int
    expires_at: datetime


def make_token(recipient_id: str, person_id: str, generation: int, now: datetime) -> str:
    """The token of a link."""
    expires = int((now + LIFETIME).timestamp())
    body = f"{recipient_id}|{person_id}|{generation}|{expires}"
    return base64.urlsafe_b64encode(f"{body}|{_mac(body)}".encode()).decode().rstrip("=")


def read_token(token: str) -> Link:
    """What a token says; raises NotFound for one we did not make. Whether it is over is not looked at."""
    try:
        body, _, mac = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().rpartition("|")
    except ValueError as error:
        raise NotFound("There is no such page.") from error
    if not hmac.compare_digest(mac.encode(), _mac(body).encode()):
        raise NotFound("There is no such page.")
    recipient_id, person_id, generation, expires = body.split("|")
    return Link(recipient_id, person_id, int(generation), datetime.fromtimestamp(int(expires), UTC))


def _mac(body: str) -> str:
    """128 bits of HMAC-SHA256 under the index key, for this purpose alone."""
    return index(body, _CONTEXT)
