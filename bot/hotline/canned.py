"""Replies kept for use again (常用答复): a unit's own and the whole office's, with placeholders.

``{number}`` and its like are filled from the matter; ``___`` (three or more) is a blank that a person fills, and an
answer with a blank in it never leaves. Handlers use and keep their own unit's, the hotline everybody's.
"""

import re
from collections.abc import Mapping

from pydantic import BaseModel, Field
from sqlmodel import col, or_, select

from bot.hotline import barrier, letters
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.units import find_unit
from bot.hotline.words import Kind
from bot.hotline.work_models import CannedReply
from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.people import Unit

MAX_TEXT = 1000
MOST = 100
"""For one unit: more are not found any more by whoever looks for one."""
PLACEHOLDERS: Mapping[str, str] = {
    "number": "编号",
    "subject": "事由",
    "unit": "承办单位",
    "due": "答复期限",
    "today": "今天的日期",
    "office": "本热线",
    "phone": "热线电话",
}
"""What a text may have filled in, with the words a page shows beside it."""
_PLACE = re.compile(r"\{([^{}]*)\}")
_BLANK = re.compile(r"[_＿]{3,}")


class CannedIn(BaseModel):
    """A reply to keep: ``unit`` by id or name, empty for the whole office; ``kind`` empty for every kind."""

    title: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=2, max_length=MAX_TEXT)
    unit: str = Field("", max_length=100)
    kind: Kind | None = None


class CannedOut(BaseModel):
    """A kept reply. ``filled`` is the text for the matter that was named, else the text itself."""

    id: str
    title: str
    text: str
    filled: str
    blanks: int
    unit: str | None
    kind: str
    used: int
    mine: bool


def unknown_places(text: str) -> list[str]:
    """Placeholders of a text that nothing fills in. Pure."""
    return [name for name in _PLACE.findall(text) if name not in PLACEHOLDERS]


