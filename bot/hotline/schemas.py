"""Bodies and answers of the hotline's routes (CONTRACT, "tickets")."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from bot.hotline.citizen_view import LimitsOut
from bot.hotline.given import Given
from bot.hotline.intake import MAX_TEXT, MAX_TITLE, NewMatter, Opened
from bot.hotline.words import Kind

Text = Annotated[str, Field(min_length=2, max_length=MAX_TEXT)]


class PlaceIn(BaseModel):
    """Where it is: words, a position (WGS 84), or both."""

    address: str | None = Field(None, max_length=200)
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)


class TicketIn(BaseModel):
    """What anyone hands in.

    ``for_person`` and ``for_phone`` are the person concerned when it is for a relative, ``name`` and ``phone`` whom
    to call; ``home_visit``: somebody should come to them.
    """

    kind: Kind
    text: Text
    title: str = Field("", max_length=MAX_TITLE)
    name: str | None = Field(None, max_length=60)
    phone: str | None = Field(None, max_length=30)
    anonymous: bool = False
    confidential: bool = False
    place: PlaceIn | None = None
    for_person: str | None = Field(None, max_length=60)
    for_phone: str | None = Field(None, max_length=30)
    home_visit: bool = False
    locale: str = Field("zh-Hans", max_length=10)

    def matter(self, source: str) -> NewMatter:
        """As the service takes it."""
        return NewMatter(**self._values(source))

    def _values(self, source: str) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "source": source,
            "title": self.title,
            "name": self.name or "",
            "phone": self.phone or "",
            "for_person": self.for_person or "",
            "for_phone": self.for_phone or "",
            "home_visit": self.home_visit,
            "anonymous": self.anonymous,
            "confidential": self.confidential,
            "place": self.place.model_dump(exclude_none=True) if self.place else None,
            "locale": self.locale,
        }


class StaffTicketIn(TicketIn):
    """What an agent takes down for a caller, a visitor or a letter; ``caller`` may stand for name and phone."""

    source: str = Field("phone", min_length=1, max_length=20)
    caller: str | None = Field(None, max_length=60)
    outside_number: str = Field("", max_length=60)
    about_unit: str | None = Field(None, max_length=32)
    category: str = Field("", max_length=20)
    emergency: str = Field("", max_length=20)
    vulnerable: bool = False
    extra: dict[str, Any] | None = None

    def matter(self, source: str) -> NewMatter:
        """As the service takes it."""
        values = self._values(source)
        if self.caller and not self.phone and sum(char.isdigit() for char in self.caller) >= 7:
            values["phone"] = self.caller
        elif self.caller and not self.name:
            values["name"] = self.caller
        return NewMatter(
            **values,
            outside_number=self.outside_number,
            about_unit=self.about_unit,
            category=self.category,
            emergency=self.emergency,
            vulnerable=self.vulnerable,
            extra=self.extra,
        )


class TicketOut(BaseModel):
    """A matter that is registered: keep number and code."""

    number: str
    code: str
    state: str
    limits: LimitsOut

    @classmethod
    def of(cls, opened: Opened) -> "TicketOut":
        """The answer to what the service opened."""
        limits = LimitsOut(accept=opened.accept_by, answer=opened.answer_by)
        return cls(number=opened.number, code=opened.code, state=opened.state, limits=limits)


class WithCode(BaseModel):
    """Something done by number and code."""

    code: str = Field(min_length=1, max_length=20)


class TextIn(WithCode):
    """Words with it; ``reason`` is another name for them."""

    text: str = Field("", max_length=2000)
    reason: str = Field("", max_length=2000)

    @property
    def words(self) -> str:
        """Whichever was given."""
        return self.text or self.reason


class RateIn(WithCode):
    """A rating: 5 非常满意 … 1 非常不满意."""

    solved: bool
    grade: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: str = Field("", max_length=1000)


class UrgedOut(BaseModel):
    """Who was asked to hurry, and until when they say how it stands."""

    unit: str | None
    progress_by: datetime
    count: int


class FileOut(BaseModel):
    """A file that is kept."""

    id: str
    name: str
    mime: str
    size: int


class ActionIn(Given):
    """An action of staff; ``version`` is the one the caller saw."""

    version: int = Field(ge=1)


class ManyIn(Given):
    """One action on up to 100 matters; each with the version the caller saw."""

    numbers: Annotated[dict[str, int], Field(min_length=1, max_length=100, description="number → version, or a list")]

    @field_validator("numbers", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A bare list means: as they are now."""
        return dict.fromkeys(map(str, value), 0) if isinstance(value, list) else value


class ManyItem(BaseModel):
    """What became of one of them."""

    number: str
    ok: bool
    version: int | None = None
    state: str | None = None
    error: str | None = None
    detail: str | None = None


class ManyOut(BaseModel):
    """Item by item, in the order given."""

    items: list[ManyItem]


class WhyIn(BaseModel):
    """Why an identity is looked at."""

    why: str = Field("", max_length=200)


class IdentityOut(BaseModel):
    """Who wrote."""

    name: str | None
    phone: str | None
    for_person: str | None
    for_phone: str | None
    channel: str
    address: str | None
