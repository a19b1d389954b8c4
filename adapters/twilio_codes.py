"""Twilio's error codes, and what each means in our closed list of outcomes.

Twilio gives a code either in the answer to a send (2xxxx) or later in a receipt (3xxxx for SMS, 63xxx for
WhatsApp). The meanings follow Twilio's error dictionary (twilio.com/docs/api/errors, read in 2026); what we do
about each is our decision and stands in ``docs/delivery.md``, which a test compares with this table.

``misconfigured`` stops the channel until somebody repairs it, so it is used only for faults that hit every
message. A fault of one country or one address is ``unreachable``; of one text, ``rejected``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable


class Outcome(StrEnum):
    """A row's column: which ``SendError`` a code becomes."""

    RETRY = "retryable"
    REJECT = "rejected"
    UNREACHABLE = "unreachable"
    OPTED_OUT = "unreachable, opted out"
    OURS = "misconfigured"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. ``after_s`` is how long to wait before a retry, in seconds, None for the outbox's own ladder."""

    number: int
    outcome: Outcome
    meaning: str
    after_s: int | None = None


_RETRY, _REJECT, _UNREACHABLE = Outcome.RETRY, Outcome.REJECT, Outcome.UNREACHABLE
_OPTED_OUT, _OURS = Outcome.OPTED_OUT, Outcome.OURS

