"""To a unit's leader or the supervisors: within 14 days there are hours in which nobody is on duty (值班空档)."""

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class Gap(BaseModel):
    """Which unit, how many gaps, and when the first one begins and ends, in words."""

    unit: str = Field(max_length=100)
    count: int
    starts: str = Field(max_length=40)
    ends: str = Field(max_length=40)


KIND = Kind(
    name="staff_duty_gap",
    payload=Gap,
    texts={
        "zh-Hans": "{unit}14天内有{count}段没人值班，最近一段{starts}到{ends}。请排好值班表。",
        "zh-Hant": "{unit}14天內有{count}段沒人值班，最近一段{starts}到{ends}。請排好值班表。",
        "en": "{unit}: {count} gaps of duty within 14 days, the next from {starts} to {ends}. Please fill the roster.",
    },
    topic="work",
    example={"unit": "城管局", "count": 2, "starts": "12月1日18:00", "ends": "12月2日9:00"},
    budget=1,
)
