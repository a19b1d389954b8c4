"""Opening a matter: everything a citizen, an agent or a conversation hands in, in one transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from bot.hotline import limits, numbers
from bot.hotline.models import Matter, MatterEvent, NumberSeries
from bot.hotline.office import Desk, Doer, citizen
from bot.hotline.rules import Rules
from bot.hotline.units import find_unit
from bot.hotline.words import CONDUCT, PROTECTED, Kind, State
from core import audit
from core.crypto import index
from core.errors import BadInput
from core.ids import new_code
from core.people import Contact, address_index, normal_phone, person_at

_LAST: Any = NumberSeries.__table__.c.last  # type: ignore[attr-defined]
MAX_TEXT = 5000
MAX_TITLE = 80
CODE_DIGITS = 6
SUBJECT_LENGTH = 12


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer goes: channel and address, our own sender, the topic of a group."""

    channel: str
    address: str
    sender: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class NewMatter:
    """What is handed in.

    Attributes:
        kind: what it is.
        text: the citizen's words, 2 to 5000 characters.
        source: how it came (telegram, sms, web, phone, visit, letter, 12345 …): an open list.
        reply_to: where it came from; None where nobody can be written to (web form, letter).
        phone: as given, not verified; gets receipt and answer only.
        for_person: the person concerned when it is handed in for a relative (代家人反映); ``for_phone`` their own
            telephone, kept apart from that of the contact.
        home_visit: somebody should come to them (上门服务).
        place: ``address``, ``lat``, ``lon``, any of them.
        transcript: (who, text) of what was asked and answered before a hand-over.
        emergency: category of an emergency (a word of danger, or "utility"); empty for none.
        about_unit: id or name of the unit it is about, which then never handles it nor sees who wrote.
        vulnerable: old, ill or disabled: comes first in the queue.
        dedup_key: what makes it the same matter (an inbox row's id): a second one opens nothing.
        tell: whether to send a receipt; a conversation says it itself and passes False.
    """

    kind: Kind
    text: str
    source: str
    title: str = ""
    reply_to: ReplyTo | None = None
    locale: str = "zh-Hans"
    name: str = ""
    phone: str = ""
    for_person: str = ""
    for_phone: str = ""
    home_visit: bool = False
    anonymous: bool = False
    confidential: bool = False
    place: Mapping[str, Any] | None = None
    transcript: Sequence[tuple[str, str]] = ()
    emergency: str = ""
    about_unit: str | None = None
    category: str = ""
    vulnerable: bool = False
    outside_number: str = ""
    extra: Mapping[str, Any] | None = None
    dedup_key: str = ""
    tell: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A matter that is registered. ``known`` when the same one had been opened before; the code is the same."""

    id: str
    number: str
    code: str
    state: str
    accept_by: datetime
    answer_by: datetime
    known: bool = False


def register(desk: Desk, new: NewMatter, doer: Doer | None = None) -> tuple[Matter, Opened]:
    """Write the matter down; raises BadInput naming the field that does not fit."""
    if new.dedup_key and (known := _known(desk.session, new.dedup_key)):
        return known, _opened(known, _code(new.dedup_key), known=True)
    text, phone = _checked(new)
    number, code = _number(desk, desk.rules.kinds[new.kind].series), _code(new.dedup_key)
    matter = Matter(
        number=number,
        code_digest=code_digest(number, code),
        state=State.SUBMITTED.value,
        received_at=desk.now,
        changed_at=desk.now,
        about_unit_id=find_unit(desk.session, new.about_unit, "about_unit").id if new.about_unit else None,
        **_words(desk.rules, new, text),
        **_clocks(desk, new, text),
        **({} if new.anonymous else _sender(desk.session, new, phone)),
    )
    desk.session.add(matter)
    desk.session.flush()
    _write_down(desk, matter, doer or citizen(new.source))
    return matter, _opened(matter, code)


_URGENT_KINDS = frozenset({Kind.HELP, Kind.COMPLAINT})
"""Kinds in which words such as 停水 tell an emergency; a consultation may only ask about it."""


def code_digest(number: str, code: str) -> str:
    """Under which an access code (查询码) is kept: it cannot be read back."""
    return index(code, f"matter.code.{number}")


def _checked(new: NewMatter) -> tuple[str, str]:
    text = new.text.strip()
    if len(text) < 2:
        raise BadInput("Please say in a sentence what it is about.", fields={"text": "too short"})
    if len(text) > MAX_TEXT:
        raise BadInput(f"At most {MAX_TEXT} characters, please.", fields={"text": "too long"})
    if new.anonymous and new.confidential:
        raise BadInput(
            "Anonymous (nobody knows) and confidential (only the hotline knows) are two things: choose one.",
            fields={"confidential": "not together with anonymous"},
        )
    if len(new.title) > MAX_TITLE:
        raise BadInput(f"A title has at most {MAX_TITLE} characters.", fields={"title": "too long"})
    return text, normal_phone(new.phone) if new.phone and not new.anonymous else ""


def _title(new: NewMatter, text: str) -> str:
    """A title, else the beginning of the text as far as its first pause."""
    return new.title.strip() or re.split(r"[，。；！？,;!?\n]", text)[0].strip()[:SUBJECT_LENGTH]


def _sender(session: Session, new: NewMatter, phone: str) -> dict[str, Any]:
    known: dict[str, Any] = {
        "name": new.name.strip() or None,
        "phone": phone or None,
        "phone_index": phone_key(phone) if phone else "",
        "for_person": new.for_person.strip() or None,
        "for_phone": normal_phone(new.for_phone) if new.for_phone else None,
    }
    if new.reply_to:
        to = new.reply_to
        person = person_at(session, to.channel, to.address)
        known |= {
            "reply_channel": to.channel,
            "reply_address": to.address,
            "reply_index": address_index(to.channel, to.address),
            "reply_sender": to.sender,
            "reply_thread": to.thread,
            "person_id": person.id if person else None,
        }
    return known


def _words(rules: Rules, new: NewMatter, text: str) -> dict[str, Any]:
    """What was said, each where it belongs: the words of a protected matter are encrypted."""
    protected = new.confidential or new.kind in PROTECTED
    return {
        "kind": new.kind.value,
        "source": new.source[:20],
        "outside_number": new.outside_number[:60],
        "origin_key": new.dedup_key or None,
        "category": new.category or _category(rules, new, text),
        "title": "" if protected else _title(new, text),
        "text": "" if protected else text,
        "secret_text": text if protected else None,
        "place": dict(new.place) if new.place else None,
        "transcript": [list(line) for line in new.transcript] or None,
        "extra": dict(new.extra) if new.extra else None,
        "confidential": new.confidential,
        "protected": protected,
        "anonymous": new.anonymous,
        "vulnerable": new.vulnerable,
        "locale": new.locale,
    }


def _category(rules: Rules, new: NewMatter, text: str) -> str:
    """A complaint about conduct is known by its words; a person may see it otherwise when accepting."""
    told = new.kind is Kind.COMPLAINT and any(word in text for word in rules.conduct_words)
    return CONDUCT if told else ""


def _clocks(desk: Desk, new: NewMatter, text: str) -> dict[str, Any]:
    """The limits that begin now, and how urgent it is."""
    category = new.emergency or (desk.rules.category_in(text) if new.kind in _URGENT_KINDS else "")
    answer, statutory = limits.answer_limits(desk.rules.kinds[new.kind], desk.rules.sources.get(new.source))
    accept = limits.accept_limit(desk.rules, category)
    clocks = limits.Clocks(desk.now, accept, desk.now, answer, statutory)
    return {
        "emergency": category,
        "priority": 0 if category else (1 if new.vulnerable else 2),
        "clock_from": desk.now,
        "accept_from": desk.now,
        "answer_limit": str(answer),
        "statutory_limit": str(statutory),
        **asdict(limits.times(clocks, desk.now, desk.calendar)),
    }


def phone_key(phone: str) -> str:
    """Under which a given phone is found without being readable."""
    return index(phone, "matter.phone")


def _known(session: Session, key: str) -> Matter | None:
    return session.exec(select(Matter).where(Matter.origin_key == key)).first()


def _code(dedup_key: str) -> str:
    """A random code; for a keyed matter one that the same key gives again, so that a redelivery hears it too."""
    if not dedup_key:
        return new_code(CODE_DIGITS)
    return f"{int(index(dedup_key, 'matter.code'), 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _number(desk: Desk, series: str) -> str:
    """The next number of the register: one statement, so two at once never get the same one on either database."""
    local = desk.now.astimezone(desk.office.hours.zone)
    dialect = desk.session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    counted = (
        insert(NumberSeries)
        .values(name=f"{series}{local:%y%m}", last=1)
        .on_conflict_do_update(index_elements=["name"], set_={"last": _LAST + 1})
    )
    sequence = int(desk.session.execute(counted.returning(_LAST)).scalar_one())
    return numbers.make(series, local.year, local.month, sequence)


def _write_down(desk: Desk, matter: Matter, doer: Doer) -> None:
    desk.session.add(
        MatterEvent(
            matter_id=matter.id,
            at=desk.now,
            what="submitted",
            actor=doer.ref,
            actor_name=doer.name,
            via=doer.actor.via,
            after=matter.state,
            public=True,
        )
    )
    after = {"state": matter.state, "kind": matter.kind, "source": matter.source}
    audit.record(desk.session, desk.now, doer.actor, "matter.open", f"matter:{matter.number}", after=after)
    desk.session.flush()


def _opened(matter: Matter, code: str, *, known: bool = False) -> Opened:
    return Opened(matter.id, matter.number, code, matter.state, matter.accept_by, matter.answer_by, known=known)


def verified_contacts(session: Session, person_id: str) -> list[Contact]:
    """A person's verified addresses, in their own order."""
    found = select(Contact).where(Contact.person_id == person_id).order_by(Contact.position)  # type: ignore[arg-type]
    return [contact for contact in session.exec(found) if contact.verified_at]
