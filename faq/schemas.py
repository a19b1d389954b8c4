"""The knowledge base as HTTP sees it: what comes in and what goes out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from faq.content import FIELDS
from faq.models import FaqEntry, FaqMiss, FaqVersion
from faq.service import Asked, EntryView

Id = Annotated[str, StringConstraints(max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Locale = Annotated[str, StringConstraints(max_length=20)]


class AskIn(BaseModel):
    """A question."""

    text: Words
    locale: Locale | None = None
    limit: int = Field(3, ge=1, le=10)


class MatchOut(BaseModel):
    """An entry that answers, or may."""

    id: str
    question: str
    answer: str
    score: float
    category: str
    unit: str
    source: str
    source_number: str
    source_url: str
    source_date: date | None
    valid_until: date | None

    @classmethod
    def of(cls, view: EntryView) -> "MatchOut":
        """An entry as it is shown."""
        return cls.model_construct(**{name: getattr(view, name) for name in cls.model_fields})


class PartOut(BaseModel):
    """One of two questions in a message."""

    outcome: Literal["answer", "choices", "none"]
    matches: list[MatchOut]


class AskOut(PartOut):
    """What came of a question; ``parts`` has one outcome for each when it asked two."""

    query_id: str
    parts: list[PartOut] = []

    @classmethod
    def of(cls, asked: Asked, query_id: str) -> "AskOut":
        """The outcome with the id under which it was recorded."""
        parts = [PartOut(outcome=part.outcome, matches=_matches(part)) for part in asked.parts]
        return cls.model_construct(outcome=asked.outcome, matches=_matches(asked), query_id=query_id, parts=parts)


def _matches(asked: Asked) -> list[MatchOut]:
    return [MatchOut.of(view) for view in asked.matches]


class FeedbackIn(BaseModel):
    """Whether it helped, and which of the choices was it."""

    helpful: bool
    chosen: Id | None = None


class FeedbackOut(BaseModel):
    """Taken down."""

    query_id: str
    helpful: bool
    chosen: str | None


class EntryFields(BaseModel):
    """The content of an entry; what is left out stays as it is (or empty in a new one)."""

    model_config = ConfigDict(extra="forbid")

    question: str | None = None
    aliases: list[str] | None = None
    answer: str | None = None
    category: str | None = None
    unit: str | None = None
    source: str | None = None
    source_number: str | None = None
    source_url: str | None = None
    source_date: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    locale: Locale | None = None

    def given(self) -> dict[str, Any]:
        """Only the fields that were sent."""
        return {n: v for n, v in self.model_dump(include=set(FIELDS)).items() if n in self.model_fields_set}


class EntryIn(EntryFields):
    """A new entry; without an id one is made."""

    id: Id = ""
    question: str
    answer: str


class EntryPatch(EntryFields):
    """Changes of an entry; ``version`` is the one they were made on."""

    version: int | None = Field(None, ge=1)
    why: Annotated[str, StringConstraints(max_length=200)] = ""


class MoveIn(BaseModel):
    """A step of the review. ``version`` is the one the person looked at; a rejection has a reason."""

    version: int | None = Field(None, ge=1)
    reason: Annotated[str, StringConstraints(max_length=200)] = ""


class EntryOut(BaseModel):
    """An entry as editors see it: its newest content, and which version is live."""

    id: str
    question: str
    aliases: list[str]
    answer: str
    category: str
    unit: str
    source: str
    source_number: str
    source_url: str
    source_date: date | None
    valid_from: date | None
    valid_until: date | None
    locale: str
    state: str
    version: int
    live_version: int | None
    author: str
    reviewer: str
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None

    @classmethod
    def of(cls, entry: FaqEntry) -> "EntryOut":
        """A row as it is shown."""
        return cls.model_validate(entry, from_attributes=True)


class VersionOut(BaseModel):
    """One version of an entry, whole."""

    version: int
    content: dict[str, Any]
    author: str
    at: datetime
    why: str
    approved_by: str
    approved_at: datetime | None

    @classmethod
    def of(cls, version: FaqVersion) -> "VersionOut":
        """A row as it is shown."""
        return cls.model_validate(version, from_attributes=True)


class EntryWithVersions(EntryOut):
    """An entry with its history, newest first."""

    versions: list[VersionOut] = []


class LineNoteOut(BaseModel):
    """Something about one line of a file."""

    line: int
    column: str
    reason: str


class ImportOut(BaseModel):
    """What an import did."""

    id: str
    added: int
    changed: int
    unchanged: int
    bad: list[LineNoteOut]
    warnings: list[LineNoteOut]
    unknown_columns: list[str]


class NearestOut(BaseModel):
    """The published entry that came closest."""

    id: str
    question: str
    score: float


class MissOut(BaseModel):
    """A group of missed questions; ``text`` is the wording that began it, personal numbers masked."""

    id: int
    text: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    state: str
    nearest: NearestOut | None
    entry_id: str | None
    note: str

    @classmethod
    def of(cls, group: FaqMiss, entries: dict[str, FaqEntry]) -> "MissOut":
        """A group with the entry it points at, when that is still there."""
        near = entries.get(group.nearest_id or "")
        nearest = NearestOut(id=near.id, question=near.question, score=group.nearest_score) if near else None
        values = {n: getattr(group, n) for n in cls.model_fields if n not in {"nearest", "members"}}
        return cls(nearest=nearest, **values)


class MemberOut(BaseModel):
    """One question of a group."""

    text: str
    at: datetime
    channel: str
    reason: str


class MissWithMembers(MissOut):
    """A group with its newest questions."""

    members: list[MemberOut] = []


class PhrasingIn(BaseModel):
    """Which entry gets the wording (the nearest unless named), and the wording when it was edited."""

    entry: Id = ""
    text: Annotated[str, StringConstraints(max_length=500)] = ""


class MissEntryIn(EntryFields):
    """A new entry for a group; its wording is the question, or a phrasing of the question given."""

    id: Id = ""
    answer: str


class DismissIn(BaseModel):
    """Why nothing will be written."""

    reason: Annotated[str, StringConstraints(max_length=200)] = ""


class HintOut(BaseModel):
    """Something an editor should look at. ``kind``: never_asked, expired, expiring, similar or contradicting."""

    kind: str
    id: str
    question: str
    other_id: str | None = None
    other_question: str | None = None
    score: float | None = None
    day: date | None = None


class CategoryOut(BaseModel):
    """A category and how many entries it has."""

    name: str
    entries: int
