"""Reminders become messages: one for each person and address, several documents of one person in one.

Everything here works on many at once, with few statements: ten thousand documents may fall due in one second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import col

from core.bulk import insert_rows, stored
from core.expectations import Ask, expect_many
from core.ids import new_id
from core.messages import Option
from core.ports import Can
from notify.outbox.message import Message
from notify.outbox.models import OutboxGuard
from notify.signoff import wording
from notify.signoff.links import make_token
from notify.signoff.models import Reminder
from notify.signoff.office import Work
from notify.signoff.plan import Step, To
from notify.signoff.roster import Address, Official, ladder
from notify.signoff.wording import Item

_AT_ONCE = 900
_SPOKEN_TITLE = 60
"""Characters of a title read out in a call."""


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody is to be reminded of something now. ``in_place_of`` names the A person when that is another."""

    item: Item
    person: Official
    role: To
    step: Step
    planned_at: datetime
    unit: str = ""
    a_name: str = ""
    rungs: tuple[int, ...] | None = None
    """Which of the person's addresses, instead of what the ladder says (used when a message came back)."""

    @property
    def in_place(self) -> bool:
        """Whether the person is asked in the A person's place."""
        return self.role is To.A and self.person.id != self.item.a_id


@dataclass(frozen=True, slots=True)
class _Letter:
    message: Message
    to: Address
    dues: tuple[Due, ...]
    rung: int
    bundle: str | None


Wrap = Callable[[Sequence[Due]], tuple[str, dict[str, Any]]]
"""Another kind of message around a list of documents: its name and the values it adds."""


def remind(work: Work, dues: Sequence[Due], wrap: Wrap | None = None) -> None:
    """Write what is due to its people. Those without any address are left to the caller.

    With ``wrap`` even a single document comes as a list, in the words of that kind.
    """
    letters = _letters(work, dues, wrap)
    if not letters:
        return
    bundles = sorted({letter.bundle for letter in letters if letter.bundle})
    if bundles:
        guards = [{"name": bundle_guard(bundle), "generation": 1} for bundle in bundles]
        work.session.connection().execute(insert(OutboxGuard), guards)
    outbox_ids = work.outbox.put_many(work.session, [letter.message for letter in letters])
    spoken = {name for name, channel in work.channels.items() if Can.SPOKEN in channel.can}
    asks = [_question(letter) for letter in letters if letter.message.channel not in spoken]
    expect_many(work.session, work.now, asks)
    dialect = work.session.connection().dialect.name
    rows = [row for letter, key in zip(letters, outbox_ids, strict=True) for row in _rows(work, letter, key, dialect)]
    insert_rows(work.session, "sign_reminder", _COLUMNS, rows)


def guard_name(recipient_id: str) -> str:
    """The guard of everything that speaks of one recipient."""
    return f"sign:{recipient_id}"


def bundle_guard(bundle: str) -> str:
    """The guard of a message about several documents."""
    return f"signs:{bundle}"


def _letters(work: Work, dues: Sequence[Due], wrap: Wrap | None) -> list[_Letter]:
    used = _used(work, dues)
    by_address: dict[tuple[str, int], list[Due]] = {}
    for due in dues:
        for rung in _rungs(work, due, used.get((due.item.recipient_id, due.person.id))):
            by_address.setdefault((due.person.id, rung), []).append(due)
    bundle_of: dict[tuple[str, ...], str] = {}
    letters = []
    for (_, rung), together in by_address.items():
        ordered = tuple(sorted(together, key=lambda due: (due.item.due_at, due.item.recipient_id)))
        key = (ordered[0].person.id, *(due.item.recipient_id for due in ordered))
        bundle = bundle_of.setdefault(key, new_id()) if wrap or len(ordered) > 1 else None
        to = ways(work, ordered[0].person)[rung]
        letters.append(_Letter(_message(work, ordered, to, bundle, wrap), to, ordered, rung, bundle))
    return letters


def ways(work: Work, person: Official, urgency: str = "") -> tuple[Address, ...]:
    """Every way to reach somebody, in order: their addresses, then a call where calls are made (about ``urgency``)."""
    office, calls = work.office, work.office.rules.calls
    if not office.call_channel or (urgency and urgency not in calls.urgencies):
        return person.addresses
    phones = (each for each in person.addresses if each.channel == office.phone_channel and each.address[:1] == "+")
    return (*person.addresses, *(Address(office.call_channel, each.address, each.index) for each in islice(phones, 1)))


def _rungs(work: Work, due: Due, used: int | None) -> Sequence[int]:
    """Which of somebody's ways a reminder takes: one more with each step, and a call at the steps for it."""
    written, everything = len(due.person.addresses), len(ways(work, due.person, due.item.urgency))
    if due.rungs is not None:
        return [rung for rung in due.rungs if rung < everything]
    rungs = range(len(ladder(due.person.addresses, used)))
    called = due.role is To.A and due.step in work.office.rules.calls.steps
    return [*rungs, *(range(written, everything) if called else ())]