def blanks(text: str) -> int:
    """How many blanks a person has to fill. Pure."""
    return len(_BLANK.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what has no value becomes a blank. Pure."""
    return _PLACE.sub(lambda found: values.get(found[1]) or "___", text)


def filled(desk: Desk, matter: Matter, row: CannedReply) -> str:
    """A kept reply for one matter, in the office's own words."""
    local = desk.now.astimezone(desk.office.hours.zone)
    return fill(
        row.text,
        {
            "number": matter.number,
            "subject": letters.subject(matter, "zh-Hans"),
            "unit": letters.unit_name(desk, matter.unit_id),
            "due": desk.due_words(matter.answer_by, "zh-Hans").removesuffix("前"),
            "today": f"{local.month}月{local.day}日",
            "office": desk.office.name,
            "phone": desk.office.phone,
        },
    )


def usable(desk: Desk, who: Principal, kind: str = "") -> list[CannedReply]:
    """What somebody may use: their unit's first, then the office's, by title, so that a number keeps its reply."""
    own = or_(col(CannedReply.unit_id).is_(None), CannedReply.unit_id == who.unit_id)
    found = select(CannedReply).where(own)
    if kind:
        found = found.where(col(CannedReply.kind).in_(["", kind]))
    rows = desk.session.exec(found.order_by(CannedReply.title, CannedReply.id)).all()
    return sorted(rows, key=lambda row: row.unit_id is None)


def listed(desk: Desk, who: Principal, kind: str = "", matter: Matter | None = None) -> list[CannedOut]:
    """What somebody may use, filled for a matter where one is named; without one the hotline sees every unit's."""
    if matter is None and not barrier.only_a_handler(who):
        found = select(CannedReply)
        if kind:
            found = found.where(col(CannedReply.kind).in_(["", kind]))
        rows = list(desk.session.exec(found.order_by(CannedReply.title, CannedReply.id)))
    else:
        rows = usable(desk, who, matter.kind if matter else kind)
    return [shown(desk, who, row, matter) for row in rows]


def shown(desk: Desk, who: Principal, row: CannedReply, matter: Matter | None = None) -> CannedOut:
    """One of them as pages and API show it."""
    unit = desk.session.get(Unit, row.unit_id) if row.unit_id else None
    text = filled(desk, matter, row) if matter else row.text
    return CannedOut(
        id=row.id,
        title=row.title,
        text=row.text,
        filled=text,
        blanks=blanks(text),
        unit=unit.name if unit else None,
        kind=row.kind,
        used=row.used,
        mine=_may_keep(who, row.unit_id),
    )


def get(desk: Desk, who: Principal, canned_id: str) -> CannedReply:
    """One that this person may use; raises NotFound."""
    row = desk.session.get(CannedReply, canned_id)
    hidden = row is not None and row.unit_id not in {None, who.unit_id} and barrier.only_a_handler(who)
    if row is None or hidden:
        raise NotFound("There is no such canned reply.")
    return row


def add(desk: Desk, who: Principal, given: CannedIn) -> CannedReply:
    """Keep a reply. Raises BadInput, Forbidden, Conflict for a title that is taken or a full list."""
    unit_id = _unit(desk, who, given)
    _check(desk, given, unit_id)
    row = CannedReply(
        unit_id=unit_id,
        kind=given.kind.value if given.kind else "",
        title=given.title.strip(),
        text=given.text.strip(),
        created_by=who.identity,
        created_at=desk.now,
        changed_at=desk.now,
    )
    _keep(desk, who, "canned.add", row)
    return row


def change(desk: Desk, who: Principal, canned_id: str, given: CannedIn) -> CannedReply:
    """Change one. Raises as ``add``, and NotFound."""
    row = get(desk, who, canned_id)
    _need(who, row.unit_id)
    unit_id = _unit(desk, who, given)
    _check(desk, given, unit_id, row.id)
    row.unit_id, row.kind = unit_id, given.kind.value if given.kind else ""
    row.title, row.text, row.changed_at = given.title.strip(), given.text.strip(), desk.now
    _keep(desk, who, "canned.change", row)
    return row


def remove(desk: Desk, who: Principal, canned_id: str) -> None:
    """Keep it no longer. Raises NotFound, Forbidden."""
    row = get(desk, who, canned_id)
    _need(who, row.unit_id)
    audit.record(desk.session, desk.now, who.actor, "canned.remove", f"canned:{row.id}", before={"title": row.title})
    desk.session.delete(row)
    desk.session.flush()


def take(desk: Desk, who: Principal, matter: Matter, canned_id: str) -> str:
    """The text of one for an answer to a matter; counts that it was used."""
    row = get(desk, who, canned_id)
    row.used += 1
    desk.session.add(row)
    desk.session.flush()
    return filled(desk, matter, row)


def _unit(desk: Desk, who: Principal, given: CannedIn) -> str | None:
    """Whose it is: a handler's own unit unless another is named; and whether that is theirs to say."""
    if given.unit:
        unit_id: str | None = find_unit(desk.session, given.unit).id
    else:
        unit_id = who.unit_id if barrier.only_a_handler(who) else None
    _need(who, unit_id)
    return unit_id


def _may_keep(who: Principal, unit_id: str | None) -> bool:
    return not barrier.only_a_handler(who) or (unit_id is not None and unit_id == who.unit_id)


def _need(who: Principal, unit_id: str | None) -> None:
    if not _may_keep(who, unit_id):
        raise Forbidden("A handler keeps replies of their own unit; the hotline keeps the office's.")


def _check(desk: Desk, given: CannedIn, unit_id: str | None, own_id: str = "") -> None:
    if unknown := unknown_places(given.text):
        allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise BadInput(f"Nothing fills in {{{unknown[0]}}}; there are: {allowed}.", fields={"text": "placeholder"})
    whose = CannedReply.unit_id == unit_id if unit_id else col(CannedReply.unit_id).is_(None)
    others = list(desk.session.exec(select(CannedReply).where(whose, CannedReply.id != own_id)))
    if any(other.title == given.title.strip() for other in others):
        raise Conflict("There is a canned reply with this title already.")
    if len(others) >= MOST:
        raise Conflict(f"There are {MOST} already: remove one first.")


def _keep(desk: Desk, who: Principal, what: str, row: CannedReply) -> None:
    desk.session.add(row)
    desk.session.flush()
    after = {"title": row.title, "unit": row.unit_id, "kind": row.kind}
    audit.record(desk.session, desk.now, who.actor, what, f"canned:{row.id}", after=after)
