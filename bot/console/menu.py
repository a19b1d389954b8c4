"""What the console has: one line for each page that stands in the navigation, and who sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.auth import Principal
from core.people import Role

EVERYBODY: tuple[Role, ...] = ()
HOTLINE = (Role.AGENT, Role.SUPERVISOR)
STAFF = (Role.AGENT, Role.HANDLER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation: its address, the key of its name, who sees it (no role: everybody), its group."""

    path: str
    key: str
    roles: tuple[Role, ...]
    group: str


GROUPS = ("desk", "documents", "notices", "faq", "office")
"""In the order shown; their names are the texts ``menu.group_…``."""

ENTRIES: tuple[Entry, ...] = (
    Entry("/console", "menu.home", EVERYBODY, "desk"),
    Entry("/console/tickets", "tickets.menu", STAFF, "desk"),
    Entry("/console/board", "board.menu", (Role.SUPERVISOR,), "desk"),
    Entry("/console/reports", "reports.menu", (Role.AGENT, Role.SUPERVISOR, Role.ADMIN), "desk"),
    Entry("/console/circulars", "circulars.menu", (Role.SUPERVISOR,), "desk"),
    Entry("/console/cases", "cases.menu", (*HOTLINE, Role.ADMIN), "desk"),
    Entry("/console/canned", "canned.menu", STAFF, "desk"),
    Entry("/console/signing", "menu.signing", (Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR), "documents"),
    Entry("/console/documents", "menu.documents", (Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN), "documents"),
    Entry(
        "/console/instructions",
        "instruction.menu",
        (Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR, Role.ADMIN),
        "documents",
    ),
    Entry("/console/notices", "notices.menu", (Role.EDITOR, Role.REVIEWER), "notices"),
    Entry("/console/register", "register.menu", (Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR), "notices"),
    Entry("/console/areas", "areas.menu", (Role.EDITOR, Role.ADMIN), "notices"),
    Entry("/console/faq", "menu.faq", (Role.EDITOR, Role.REVIEWER), "faq"),
    Entry("/console/faq/missed", "menu.missed", (Role.EDITOR, Role.REVIEWER), "faq"),
    Entry(
        "/console/people",
        "menu.people",
        (Role.AGENT, Role.HANDLER, Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN),
        "office",
    ),
    Entry("/console/units", "menu.units", (Role.ADMIN, Role.SUPERVISOR), "office"),
    Entry("/console/duty", "menu.duty", (*STAFF, Role.OFFICIAL, Role.ADMIN), "office"),
    Entry("/console/calendar", "menu.calendar", EVERYBODY, "office"),
    Entry("/console/receptions", "menu.receptions", (*HOTLINE, Role.ADMIN), "desk"),
    Entry("/console/messages", "menu.messages", (*HOTLINE, Role.ADMIN), "office"),
    Entry("/console/channels", "menu.channels", (Role.SUPERVISOR, Role.ADMIN), "office"),
    Entry("/console/audit", "menu.audit", (Role.AUDITOR, Role.ADMIN), "office"),
    Entry("/console/settings", "menu.settings", (Role.ADMIN,), "office"),
    Entry("/console/accounts", "menu.accounts", (Role.ADMIN,), "office"),
)


def seen_by(who: Principal, entries: Iterable[Entry] | None = None) -> list[tuple[str, list[Entry]]]:
    """The navigation of one person: groups with their pages, empty groups left out."""
    mine = [entry for entry in (ENTRIES if entries is None else entries) if not entry.roles or who.has(*entry.roles)]
    grouped = [(group, [entry for entry in mine if entry.group == group]) for group in GROUPS]
    return [(group, found) for group, found in grouped if found]


def current(path: str, entries: Iterable[Entry] | None = None) -> str:
    """The entry that a page belongs to: the longest path that begins its own; ``/console`` itself only exactly."""
    known = [entry.path for entry in (ENTRIES if entries is None else entries)]
    fitting = [one for one in known if path == one or (one != "/console" and path.startswith(one + "/"))]
    return max(fitting, key=len, default="")
