"""Reminders become messages: one for each person and address, several documents of one person in one.

Everything here works on many at once, with few statements: ten thousand documents may fall due in one second.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import insert

from core.bulk import insert_rows, stored
from core.expectations import Ask, expect_many
from core.ids import new_id
from core.messages import Option
from core.ports import Can
from notify.outbox.driver import array, dialect_of, run
from notify.outbox.message import Message
from notify.outbox.models import OutboxGuard
from notify.signoff import wording
from notify.signoff.links import make_token
from notify.signoff.office import Work
from notify.signoff.plan import Step, To
from notify.signoff.roster import Address, Official, ladder
from notify.signoff.wording import Item

_SPOKEN_TITLE = 60
"""Characters of a title read out in a call."""


class Due(NamedTuple):
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


class _Letter(NamedTuple):
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
        if len(together) == 1 and not wrap:
            to = ways(work, together[0].person)[rung]
            letters.append(_Letter(_message(work, together, to, None, None), to, (together[0],), rung, None))
            continue
        ordered = tuple(sorted(together, key=lambda due: (due.item.due_at, due.item.recipient_id)))
        key = (ordered[0].person.id, *(due.item.recipient_id for due in ordered))
        bundle = bundle_of.setdefault(key, new_id())
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
    written = due.person.addresses
    everything = len(written if not work.office.call_channel else ways(work, due.person, due.item.urgency))
    if due.rungs is not None:
        return [rung for rung in due.rungs if rung < everything]
    rungs = range(len(ladder(written, used)))
    if everything == len(written) or due.role is not To.A or due.step not in work.office.rules.calls.steps:
        return rungs
    return [*rungs, *range(len(written), everything)]


_USED = {
    "sqlite": """
        SELECT recipient_id, person_id, max(rung) FROM sign_reminder
        WHERE recipient_id IN (SELECT value FROM json_each(:ids)) GROUP BY recipient_id, person_id""",
    "postgresql": """
        SELECT recipient_id, person_id, max(rung) FROM sign_reminder
        WHERE recipient_id = ANY(%(ids)s) GROUP BY recipient_id, person_id""",
}


def _used(work: Work, dues: Sequence[Due]) -> dict[tuple[str, str], int]:
    """The highest rung used so far, by recipient and person. First reminders need no look."""
    ids = sorted({due.item.recipient_id for due in dues if due.step is not Step.ISSUED})
    if not ids:
        return {}
    rows: Sequence[Any] = run(work.session, _USED, {"ids": array(ids, dialect_of(work.session))}).all()
    return {(row[0], row[1]): row[2] for row in rows}


def _message(work: Work, dues: Sequence[Due], to: Address, bundle: str | None, wrap: Wrap | None) -> Message:
    channel, person = work.channels[to.channel], dues[0].person
    can = channel.can
    spoken = Can.SPOKEN in can
    options: tuple[Option, ...] = ()
    if Can.BUTTONS in can:
        most = 1 if spoken else channel.limits.options or 8
        options = wording.buttons([due.item for due in dues], person.locale, most, bundle or "")
    if bundle:
        payload = _list_values(work, dues, person.locale, metered=Can.METERED in can or spoken)
        kind, guard = wording.CALL_LIST if spoken else "document_list", f"{bundle_guard(bundle)}:1"
        if wrap and not spoken:
            kind, more = wrap(dues)
            payload |= more
        dedup = f"signs:{bundle}:{to.channel}:{to.index}"
    else:
        first = dues[0]
        kind = wording.CALL if spoken else wording.kind_of(first.step, first.role)
        payload = _values_of_one(work, first, can)
        guard = f"{guard_name(first.item.recipient_id)}:{first.item.generation}"
        dedup = f"{guard}:{first.step}:{_stamp(first.planned_at)}:{to.channel}:{to.index}"
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


@lru_cache(maxsize=1024)
def _stamp(moment: datetime) -> str:
    """Steps that fall due together have their moment in common."""
    return f"{moment:%m%d%H%M%S}"


def _values_of_one(work: Work, due: Due, can: Collection[Can]) -> dict[str, Any]:
    """What a message about one document says, by what its channel can do."""
    item, locale, metered = due.item, due.person.locale, Can.METERED in can
    payload = _values(work, due, metered=metered)
    if Can.SPOKEN in can:
        payload |= {"due": due_for_list(work, item, locale), "title": item.title[:_SPOKEN_TITLE]}
    if work.office.page and not metered and Can.LINKS in can:
        link = f"{work.office.page}/sign/{make_token(item.recipient_id, due.person.id, item.generation, work.now)}"
        payload["link"] = wording.link_words(link, locale, two_way=Can.TWO_WAY in can)
    return payload


def _values(work: Work, due: Due, *, metered: bool) -> dict[str, Any]:
    item, locale = due.item, due.person.locale
    found = wording.values(item, work.office.rules, locale, due=work.due_words(item.due_at, locale), metered=metered)
    if due.in_place:
        found["number"] = wording.instead_of(item.number, due.a_name, locale)
    found["unit"], found["name"], found["phone"] = due.unit, due.a_name, work.office.phone
    return found


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
