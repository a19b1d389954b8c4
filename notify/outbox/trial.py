"""Test messages: the whole way through outbox and dispatcher, and then not to a provider.

Magic numbers end as a real message might (the idea of Twilio's test credentials); all others are delivered. They
lie in the ranges kept for fiction, so that nobody is ever written to by mistake.
"""

from collections.abc import Callable
from datetime import timedelta

from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable
from core.messages import Outgoing, Sent

CODE = "trial"

FAILURES: dict[str, Callable[[], SendError]] = {
    "+12025550140": lambda: Retryable("busy", provider_code=CODE),
    "+12025550141": lambda: Retryable("slow down", after=timedelta(seconds=30), provider_code=CODE),
    "+12025550142": lambda: Rejected("content refused", provider_code=CODE),
    "+12025550143": lambda: Unreachable("unknown number", provider_code=CODE),
    "+12025550144": lambda: Unreachable("opted out", provider_code=CODE, opted_out=True),
    "+12025550145": lambda: Misconfigured("wrong token", provider_code=CODE),
    "+12025550146": lambda: Uncertain("no answer", provider_code=CODE),
}
"""What a test message to this number meets."""
ONLY_SENT = "+12025550147"
"""Accepted, and no receipt ever comes."""


async def send(message: Outgoing) -> Sent:
    """As a channel's ``send``, without a provider."""
    if failure := FAILURES.get(message.address):
        raise failure()
    return Sent(provider_id=f"trial-{message.attempt}"[:80], delivered=message.address != ONLY_SENT)
