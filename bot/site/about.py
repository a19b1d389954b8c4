"""Help, privacy, accessibility and what search engines may read. Periods come from the rules that delete."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from bot.pages.forms import csrf_token
from bot.site import drafts, sessions, visits
from bot.site.parts import Parts

ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in (
        "/api/",
        "/chat/",
        "/console",
        "/hooks/",
        "/new/",
        "/open311/",
        "/phone",
        "/reception/",
        "/sign/",
        "/t/",
    )
)
"""Search engines read the front pages and public notices; nothing that belongs to somebody has a lasting address."""

SAID = (
    "ask", "hand_in", "status", "urge", "append", "withdraw", "rate", "reopen", "book", "subscribe", "stop", "human",
)  # fmt: skip
"""What can be said by SMS and in a conversation, in the order of the table."""
CALLS = (("110", "police"), ("119", "fire"), ("120", "medical"), ("122", "traffic"), ("12356", "despair"))


def periods(session: Session, parts: Parts) -> Mapping[str, Any]:
    """For how long what is kept: from the rules and settings by which it is deleted."""
    settings, rules = parts.settings, parts.hotline.office.rules
    return {
        "matters": rules.days["kept"],
        "reception": parts.reception.rules(session).rules.keep_days,
        "messages": settings.keep_messages_days,
        "talks": settings.keep_conversations_days,
        "questions": settings.keep_questions_days,
        "idle": int(sessions.IDLE.total_seconds() // 60),
        "visit": visits.minutes(),
        "drafts": int(drafts.KEPT.total_seconds() // 3600),
    }


def build_router(parts: Parts) -> APIRouter:
    """``/help``, ``/privacy``, ``/accessibility``, ``/robots.txt``."""
    router = APIRouter(include_in_schema=False)

    def page(request: Request, template: str, values: Mapping[str, Any]) -> Response:
        return parts.pages.render(request, template, {"csrf": csrf_token(""), **values})

    @router.get("/help")
    async def help_page(request: Request) -> Response:
        return page(request, "help.html", {"said": SAID, "calls": CALLS, "days": parts.hotline.office.rules.days})

    @router.get("/privacy")
    async def privacy(request: Request) -> Response:
        return page(request, "privacy.html", {"kept": await parts.db.read(periods, parts)})

    @router.get("/accessibility")
    async def accessibility(request: Request) -> Response:
        return page(request, "accessibility.html", {})

    @router.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse(ROBOTS, headers={"Cache-Control": "public, max-age=86400"})

    return router
