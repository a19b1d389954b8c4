"""From a message as a caller gives it to a row of the outbox: checked, rendered, signed, measured, held back or not."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from core.errors import BadInput
from core.ids import new_id
from core.messages import Lane
from core.people import EVERYTHING, UNREACHABLE, address_index
from core.ports import Can, CanFor, Channel, Senders
from core.text import segments, sign
from notify.kinds import KINDS, Kind
from notify.outbox.attempts import PROVIDER_STOP
from notify.outbox.history import history_line
from notify.outbox.message import Message
from notify.outbox.rules import DeliveryRules
from notify.outbox.states import Reason, State

Rendered = dict[tuple[str, int, str, bool, bool], tuple[dict[str, Any], str, int]]
"""Texts by kind, payload (the object's identity), locale and what the channel can do."""
RANKS = {Lane.URGENT: 0, Lane.NORMAL: 1, Lane.BULK: 2}


def kind_of(name: str) -> Kind:
    """The kind with this name; raises BadInput."""
    if name not in KINDS:
        raise BadInput(f"There is no kind of message called {name!r}.", fields={"kind": "unknown"})
    return KINDS[name]


class Composer:
    """Makes rows. Holds nothing but what it was given, so it may be shared between threads."""

    def __init__(self, channels: Mapping[str, Channel], office: str, rules: DeliveryRules) -> None:
        self._channels = channels
        self._office = office
        self._rules = rules
        # Asked once: whether an object fits a protocol is a slow question, and these are asked for each recipient.
        self._senders = {name: way.sender_for for name, way in channels.items() if isinstance(way, Senders)}
        self._can_for = {name: way.can_for for name, way in channels.items() if isinstance(way, CanFor)}

    def row(
        self, message: Message, index: str, refused: Collection[str], now: datetime, known: Rendered | None = None
    ) -> dict[str, Any]:
        """The row of a message; raises BadInput for an unknown kind or a payload that does not fit.

        ``known`` remembers texts between messages that are alive together: a payload that many share is rendered once.
        """
        kind = kind_of(message.kind)
        channel = self._channels.get(message.channel)
        values, text, size = self.rendered(message, kind, channel, known)
        reason = self._held_back(message, kind, channel, refused)
        state = State.SUPPRESSED if reason else State.QUEUED
        at = message.at or now
        sender = message.sender
        if not sender and message.channel in self._senders:
            sender = self._senders[message.channel](message.address)
        queue = self._queue_of(message.channel, channel, sender)
        return {
            "id": new_id(),
            "dedup_key": message.dedup_key,
            "kind": kind.name,
            "topic": kind.topic,
            "rank": RANKS[message.lane or kind.lane],
            "channel": message.channel,
            "queue": queue,
            "via": "",
            "address": message.address,
            "address_index": index,
            # Bound to a number only when the caller named it: else the queue says who writes, and that may change.
            "sender": message.sender if "/" in queue else sender,
            "person_id": message.person_id,
            "position": message.position,
            "confirm_by": message.confirm_by,
            "thread": message.thread,
            "locale": message.locale,
            "text": text,
            "params": values,
            "options": [[option.value, option.label] for option in message.options],
            "segments": size,
            "quiet": kind.quiet and not kind.direct if message.quiet is None else message.quiet,
            "trial": message.trial,
            "state": state.value,
            "reason": reason.value,
            "not_before": at,
            "expires_at": at + kind.max_age,
            "created_at": now,
            "changed_at": now,
            "attempts": 0,
            "lookups": 0,
            "doubled": 0,
            "guard": message.guard,
            "batch": message.batch,
            "history": history_line(now, state, reason),
        }

    def rendered(
        self, message: Message, kind: Kind, channel: Channel | None, known: Rendered | None = None
    ) -> tuple[dict[str, Any], str, int]:
        """The payload checked, the text as it will arrive and its segments; 1 where texts are not metered."""
        can: Collection[Can] = channel.can if channel else ()
        if message.channel in self._can_for:
            can = self._can_for[message.channel](message.address)
        two_way, metered = Can.TWO_WAY in can, Can.METERED in can
        key = (kind.name, id(message.payload), message.locale, two_way, metered)
        if known is not None and key in known:
            return known[key]
        values = kind.check(message.payload)
        text = kind.render(message.locale, values, two_way=two_way)
        if metered:
            text = sign(text, self._office)
        found = values, text, segments(text) if metered else 1
        if known is not None:
            known[key] = found
        return found

    def _queue_of(self, name: str, channel: Channel | None, sender: str) -> str:
        """Whose pace a message waits for: its sender's where each has its own, else its channel's."""
        per_sender = channel is not None and name in self._senders and bool(channel.limits.rate)
        return f"{name}/{sender}" if per_sender and sender else name

    def _held_back(self, message: Message, kind: Kind, channel: Channel | None, refused: Collection[str]) -> Reason:
        if channel is None and not message.trial:
            return Reason.NO_CHANNEL
        if reason := held_back(kind, refused):
            return reason
        if message.topic and message.topic in refused and not kind.direct:
            return Reason.OPTED_OUT
        if channel and Can.METERED in channel.can and not _allowed_country(message.address, self._rules.countries):
            return Reason.COUNTRY
        if UNREACHABLE in refused and not kind.direct and (message.lane or kind.lane) is not Lane.URGENT:
            return Reason.UNREACHABLE
        return Reason.NONE


def held_back(kind: Kind, refused: Collection[str]) -> Reason:
    """Why a message of this kind may not go to somebody who refused these topics; NONE when it may."""
    if PROVIDER_STOP in refused:
        return Reason.PROVIDER_STOP
    if not kind.direct and (EVERYTHING in refused or kind.topic in refused):
        return Reason.OPTED_OUT
    return Reason.NONE


def index_of(message: Message) -> str:
    """The keyed index of a message's address."""
    return address_index(message.channel, message.address)


def _allowed_country(address: str, countries: frozenset[str]) -> bool:
    if not countries:
        return True
    number = address[address.find("+") :] if "+" in address else ""
    codes = _calling_codes(countries)
    if not number.startswith(tuple(codes)):
        return False
    shared = next(code for code in sorted(codes, key=len, reverse=True) if number.startswith(code))
    if codes[shared]:
        return True
    try:
        parsed = phonenumbers.parse(number)
        # A number of no known range belongs to the code's main country.
        region = phonenumbers.region_code_for_number(parsed)
        return (region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)) in countries
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=8)
def _calling_codes(countries: frozenset[str]) -> dict[str, bool]:
    """Calling code of each country, and whether all who share it are allowed (then no number must be parsed)."""
    codes = {}
    for country in countries:
        code = phonenumbers.country_code_for_region(country)
        if code:
            regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
            codes[f"+{code}"] = set(regions) <= countries
    return codes
