"""What messages about a reception day (接访日) may say."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class ReceptionFields(BaseModel):
    """A booking: its day and hour in words, who receives where, its number; ``before`` is the day it was on."""

    day: str = Field(max_length=30)
    before: str = Field("", max_length=30)
    at: str = Field(max_length=10)
    leader: str = Field(max_length=61)
    place: str = Field("", max_length=60)
    number: str = Field(max_length=20)
    phone: str = Field("", max_length=20)


def reception_kind(name: str, texts: Mapping[str, str], one_way: Mapping[str, str]) -> Kind:
    """A kind about a booking. In Chinese one segment; English with Chinese names in it takes more."""
    return Kind(
        name=name,
        payload=ReceptionFields,
        texts=texts,
        one_way=one_way,
        topic="reception",
        example={
            "day": "12月15日周二",
            "before": "12月14日周一",
            "at": "09:00",
            "leader": "示例甲副局长",
            "place": "县信访大厅",
            "number": "Y261215-03",
            "phone": "12345",
        },
    )
