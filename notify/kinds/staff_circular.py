"""To supervisors and leaders: a circular was issued (月度通报), its first figures and where the whole of it is."""

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class Head(BaseModel):
    """The period in words, matters received, and two rates in per cent (a dash where there is nothing to rate)."""

    period: str = Field(max_length=40)
    received: int
    on_time: str = Field(max_length=10)
    satisfied: str = Field(max_length=10)


KIND = Kind(
    name="staff_circular",
    payload=Head,
    texts={
        "zh-Hans": "{period}热线通报已印发：收{received}件，按时办结率{on_time}，满意率{satisfied}。全文见工作台。",
        "zh-Hant": "{period}熱線通報已印發：收{received}件，按時辦結率{on_time}，滿意率{satisfied}。全文見工作臺。",
        "en": "Circular of {period}: {received} received, {on_time} on time, {satisfied} satisfied. See the console.",
    },
    topic="digest",
    example={"period": "2026年11月", "received": 120, "on_time": "96%", "satisfied": "91%"},
    budget=1,
)
