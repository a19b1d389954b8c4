"""What every message about a document to sign for may say, and how such kinds are made."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind

TOPIC = "work"
"""Sign-off is work, not an alert: a first 退订 does not stop it (DIALOGUES 11)."""


class DocumentFields(BaseModel):
    """A document as a text names it; what a text does not need stays empty.

    ``urgency`` is its label, ``due`` a limit in words, ``name`` and ``unit`` those of whoever the text speaks of,
    ``listed`` several documents in one line, ``link`` the one-time page with the words before it.
    """

    urgency: str = Field("", max_length=20)
    number: str = Field("", max_length=60)
    title: str = Field("", max_length=200)
    due: str = Field("", max_length=60)
    code: str = Field("", max_length=20)
    unit: str = Field("", max_length=100)
    name: str = Field("", max_length=100)
    other: str = Field("", max_length=100)
    listed: str = Field("", max_length=2000)
    numbers: str = Field("", max_length=100)
    text: str = Field("", max_length=2000)
    at: str = Field("", max_length=40)
    count: int = 0
    minutes: int = 0
    link: str = Field("", max_length=400)
    phone: str = Field("", max_length=20)


SAMPLE = {
    "urgency": "紧急",
    "number": "示发〔2026〕12号",
    "title": "关于做好防汛值守的通知",
    "due": "15:30前",
    "code": "12",
    "unit": "城管局",
    "name": "示例甲",
    "other": "示例乙",
    "listed": "1〔2026〕12号防汛值守15:30前；2〔2026〕15号秸秆禁烧18:40前",
    "numbers": "1、2",
    "text": "应送农业农村局",
    "at": "14:52",
    "count": 2,
    "minutes": 8,
    "phone": "12345",
}
"""Made-up values for previews and tests."""


def document_kind(
    name: str,
    texts: Mapping[str, str],
    *,
    one_way: Mapping[str, str] | None = None,
    lane: Lane = Lane.URGENT,
    budget: int = 2,
    max_age: timedelta = timedelta(hours=6),
    **example: Any,
) -> Kind:
    """A kind whose payload is ``DocumentFields``. It passes quiet hours; ``example`` replaces sample values.

    In Chinese a text about one document fits one segment; English with Chinese names in it takes two."""
    return Kind(
        name=name,
        payload=DocumentFields,
        texts=texts,
        topic=TOPIC,
        example={**SAMPLE, **example},
        one_way=one_way or {},
        lane=lane,
        max_age=max_age,
        budget=budget,
        quiet=False,
    )
