"""``/api/v1/ask`` for everybody and ``/api/v1/faq`` for editors and reviewers."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.idempotent_route import Once
from core.limits import RateLimit
from core.web import Guard, client_address
from faq import routes_entries, routes_misses, routes_proposals
from faq.schemas import AskIn, AskOut, FeedbackIn, FeedbackOut
from faq.service import FaqService

MAX_UPLOAD = 20_000_000
TOO_OFTEN = "Too many questions from this address; please wait a minute."


def build_router(
    service: FaqService, db: Database, clock: Clock, guard: Guard, settings: Settings, max_upload: int = MAX_UPLOAD
) -> APIRouter:
    """Every route of the knowledge base. ``max_upload`` is in bytes."""
    router = APIRouter(prefix="/api/v1")
    once = Once(db, clock)
    _add_ask(router, service, db, clock, settings)
    routes_proposals.add_routes(router, service, guard, db)
    routes_misses.add_routes(router, service, guard, db, clock, once)
    routes_entries.add_routes(router, guard, db, clock, once, max_upload)
    return router


def _add_ask(router: APIRouter, service: FaqService, db: Database, clock: Clock, settings: Settings) -> None:
    limit, proxies = RateLimit(settings.limit_ask, clock), settings.proxies

    def count(request: Request) -> None:
        limit.check(client_address(request, proxies), TOO_OFTEN)

    @router.post("/ask", response_model=AskOut, tags=["ask"])
    async def ask(request: Request, question: AskIn) -> Response:
        """Answer a policy question: one answer, a few choices, or none."""
        count(request)
        asked = await service.ask(question.text, locale=question.locale or "", limit=question.limit)
        query_id = await service.record(clock(), asked, "api")
        # Made without validating it again: at hundreds of answers a second that is a good part of the time.
        return Response(AskOut.of(asked, query_id).model_dump_json(), media_type="application/json")

    @router.post("/ask/{query_id}/feedback", tags=["ask"])
    async def feedback(request: Request, query_id: str, said: FeedbackIn) -> FeedbackOut:
        """Say whether it helped, and which of the choices it was."""
        count(request)
        await db.write(service.feedback, clock(), query_id, said.helpful, said.chosen)
        return FeedbackOut(query_id=query_id, helpful=said.helpful, chosen=said.chosen)
