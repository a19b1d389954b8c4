"""Kept replies in chats (常用答复): shown as buttons beside a matter, by number in an SMS, and sent like any answer."""

import re

from bot.choosing import fold, number_in
from bot.dialogue.base import Done, Say
from bot.dialogue.staff import button
from bot.hotline import canned
from bot.hotline.models import Matter
from bot.hotline.work_models import CannedReply
from bot.staff_case import StaffCase

SHOWN = 8
_NAMED = re.compile(r"^(?:常用|canned)(?:答复|答覆)?\s*(.*)$", re.IGNORECASE)


def offered(case: StaffCase, matter: Matter) -> tuple[tuple[str, str], ...]:
    """Buttons of the replies this person may use for a matter."""
    rows = canned.usable(case.desk, case.who, matter.kind)[:SHOWN]
    return tuple((button("canned_use", matter.number, row.id), row.title) for row in rows)


def listed(case: StaffCase) -> Done:
    """常用: which there are, as buttons or with their numbers."""
    matter = case.matter()
    rows = canned.usable(case.desk, case.who, matter.kind)[:SHOWN]
    if not rows:
        return Done((case.say("canned_none"),))
    if not case.situation.metered:
        return Done((case.say("canned", options=offered(case, matter)),))
    names = " ".join(f"{n}{row.title}" for n, row in enumerate(rows, 1))
    return Done((case.say("canned_sms", list=names, number=matter.number),))


def named_in(case: StaffCase, matter: Matter, text: str) -> CannedReply | None:
    """The kept reply a text names instead of writing one (``常用3``, ``常用 已修好``); None for words of one's own."""
    match = _NAMED.match(fold(text))
    if match is None:
        return None
    rows = canned.usable(case.desk, case.who, matter.kind)
    number = number_in(match[1])
    if number is not None:
        return rows[number - 1] if 1 <= number <= min(len(rows), SHOWN) else None
    return next((row for row in rows if row.title == match[1].strip()), None)


def filled(case: StaffCase, matter: Matter, row: CannedReply) -> str:
    """The words of one for a matter, counted as used."""
    return canned.take(case.desk, case.who, matter, row.id)


def with_blanks(case: StaffCase, text: str) -> Say | None:
    """A text with blanks is shown to be copied and completed; None for one that can go."""
    return case.say("canned_blanks", text=text) if canned.blanks(text) else None
