"""Phrasings that a chat model proposes to an editor."""

from fastapi import APIRouter
from pydantic import BaseModel

from core.auth import Principal
from core.db import Database
from core.errors import NotFound, Unavailable
from core.people import Role
from core.web import Guard, require
from faq import store
from faq.semantic.embedder import Away
from faq.service import FaqService


class ProposalsOut(BaseModel):
    """Other ways to ask the same; an editor takes over what fits (PATCH with the new aliases), after review."""

    phrasings: list[str]


def add_routes(router: APIRouter, service: FaqService, guard: Guard, db: Database) -> None:
    """Add the route; without a chat model it says that there is none."""
    editor = require(guard, Role.EDITOR)

    @router.post("/faq/{entry_id:path}/proposals", tags=["faq"])
    async def propose(entry_id: str, _who: Principal = editor) -> ProposalsOut:
        """Ask the office's chat model for phrasings. Nothing is changed."""
        if service.suggester is None:
            raise NotFound("No chat model is set up: SUNLINE_SEMANTIC_URL and SUNLINE_SEMANTIC_CHAT_MODEL.")
        entry = await db.read(lambda session: store.content_of(store.find(session, entry_id)))
        try:
            found = await service.suggester.propose(entry.question, entry.answer, entry.aliases)
        except Away as error:
            raise Unavailable("The chat model does not answer now; nothing was changed.") from error
        return ProposalsOut(phrasings=found)