TABLE = (
    # The account and the request.
    Code(10001, _OURS, "account is not active"),
    Code(14107, _RETRY, "send rate exceeded", 60),
    Code(20003, _OURS, "account SID or auth token is wrong"),
    Code(20005, _OURS, "account is not active"),
    Code(20008, _OURS, "test credentials used for a real request"),
    Code(20403, _OURS, "account may not do this"),
    Code(20404, _OURS, "account or resource does not exist"),
    Code(20429, _RETRY, "too many requests at once"),
    Code(20500, _RETRY, "fault inside Twilio"),
    Code(20503, _RETRY, "Twilio is out of service for the moment"),
    # The recipient, as known when we ask.
    Code(21211, _UNREACHABLE, "recipient's number is not a valid number"),
    Code(21214, _UNREACHABLE, "recipient's number cannot be reached"),
    Code(21217, _UNREACHABLE, "recipient's number does not look like a number"),
    Code(21219, _UNREACHABLE, "recipient is not verified for this trial account"),
    Code(21408, _UNREACHABLE, "sending to this country is not enabled for the account"),
    Code(21604, _UNREACHABLE, "recipient's number is missing"),
    Code(21608, _UNREACHABLE, "recipient is not verified for this trial account"),
    Code(21610, _OPTED_OUT, "recipient opted out with STOP"),
    Code(21612, _UNREACHABLE, "recipient cannot be reached from this sender"),
    Code(21614, _UNREACHABLE, "recipient's number is not a mobile number"),
    Code(21635, _UNREACHABLE, "recipient's number is a landline"),
    # The sender.
    Code(21212, _OURS, "sender's number is not a valid number"),
    Code(21401, _OURS, "sender's number is not a valid number"),
    Code(21601, _OURS, "sender's number cannot send SMS"),
    Code(21603, _OURS, "neither sender nor messaging service was given"),
    Code(21606, _OURS, "sender's number cannot send messages from this account"),
    Code(21607, _OURS, "sender must be the trial number"),
    Code(21609, _OURS, "status callback address is not valid"),
    Code(21611, _RETRY, "sender's queue at Twilio is full", 300),
    Code(21616, _OURS, "sender's number matches several of the account's numbers"),
    Code(21624, _OURS, "validity period is not valid"),
    Code(21657, _OURS, "sender id is not valid"),
    Code(21659, _OURS, "sender's number does not belong to Twilio"),
    Code(21660, _OURS, "sender's number belongs to another account"),
    Code(21661, _OURS, "sender's number cannot send SMS"),
    Code(21701, _OURS, "messaging service does not exist"),
    Code(21702, _OURS, "messaging service cannot send"),
    Code(21703, _OURS, "messaging service has no sender to use"),
    Code(21704, _OURS, "messaging service contains no sender"),
    Code(21705, _OURS, "messaging service is not valid"),
    Code(21730, _RETRY, "Twilio is under maintenance", 600),
    # The text.
    Code(21602, _REJECT, "text is empty"),
    Code(21605, _REJECT, "text is too long"),
    Code(21617, _REJECT, "text has more than 1,600 characters"),
    Code(21618, _REJECT, "text cannot be sent"),
    Code(21619, _REJECT, "neither text nor media was given"),
    Code(21620, _REJECT, "media address is not valid"),
    Code(21621, _REJECT, "sender cannot send media"),
    Code(21622, _REJECT, "account cannot send media"),
    Code(21623, _REJECT, "too many media files"),
    Code(21654, _REJECT, "template is missing"),
    Code(21655, _REJECT, "template does not exist"),
    Code(21656, _REJECT, "template's variables do not fit"),
    Code(21658, _REJECT, "parameter is too long"),
    # Receipts for SMS.
    Code(30001, _RETRY, "queue at Twilio overflowed or the message waited too long in it", 300),
    Code(30002, _OURS, "account was suspended while the message waited"),
    Code(30003, _RETRY, "handset is off or out of reach", 1800),
    Code(30004, _UNREACHABLE, "recipient or carrier blocks messages from us"),
    Code(30005, _UNREACHABLE, "number is unknown or no longer in use"),
    Code(30006, _UNREACHABLE, "landline, or a carrier that cannot be reached"),
    Code(30007, _REJECT, "carrier filtered the message as unwanted"),
    Code(30008, _RETRY, "carrier gave no reason", 600),
    Code(30010, _REJECT, "price exceeds the limit set"),
    Code(30011, _REJECT, "media cannot be received there"),
    Code(30012, _OURS, "validity period is too short"),
    Code(30013, _OURS, "validity period is too long"),
    Code(30014, _UNREACHABLE, "recipient's address is not valid"),
    Code(30016, _OURS, "sender and recipient are of different kinds"),
    Code(30017, _RETRY, "carrier's network is congested", 300),
    Code(30018, _REJECT, "carrier asks for a registered sender"),
    Code(30019, _REJECT, "message is too large for the carrier"),
    Code(30020, _RETRY, "fault inside Twilio", 60),
    Code(30021, _RETRY, "fault inside Twilio", 60),
    Code(30022, _RETRY, "rate allowed by the carrier exceeded", 60),
    Code(30023, _RETRY, "daily number of messages reached at the carrier", 3600),
    Code(30024, _REJECT, "sender is not known to the carrier"),
    Code(30027, _RETRY, "daily number of messages reached at the carrier", 3600),
    Code(30032, _OURS, "toll-free sender has not been verified"),
    Code(30033, _OURS, "sender's registered campaign is suspended"),
    Code(30034, _OURS, "sender is not registered with the carriers"),
    Code(30035, _RETRY, "sender is still being set up", 3600),
    Code(30036, _RETRY, "validity period ended before it could be sent"),
    Code(30037, _OURS, "sending is switched off for the account"),
    Code(30038, _REJECT, "text was filtered as a one-time password"),
    Code(30039, _REJECT, "message was taken for part of a loop"),
    Code(30410, _RETRY, "carrier did not answer in time", 300),
    Code(30450, _REJECT, "blocked by the protection against SMS pumping"),
    # Receipts for WhatsApp and its like.
    Code(63001, _OURS, "channel did not accept our credentials"),
    Code(63002, _OURS, "sender is not known on the channel"),
    Code(63003, _UNREACHABLE, "recipient is not known on the channel"),
    Code(63005, _REJECT, "channel did not accept the content"),
    Code(63006, _REJECT, "content cannot be put into the channel's form"),
    Code(63007, _OURS, "account has no channel with this sender"),
    Code(63008, _OURS, "channel is set up wrongly at Twilio"),
    Code(63009, _RETRY, "fault inside the channel's provider"),
    Code(63010, _RETRY, "fault inside Twilio"),
    Code(63011, _REJECT, "request is not valid for the channel"),
    Code(63012, _RETRY, "fault inside the channel's provider"),
    Code(63013, _REJECT, "message breaks the channel's policy"),
    Code(63014, _OPTED_OUT, "recipient blocked us on the channel"),
    Code(63015, _UNREACHABLE, "recipient has not joined the sandbox"),
    Code(63016, _REJECT, "free text outside of the 24-hour window; a template is needed"),
    Code(63017, _RETRY, "rate exceeded", 60),
    Code(63018, _RETRY, "rate of the channel exceeded", 60),
    Code(63019, _REJECT, "media could not be loaded"),
    Code(63020, _OURS, "fault of the business account on the channel"),
    Code(63021, _REJECT, "content is not valid for the channel"),
    Code(63022, _OURS, "sender's certificate is not valid"),
    Code(63023, _REJECT, "channel gave no reason"),
    Code(63024, _UNREACHABLE, "recipient is not valid on the channel"),
    Code(63026, _REJECT, "channel took the message for unwanted"),
    Code(63027, _REJECT, "template does not exist in this language"),
    Code(63028, _REJECT, "template's variables do not fit"),
    Code(63029, _REJECT, "recipient could not load the template"),
    Code(63030, _REJECT, "parameter is not supported on the channel"),
    Code(63031, _UNREACHABLE, "recipient is our own sender"),
    Code(63032, _REJECT, "channel limits messages to this recipient"),
    Code(63033, _UNREACHABLE, "recipient may not receive messages"),
    Code(63038, _RETRY, "account's daily number of messages reached", 3600),
    Code(63040, _REJECT, "template was rejected"),
    Code(63041, _REJECT, "template is paused"),
    Code(63042, _REJECT, "template is disabled"),
    Code(63051, _OURS, "business account on the channel is locked"),
)
CODES = {row.number: row for row in TABLE}
_KINDS: dict[Outcome, type[SendError]] = {
    Outcome.REJECT: Rejected,
    Outcome.UNREACHABLE: Unreachable,
    Outcome.OURS: Misconfigured,
}


