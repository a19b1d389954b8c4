"""The pages of the office beside the hotline: documents, knowledge base, people, calendar, messages, settings.

Kept apart from ``routes`` so that each half of the console names its own pages.
"""

from collections.abc import Callable

from fastapi import APIRouter

from bot.console import (
    accounts,
    areas,
    audit,
    calendar,
    cases,
    channels,
    documents,
    duty,
    duty_shift,
    faq,
    faq_missed,
    instructions,
    messages,
    notices,
    people,
    reception_rules,
    receptions,
    register,
    settings,
    signing,
    units,
)
from bot.console.desk import Console
from bot.console.waiting import Cards

BUILDERS: tuple[Callable[[Console], APIRouter], ...] = (
    documents.build_router,
    instructions.build_router,
    signing.build_router,
    faq_missed.build_router,
    faq.build_router,
    notices.build_router,
    people.build_router,
    units.build_router,
    duty_shift.build_router,
    duty.build_router,
    areas.build_router,
    cases.build_router,
    register.build_router,
    calendar.build_router,
    reception_rules.build_router,
    receptions.build_router,
    messages.build_router,
    channels.build_router,
    audit.build_router,
    settings.build_router,
    accounts.build_router,
)

CARDS: tuple[Cards, ...] = (
    signing.cards,
    documents.cards,
    instructions.cards,
    notices.cards,
    faq.cards,
    people.cards,
    duty.cards,
    cases.cards,
    register.cards,
    messages.cards,
)
