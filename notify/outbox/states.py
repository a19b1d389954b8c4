"""The states of a message on its way out, and which moves are allowed. Pure.

A worker takes a message by moving it to ``sending``, committed just before the request is written, so an abandoned
*sending* becomes *uncertain*, never queued again. Late receipts move a message forward only.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


_Q, _S = State.QUEUED, State.SENDING
MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({_S, State.CANCELLED, State.SUPPRESSED, State.FAILED}),
    State.SENDING: frozenset({_Q, State.SENT, State.DELIVERED, State.FAILED, State.UNDELIVERABLE, State.UNCERTAIN}),
    State.SENT: frozenset({_Q, State.DELIVERED, State.FAILED, State.UNDELIVERABLE}),
    State.UNCERTAIN: frozenset({_Q, State.SENT, State.DELIVERED, State.FAILED, State.UNDELIVERABLE, State.CANCELLED}),
    State.FAILED: frozenset({_Q, State.CANCELLED}),
    State.UNDELIVERABLE: frozenset({_Q, State.CANCELLED}),
    State.SUPPRESSED: frozenset(),
    State.CANCELLED: frozenset(),
    State.DELIVERED: frozenset(),
}
"""From each state the states that may follow. Failed and undeliverable go back only by a person's hand."""

FINAL = frozenset({State.DELIVERED, State.FAILED, State.UNDELIVERABLE, State.SUPPRESSED, State.CANCELLED})
OPEN = frozenset({_Q, _S, State.UNCERTAIN})


def before(target: State) -> tuple[str, ...]:
    """The states from which ``target`` may be reached: the WHERE of every conditional update."""
    return tuple(state.value for state, targets in MOVES.items() if target in targets)


class Reason(StrEnum):
    """Why a message stands where it stands; numbered for reports, with a sentence in ``SENTENCES``.

    1xx not sent by our own rules, 2xx the address, 3xx the message, 4xx the provider or our set-up, 5xx unknown,
    6xx by hand or by what was agreed for a person.
    """

    NONE = ""
    OPTED_OUT = "101"
    EXPIRED = "102"
    WITHDRAWN = "103"
    GUARD = "104"
    NO_CHANNEL = "105"
    CAP = "106"
    COUNTRY = "107"
    TEST = "108"
    MERGED = "109"
    CAP_PREFIX = "110"
    CAP_ADDRESS = "111"
    QUIET = "112"
    UNREACHABLE = "201"
    PROVIDER_STOP = "202"
    NOT_DELIVERED = "203"
    MOVED = "204"
    REJECTED = "301"
    TOO_LONG = "302"
    PROVIDER_BUSY = "401"
    MISCONFIGURED = "402"
    GAVE_UP = "403"
    UNCERTAIN = "501"
    UNCERTAIN_RESENT = "502"
    NEVER_ARRIVED = "503"
    LEFT_UNCERTAIN = "504"
    RETRIED_BY_HAND = "601"
    CLOSED_BY_HAND = "602"
    NEXT_CONTACT = "603"


SENTENCES: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.OPTED_OUT: "The recipient does not want messages of this class.",
    Reason.EXPIRED: "It was too old to be of use.",
    Reason.WITHDRAWN: "It was withdrawn before it was sent.",
    Reason.GUARD: "What it was about has been settled meanwhile.",
    Reason.NO_CHANNEL: "No such channel is set up.",
    Reason.CAP: "The day's limit of segments is reached.",
    Reason.COUNTRY: "Messages to this country are not allowed by the settings.",
    Reason.TEST: "A test message: it went the whole way without leaving.",
    Reason.MERGED: "Its content went out with another message to the same address.",
    Reason.CAP_PREFIX: "Too many messages to numbers that begin alike today: perhaps somebody pumps SMS through us.",
    Reason.CAP_ADDRESS: "Too many messages to this number today.",
    Reason.QUIET: "It waits for the end of the quiet hours.",
    Reason.UNREACHABLE: "The address cannot be reached.",
    Reason.PROVIDER_STOP: "The recipient opted out at the provider.",
    Reason.NOT_DELIVERED: "The provider could not deliver it.",
    Reason.MOVED: "The address has moved; it was sent to the new one.",
    Reason.REJECTED: "The provider does not accept this message.",
    Reason.TOO_LONG: "It is longer than the channel allows.",
    Reason.PROVIDER_BUSY: "The provider could not take it; it will be tried again.",
    Reason.MISCONFIGURED: "Our access to the provider is not set up rightly.",
    Reason.GAVE_UP: "The provider did not take it in all the tries allowed.",
    Reason.UNCERTAIN: "Nobody knows whether the provider has it.",
    Reason.UNCERTAIN_RESENT: "It may have arrived; to be sure it was sent once more.",
    Reason.NEVER_ARRIVED: "The provider has no record of it; it is sent again.",
    Reason.LEFT_UNCERTAIN: "Nobody knows whether it arrived; bulk is not sent twice, so it is left at that.",
    Reason.RETRIED_BY_HAND: "A person had it tried again.",
    Reason.CLOSED_BY_HAND: "A person closed it.",
    Reason.NEXT_CONTACT: "Not confirmed in time: the person's next contact is used as well.",
}
