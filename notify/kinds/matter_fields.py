"""What every message about a hotline matter may say, and how such kinds are made."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind


class MatterFields(BaseModel):
    """A matter as a text names it; what a text does not need stays empty.

    ``subject`` is a word or two the citizen recognises it by (路灯, else 来件), ``due`` a limit in words,
    ``page`` where number and code are entered, ``phone`` the office's own.
    """

    number: str = Field(max_length=20)
    subject: str = Field("", max_length=40)
    code: str = Field("", max_length=10)
    unit: str = Field("", max_length=100)
    due: str = Field("", max_length=40)
    text: str = Field("", max_length=5000)
    more: str = Field("", max_length=500)
    count: int = 0
    page: str = Field("", max_length=200)
    phone: str = Field("", max_length=20)


SAMPLE = {
    "number": "26112103",
    "subject": "路灯",
    "code": "483920",
    "unit": "城管局",
    "due": "12月14日",
    "text": "11月26日已修好村口路灯。",
    "count": 1,
    "page": "网页",
    "phone": "12345",
}
"""Made-up values for previews and tests."""


def matter_kind(
    name: str,
    texts: Mapping[str, str],
    *,
    topic: str = "matter",
    one_way: Mapping[str, str] | None = None,
    lane: Lane = Lane.NORMAL,
    quiet: bool = True,
    budget: int = 1,
    max_age: timedelta = timedelta(hours=72),
    **example: Any,
) -> Kind:
    """A kind whose payload is ``MatterFields``. ``example`` adds to or replaces the sample values."""
    return Kind(
        name=name,
        payload=MatterFields,
        texts=texts,
        topic=topic,
        example={**SAMPLE, **example},
        one_way=one_way or {},
        lane=lane,
        max_age=max_age,
        budget=budget,
        quiet=quiet,
    )
