"""One attempt: a row becomes an Outgoing, goes to its channel with no session open, and ends as an Outcome."""

import logging
from collections.abc import Callable, Mapping

from core.clock import Clock
from core.errors import Misconfigured, Rejected, SendError, Uncertain
from core.messages import Lane, Option, Outgoing, Sent
from core.ports import Channel, Senders
from notify.outbox import retry, trial
from notify.outbox.recording import Outcome
from notify.outbox.states import State
from notify.outbox.taken import Taken

log = logging.getLogger(__name__)

LANES = {0: Lane.URGENT, 1: Lane.NORMAL, 2: Lane.BULK}
PROVIDER_STOP = "provider"
"""Consent topic: the recipient said STOP to the provider, who would refuse anything from that sender."""

CallbackUrl = Callable[[str, str], str]
"""Where a channel reports the progress of an attempt; empty when it cannot reach us."""


class Sender:
    """Hands messages to channels."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock, callback_url: CallbackUrl) -> None:
        self._channels = channels
        self._clock = clock
        self._callback_url = callback_url

    async def attempt(self, taken: Taken) -> tuple[Outcome, SendError | None]:
        """Send; how it ended, and the error if one was raised. Never raises."""
        name = taken.via or taken.channel
        try:
            message = self.outgoing(taken)
            sent = await (trial.send(message) if taken.trial else self._channel(name).send(message))
        except SendError as error:
            kind, code = type(error).__name__, error.provider_code
            log.info("not sent: message=%s outcome=%s code=%s", taken.id, kind, code)
            return self._failed(taken, error), error
        except Exception:  # a channel broke its contract: the message may have left
            log.exception("channel %s raised something else than a SendError", name)
            unknown = Uncertain("channel failed")
            return self._failed(taken, unknown), unknown
        return outcome_of(taken, sent), None

    def outgoing(self, taken: Taken) -> Outgoing:
        """The message as its carrier gets it; a carrier that stands in uses a sender of its own."""
        carrier = taken.via or taken.channel
        address, sender = taken.address, taken.from_number
        if taken.via and taken.via != taken.channel:
            channel = self._channels.get(taken.via)
            sender = channel.sender_for(address) if isinstance(channel, Senders) else ""
        return Outgoing(
            id=taken.id,
            attempt=taken.attempt,
            channel=carrier,
            address=address,
            text=taken.text,
            kind=taken.kind,
            locale=taken.locale,
            params=taken.params,
            sender=sender,
            thread=taken.thread,
            options=tuple(Option(value, label) for value, label in taken.options),
            lane=LANES[taken.rank],
            callback_url=self._callback_url(carrier, taken.attempt),
        )

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            raise Misconfigured(f"the channel {name} is not set up here", provider_code="no_channel")
        return self._channels[name]

    def _failed(self, taken: Taken, error: SendError) -> Outcome:
        if isinstance(error, Rejected):
            log.warning("message %s refused by the provider: code=%s", taken.id, error.provider_code)
        verdict = retry.after_failure(
            error, lane=LANES[taken.rank], attempts=taken.attempts, now=self._clock(), expires_at=taken.expires_at
        )
        return Outcome(
            taken.id, taken.attempts, verdict.state, verdict.reason, verdict.at, code=error.provider_code, via=taken.via
        )


def outcome_of(taken: Taken, sent: Sent) -> Outcome:
    """The outcome of a message the provider has."""
    state = State.DELIVERED if sent.delivered else State.SENT
    return Outcome(
        taken.id, taken.attempts, state, provider_id=sent.provider_id, sender=sent.sender[:60], via=taken.via
    )