def outcome(code: int | str | None, *, status: int = 0, after: timedelta | None = None) -> SendError:
    """What Twilio's ``code`` means for us; a new exception each time.

    Args:
        code: Twilio's number, or nothing when it gave none.
        status: the HTTP status it came with; decides where the code is unknown (429 and 5xx pass by themselves,
            401, 403 and 404 do not, other refusals are about the message). 0 for receipts.
        after: the delay that the answer itself asked for; goes before the table's.
    """
    text = str(code or "")
    row = CODES.get(int(text)) if text.isascii() and text.isdigit() else None
    if row is None:
        return _by_status(text, status, after)
    if row.outcome is Outcome.RETRY:
        table = timedelta(seconds=row.after_s) if row.after_s else None
        wait = after if after is not None else table
        return Retryable(row.meaning, after=wait, provider_code=text)
    if row.outcome is Outcome.OPTED_OUT:
        return Unreachable(row.meaning, opted_out=True, provider_code=text)
    return _KINDS[row.outcome](row.meaning, provider_code=text)


def _by_status(code: str, status: int, after: timedelta | None) -> SendError:
    if status == 429 or status >= 500:
        return Retryable(f"Twilio answered {status}", after=after, provider_code=code)
    if status in {401, 403, 404} or 300 <= status < 400:
        return Misconfigured(f"Twilio answered {status}", provider_code=code)
    reason = f"Twilio answered {status}" if status else "not delivered, for a reason not in the table"
    return Rejected(reason, provider_code=code)


def refusal(status: int, body: str, headers: Mapping[str, str], now: datetime) -> SendError:
    """What an answer other than success means. Twilio's own errors are JSON with a ``code``."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError):
        code = None
    if status == 504 and code is None:
        return Uncertain("a gateway on the way to Twilio gave up waiting")
    return outcome(code, status=status, after=_retry_after(headers.get("Retry-After", ""), now))


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """The Retry-After header, in either of its forms (RFC 9110, 10.2.3)."""
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        return max(parsedate_to_datetime(value) - now, timedelta(0))
    except (ValueError, TypeError):
        return None
