"""The pages of the office beside the hotline: documents, knowledge base, people, calendar, messages, settings.

Kept apart from ``routes`` so that each half of the console names its own pages.
"""

from collections.abc import Callable

from fastapi import APIRouter

from bot.console import documents, faq, faq_missed, people, signing, units
from bot.console.desk import Console
from bot.console.waiting import Cards

BUILDERS: tuple[Callable[[Console], APIRouter], ...] = (
    documents.build_router,
    signing.build_router,
    faq_missed.build_router,
    faq.build_router,
    people.build_router,
    units.build_router,
)

CARDS: tuple[Cards, ...] = (signing.cards, documents.cards, faq.cards, people.cards)
