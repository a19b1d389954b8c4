"""Every page of the console that axe and the smallest screen look at: the whole navigation, and those below it."""

from bot import demo
from bot.console.menu import ENTRIES

EXTRA: tuple[tuple[str, str], ...] = (
    ("agent", "/console/password"),
    ("agent", "/console/tickets?tab=all"),
    ("agent", "/console/tickets?q=没有这样的字"),
    ("agent", "/console/tickets/calls"),
    ("agent", "/console/tickets/new"),
    ("agent", "/console/canned/new"),
    ("agent", "/console/nothing-here"),
    ("editor", "/console/notices/new"),
    ("editor", "/console/notices/own-lists"),
    ("editor", "/console/areas?q=没有这样的地方"),
    ("editor", "/console/register/new"),
    ("editor", "/console/register?state=overdue"),
    ("agent", "/console/cases/new"),
    ("agent", "/console/cases?over=1"),
    ("supervisor", "/console/duty/shifts/new"),
    ("supervisor", "/console/receptions/rules"),
    ("admin", "/console/receptions/rules"),
    ("editor", "/console/notices?state=final"),
    ("supervisor", "/console/board?tab=decide"),
    ("supervisor", "/console/board?tab=alerts"),
    ("supervisor", "/console/board?tab=refusals"),
    ("supervisor", "/console/board?tab=checks"),
    ("supervisor", "/console/circulars?period=2025"),
    ("handler", "/console/documents/new"),
    ("supervisor", "/console/instructions?open=1"),
    ("editor", "/console/faq/new"),
    ("editor", "/console/faq/edit/hn-001"),
    ("editor", "/console/faq/entry/hn-001"),
    ("editor", "/console/faq/import"),
    ("admin", "/console/people/new"),
    ("admin", "/console/people/import"),
    ("admin", "/console/people/changes"),
    ("admin", "/console/calendar?year=2030&day=2030-05-01"),
    ("admin", "/console/second-factor"),
)
"""Whose, and its address: add pages that the navigation does not name."""


def _first(roles: tuple[str, ...]) -> str:
    """An account of the demo that may open a page; empty when there is none."""
    return next((name for name, held in demo.ROLES.items() if not roles or set(held) & set(roles)), "")


PAGES: tuple[tuple[str, str], ...] = (
    *((_first(entry.roles), entry.path) for entry in ENTRIES if _first(entry.roles)),
    *EXTRA,
)
