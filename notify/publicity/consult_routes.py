"""Feedback on consultations over HTTP: an editor writes it, a reviewer makes it public."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.people import Role
from core.web import Guard, require
from notify.publicity import consulting
from notify.publicity.consult_models import ConsultationFeedback

CountOpinions = Callable[[Session, str], int]
"""How many opinions came in on a notice; they are matters, so ``main`` hands this in."""


class FeedbackIn(BaseModel):
    """What became of the opinions, and how many were taken up."""

    text: str = Field(min_length=1, max_length=10_000)
    adopted: int = Field(0, ge=0)


class FeedbackOut(BaseModel):
    """The feedback as it stands: "draft" or "published"."""

    text: str
    opinions: int
    adopted: int
    state: str
    published_at: datetime | None

    @classmethod
    def of(cls, row: ConsultationFeedback) -> "FeedbackOut":
        """From its row."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


def build_router(db: Database, clock: Clock, guard: Guard, count: CountOpinions) -> APIRouter:
    """The routes of feedback."""
    router = APIRouter(prefix="/api/v1/notices/{notice_id}/feedback", tags=["notices"])

    @router.put("")
    async def write(
        notice_id: str, body: FeedbackIn, who: Annotated[Principal, require(guard, Role.EDITOR)]
    ) -> FeedbackOut:
        """Write it, with the opinions counted now."""

        def work(session: Session) -> FeedbackOut:
            opinions = count(session, notice_id)
            row = consulting.write(
                session, clock(), notice_id, body.text, opinions=opinions, adopted=body.adopted, who=who
            )
            return FeedbackOut.of(row)

        return await db.write(work)

    @router.post("/publish")
    async def publish(notice_id: str, who: Annotated[Principal, require(guard, Role.REVIEWER)]) -> FeedbackOut:
        """Make it public; never what one wrote oneself."""
        return FeedbackOut.of(await db.write(lambda session: consulting.publish(session, clock(), notice_id, who)))

    return router
