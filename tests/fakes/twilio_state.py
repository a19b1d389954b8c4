"""What the stand-in for Twilio knows: the account, messages, opt-outs, and the faults it was told to show."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from typing import Any

from core.text import segments

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "fedcba9876543210" * 2
SERVICE_SID = "MG" + "0123456789abcdef" * 2
NUMBER = "+12025550100"
SECOND_NUMBER = "+12025550101"

REFUSED = {
    "+12025550181": 21211,
    "+12025550182": 21612,
    "+12025550183": 21408,
    "+12025550184": 21610,
    "+12025550185": 21614,
}
"""Recipients that are refused at once, with the code."""
UNDELIVERED = {
    "+12025550190": 30003,
    "+12025550191": 30005,
    "+12025550192": 30006,
    "+12025550193": 30007,
    "+12025550194": 30008,
}
"""Recipients that are accepted and reported as undelivered, with the code."""
SILENT = "+12025550199"
"""Accepted, and never heard of again: no receipts come."""

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "UNSTOP", "YES"})
TEXT_MAX = 1600
_ADDRESS = re.compile(r"(?:whatsapp:)?\+[1-9]\d{6,14}")


class Refused(Exception):
    """Twilio's answer to a request it does not carry out."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Fault:
    """What happens to one of the next sends instead of an ordinary answer.

    ``accept`` decides whether the message is taken; ``delay_s`` passes before the answer; ``cut`` closes the
    connection without one; ``body`` replaces the answer; else ``status`` (with ``code``, ``retry_after``) refuses.
    """

    accept: bool = False
    status: int = 0
    code: int | None = None
    retry_after: str = ""
    delay_s: float = 0.0
    cut: bool = False
    body: str | None = None


@dataclass
class Record:
    """One message as Twilio keeps it."""

    sid: str
    form: Mapping[str, str]
    sender: str
    created: datetime
    direction: str = "outbound-api"
    status: str = "queued"
    error_code: int | None = None
    sent: datetime | None = None
    service: str = ""

    @property
    def to(self) -> str:
        return self.form.get("To", "")

    @property
    def body(self) -> str:
        return self.form.get("Body", "")

    def as_json(self, account: str) -> dict[str, Any]:
        """The Message resource; a service that has not chosen a sender yet counts no segments."""
        pending = self.service and self.status == "accepted"
        return {
            "sid": self.sid,
            "account_sid": account,
            "messaging_service_sid": self.service or None,
            "api_version": "2010-04-01",
            "from": None if pending else self.sender,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": "0" if pending else str(max(1, segments(self.body))),
            "num_media": "0",
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "date_created": _rfc2822(self.created),
            "date_updated": _rfc2822(self.created),
            "date_sent": _rfc2822(self.sent) if self.sent else None,
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


def _rfc2822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=False)


@dataclass
class State:
    """The account behind the stand-in. ``countries`` are the allowed beginnings of numbers, empty for any."""

    clock: Callable[[], datetime]
    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    numbers: tuple[str, ...] = (NUMBER, SECOND_NUMBER)
    countries: tuple[str, ...] = ()
    account_status: str = "active"
    messages: list[Record] = field(default_factory=list)
    by_sid: dict[str, Record] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    faults: deque[Fault] = field(default_factory=deque)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def new_id(self, kind: str) -> str:
        """A fresh identifier: two letters and 32 hexadecimal digits."""
        return f"{kind}{next(self._numbers):032x}"

    def accept(self, form: Mapping[str, str]) -> Record:
        """Takes a message, or raises Refused with the code Twilio has for what is wrong."""
        sender = self._sender(form)
        self._check_recipient(form.get("To", ""), sender)
        _check_body(form)
        service = form.get("MessagingServiceSid", "")
        status = "accepted" if service else "queued"
        record = Record(self.new_id("SM"), form, sender, self.clock(), status=status, service=service)
        self.keep(record)
        return record

    def keep(self, record: Record) -> None:
        """Adds a record to the account."""
        self.messages.append(record)
        self.by_sid[record.sid] = record

    def _sender(self, form: Mapping[str, str]) -> str:
        sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
        if not sender and not service:
            raise Refused(21603, "A 'From' or 'MessagingServiceSid' parameter is required")
        if service and service != SERVICE_SID:
            raise Refused(21705, "The Messaging Service is invalid")
        if sender and sender.removeprefix("whatsapp:") not in self.numbers:
            raise Refused(21606, "The 'From' number is not one of this account's")
        return sender or self.numbers[0]

    def _check_recipient(self, to: str, sender: str) -> None:
        if not to:
            raise Refused(21604, "A 'To' number is required")
        if not _ADDRESS.fullmatch(to):
            raise Refused(21211, f"The 'To' number {to} is not a valid phone number")
        if to in REFUSED:
            raise Refused(REFUSED[to], f"Refused as scripted for {to}")
        if self.countries and not to.removeprefix("whatsapp:").startswith(self.countries):
            raise Refused(21408, "Permission has not been enabled for the region")
        if to == sender:
            raise Refused(21266, "'To' and 'From' cannot be the same")
        if (to, sender) in self.opted_out:
            raise Refused(21610, "Attempt to send to unsubscribed recipient")

    def hear(self, address: str, to: str, body: str) -> str:
        """A handset writes: opt-out words take effect. Returns the OptOutType, empty for other texts."""
        word = body.strip().upper()
        if word in STOP:
            self.opted_out.add((address, to))
            return "STOP"
        if word in START and (address, to) in self.opted_out:
            self.opted_out.discard((address, to))
            return "START"
        return "HELP" if word in {"HELP", "INFO"} else ""

    def find(self, query: Mapping[str, str]) -> list[Record]:
        """Records that fit the filters To, From and DateSent (which knows only messages already sent)."""
        return [record for record in reversed(self.messages) if _fits(record, query)]

    def to(self, address: str) -> list[Record]:
        """Messages accepted for an address, oldest first."""
        return [record for record in self.messages if record.to == address and record.direction != "inbound"]


def _check_body(form: Mapping[str, str]) -> None:
    body = form.get("Body", "")
    if not body.strip() and "MediaUrl" not in form:
        raise Refused(21602, "Message body is required")
    if len(body) > TEXT_MAX:
        raise Refused(21617, "The concatenated message body exceeds the 1600 character limit")
    validity = form.get("ValidityPeriod", "36000")
    if not validity.isdigit() or not 1 <= int(validity) <= 36_000:
        raise Refused(21624, "Invalid validity period value")
    callback = form.get("StatusCallback", "")
    if callback and not callback.startswith(("http://", "https://")):
        raise Refused(21609, "The 'StatusCallback' URL is not a valid URL")


def _fits(record: Record, query: Mapping[str, str]) -> bool:
    if query.get("To", record.to) != record.to or query.get("From", record.sender) != record.sender:
        return False
    wanted = {name: query[name][:10] for name in ("DateSent", "DateSent>", "DateSent<") if name in query}
    if not wanted:
        return True
    if record.sent is None:
        return False
    day = record.sent.astimezone(UTC).date().isoformat()
    return wanted.get("DateSent", day) == day and wanted.get("DateSent>", day) <= day <= wanted.get("DateSent<", day)


def faults_from(rows: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Faults from JSON, for a stand-in in its own process."""
    return [Fault(**row) for row in rows]