def _used(work: Work, dues: Sequence[Due]) -> dict[tuple[str, str], int]:
    """The highest rung used so far, by recipient and person. First reminders need no look."""
    ids = sorted({due.item.recipient_id for due in dues if due.step is not Step.ISSUED})
    used: dict[tuple[str, str], int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = work.session.execute(
            select(col(Reminder.recipient_id), col(Reminder.person_id), func.max(col(Reminder.rung)))
            .where(col(Reminder.recipient_id).in_(ids[start : start + _AT_ONCE]))
            .group_by(col(Reminder.recipient_id), col(Reminder.person_id))
        )
        used |= {(row[0], row[1]): row[2] for row in rows}
    return used


def _message(work: Work, dues: Sequence[Due], to: Address, bundle: str | None, wrap: Wrap | None) -> Message:
    channel = work.channels[to.channel]
    person, metered, two_way = dues[0].person, Can.METERED in channel.can, Can.TWO_WAY in channel.can
    spoken = Can.SPOKEN in channel.can
    options: tuple[Option, ...] = ()
    if Can.BUTTONS in channel.can:
        most = 1 if spoken else channel.limits.options or 8
        options = wording.buttons([due.item for due in dues], person.locale, most, bundle or "")
    if bundle:
        payload = _list_values(work, dues, person.locale, metered=metered or spoken)
        kind, guard = wording.CALL_LIST if spoken else "document_list", f"{bundle_guard(bundle)}:1"
        if wrap and not spoken:
            kind, more = wrap(dues)
            payload |= more
        dedup = f"signs:{bundle}:{to.channel}:{to.index}"
    else:
        first = dues[0]
        kind = wording.CALL if spoken else wording.kind_of(first.step, first.role)
        payload = _values(work, first, metered=metered)
        if spoken:
            payload |= {"due": due_for_list(work, first.item, person.locale), "title": first.item.title[:_SPOKEN_TITLE]}
        if work.office.page and Can.LINKS in channel.can and not metered:
            token = make_token(first.item.recipient_id, person.id, first.item.generation, work.now)
            payload["link"] = wording.link_words(f"{work.office.page}/sign/{token}", person.locale, two_way=two_way)
        guard = f"{guard_name(first.item.recipient_id)}:{first.item.generation}"
        dedup = f"{guard}:{first.step}:{first.planned_at:%m%d%H%M%S}:{to.channel}:{to.index}"
    return Message(
        kind=kind,
        channel=to.channel,
        address=to.address,
        payload=payload,
        dedup_key=dedup,
        locale=person.locale,
        options=options,
        person_id=person.id,
        guard=guard,
    )


def _values(work: Work, due: Due, *, metered: bool) -> dict[str, Any]:
    item, locale = due.item, due.person.locale
    found = wording.values(item, work.office.rules, locale, due=work.due_words(item.due_at, locale), metered=metered)
    if due.in_place:
        found["number"] = wording.instead_of(item.number, due.a_name, locale)
    return found | {"unit": due.unit, "name": due.a_name, "phone": work.office.phone}


def due_for_list(work: Work, item: Item, locale: str) -> str:
    """A limit as lists show it."""
    words = work.due_words(item.due_at, locale)
    return wording.late(words, locale) if item.due_at <= work.now else words


def _list_values(work: Work, dues: Sequence[Due], locale: str, *, metered: bool) -> dict[str, Any]:
    lines = [(due.item, due_for_list(work, due.item, locale)) for due in dues]
    listed = wording.listed(lines, locale, metered=metered)
    return {
        "count": len(dues),
        "listed": listed.text,
        "numbers": wording.numbers(listed.shown, locale),
        "phone": work.office.phone,
    }


def _question(letter: _Letter) -> Ask:
    ids = [due.item.recipient_id for due in letter.dues]
    to = letter.to
    if letter.bundle:
        data = {"ids": ids, "labels": [""] * len(ids)}
        return Ask(to.channel, to.address, wording.LIST, data, index=to.index)
    return Ask(to.channel, to.address, wording.ONE, {"ids": ids, "labels": [""]}, ref=ids[0], index=to.index)


_COLUMNS = (
    "recipient_id", "person_id", "role", "step", "rung", "channel", "outbox_id", "bundle", "planned_at", "at",
    "watched",
)  # fmt: skip


def _rows(work: Work, letter: _Letter, outbox_id: str, dialect: str) -> list[tuple[Any, ...]]:
    at = stored(work.now, dialect)
    return [
        (
            due.item.recipient_id,
            due.person.id,
            due.role.value,
            due.step.value,
            letter.rung,
            letter.message.channel,
            outbox_id,
            letter.bundle,
            stored(due.planned_at, dialect),
            at,
            True,
        )
        for due in letter.dues
    ]
