"""``/api/v1/ask`` for everybody and ``/api/v1/faq`` for editors and reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import Response

from core.clock import Clock
from core.config import Network
from core.db import Database
from core.idempotent_route import Once
from core.limits import RateLimit
from core.web import Guard, client_address
from faq import routes_entries, routes_misses
from faq.misses import Misses
from faq.schemas import AskIn, AskOut, FeedbackIn, FeedbackOut
from faq.service import FaqService

MAX_UPLOAD = 20_000_000
TOO_OFTEN = "Too many questions from this address; please wait a minute."


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with. ``ask_limit`` counts questions by client address, seen through ``proxies``."""

    service: FaqService
    misses: Misses
    guard: Guard
    db: Database
    clock: Clock
    ask_limit: RateLimit
    proxies: Sequence[Network] = field(default=())
    max_upload: int = MAX_UPLOAD
    """Bytes of an import file."""


def build_router(parts: Parts) -> APIRouter:
    """Every route of the knowledge base."""
    router = APIRouter(prefix="/api/v1")
    once = Once(parts.db, parts.clock)
    _add_ask(router, parts)
    routes_misses.add_routes(router, parts.service, parts.misses, parts.guard, parts.db, parts.clock, once)
    routes_entries.add_routes(router, parts.guard, parts.db, parts.clock, once, parts.max_upload)
    return router


def _add_ask(router: APIRouter, parts: Parts) -> None:
    def count(request: Request) -> None:
        parts.ask_limit.check(client_address(request, parts.proxies), TOO_OFTEN)

    @router.post("/ask", response_model=AskOut, tags=["ask"])
    async def ask(request: Request, question: AskIn) -> Response:
        """Answer a policy question: one answer, a few choices, or none."""
        count(request)
        asked = await parts.service.ask(question.text, locale=question.locale or "", limit=question.limit)
        query_id = await parts.service.record(parts.clock(), asked, "api")
        # Made without validating it again: at hundreds of answers a second that is a good part of the time.
        return Response(AskOut.of(asked, query_id).model_dump_json(), media_type="application/json")

    @router.post("/ask/{query_id}/feedback", tags=["ask"])
    async def feedback(request: Request, query_id: str, said: FeedbackIn) -> FeedbackOut:
        """Say whether it helped, and which of the choices it was."""
        count(request)
        await parts.db.write(parts.service.feedback, parts.clock(), query_id, said.helpful, said.chosen)
        return FeedbackOut(query_id=query_id, helpful=said.helpful, chosen=said.chosen)
