"""The knowledge base as the conversations see it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.dialogue.ask import Found, Result
from core.script import to_traditional
from faq.service import Asked, EntryView, FaqService


class FaqKnowledge:
    """``bot.ports.Knowledge`` over the FAQ."""

    def __init__(self, faq: FaqService) -> None:
        self._faq = faq

    async def ask(self, text: str, *, locale: str, channel: str, within: Collection[str] = ()) -> Result:
        """Entries in every language are looked through: a rule that exists in Chinese only is better than none."""
        return _result(await self._faq.ask(text, within=within, channel=channel), locale)

    def note(self, session: Session, now: datetime, asked: Any, channel: str) -> str:
        """Record the question in the transaction of its answer."""
        return self._faq.note(session, now, asked, channel)

    def feedback(self, session: Session, now: datetime, query: str, *, helpful: bool | None, chosen: str) -> None:
        """Choosing an entry says that it helped; "none of these" that nothing did."""
        self._faq.feedback(session, now, query, helpful if helpful is not None else True, chosen or None)

    async def entry(self, entry_id: str) -> Found | None:
        """The entry behind a choice, None when it was withdrawn meanwhile."""
        view = self._faq.view(entry_id)
        return _found(view, view.locale) if view else None


def _result(asked: Asked, locale: str) -> Result:
    return Result(
        outcome=asked.outcome,
        found=tuple(_found(match, locale) for match in asked.matches),
        asked=asked,
        parts=tuple(_result(part, locale) for part in asked.parts),
    )


def _found(view: EntryView, locale: str) -> Found:
    convert = to_traditional if locale == "zh-Hant" else str
    source = " ".join(part for part in (view.source, view.source_number) if part)
    return Found(view.id, convert(view.question), convert(view.answer), unit=convert(view.unit), source=convert(source))
