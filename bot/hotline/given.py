"""What comes with an action: one model for all of them, as the API's body and as the channels' parameters."""

from datetime import datetime

from pydantic import BaseModel, Field

from bot.hotline.replies import MAX_ANSWER, Answer
from bot.hotline.words import Finding, Grade, PauseReason
from core.errors import BadInput

_PAUSES = {
    "等待群众": PauseReason.CITIZEN,
    "等待群众补充": PauseReason.CITIZEN,
    "第三方": PauseReason.THIRD_PARTY,
    "征求第三方意见": PauseReason.THIRD_PARTY,
    "补正": PauseReason.CORRECTION,
}


class Given(BaseModel):
    """The fields of every action; each uses its own.

    ``unit`` and ``co_units`` by id or name; ``days`` are working days; ``grade`` 5 非常满意 … 1 非常不满意; ``to`` is
    the identity (person, account or token id) a matter is handed over to; ``missing`` are keys of the checklist;
    ``outcome``, ``ground`` and ``fee_fen`` belong to the answer to an information request; ``canned`` is the id of a
    kept reply, sent as it is where there is no ``text``; ``about_unit`` and ``category`` are what an agent sees when
    accepting: the unit a matter is about, and what it belongs to (``conduct`` 效能投诉).
    """

    version: int = Field(0, ge=0)
    text: str = Field("", max_length=MAX_ANSWER)
    canned: str = Field("", max_length=32)
    reason: str = Field("", max_length=500)
    unit: str = Field("", max_length=100)
    co_units: list[str] = Field(default_factory=list, max_length=10)
    into: str = Field("", max_length=20)
    to: str = Field("", max_length=60)
    days: int = 0
    ok: bool = True
    force: bool = False
    tell: bool = False
    about_unit: str = Field("", max_length=100)
    category: str = Field("", max_length=20)
    missing: list[str] = Field(default_factory=list, max_length=10)
    finding: Finding | None = None
    done: str = Field("", max_length=1000)
    contacted_by: str = Field("", max_length=60)
    contacted_at: datetime | None = None
    outcome: str = Field("", max_length=20)
    ground: str = Field("", max_length=60)
    fee_fen: int = Field(0, ge=0)
    reached: bool = True
    solved: bool | None = None
    grade: int | None = Field(None, ge=1, le=5)

    def need(self, *names: str) -> None:
        """Raises BadInput naming each of these that is empty."""
        if missing := {name: "is needed" for name in names if not str(getattr(self, name) or "").strip()}:
            raise BadInput("Something is missing; see fields.", fields=missing)

    def pause_reason(self) -> PauseReason:
        """The reason of a pause from its key or its words; raises BadInput naming the three there are."""
        plain = self.reason.strip().lower().replace(" ", "_").removeprefix("waiting_for_")
        if plain in set(PauseReason):
            return PauseReason(plain)
        if plain in _PAUSES:
            return _PAUSES[plain]
        raise BadInput("A clock stands still for one of three reasons.", fields={"reason": ", ".join(PauseReason)})

    def answer(self) -> Answer:
        """The answer in it; ``done`` and who contacted the citizen, and when, go with a finding."""
        details = {
            "done": self.done,
            "contacted_by": self.contacted_by,
            "contacted_at": self.contacted_at.isoformat() if self.contacted_at else "",
        }
        return Answer(self.text, self.finding, {key: value for key, value in details.items() if value}, self.force)

    def rating(self) -> tuple[bool, Grade] | None:
        """Solved and grade when both were told."""
        if self.solved is None or self.grade is None:
            return None
        return self.solved, Grade.from_api(self.grade)
