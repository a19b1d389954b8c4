"""Errors are named outcomes.

Two families, because two different readers decide on them:

``AppError``
    What a caller did cannot be done. Carries the HTTP status, a machine name (the class's own name) and a
    sentence for the person; ``core.web`` renders all of them in one place.
``SendError``
    What became of an attempt to hand a message to a provider. The family is closed: every channel maps each of
    its provider's answers to one of the five, and the outbox decides on nothing else.
"""

from collections.abc import Mapping
from datetime import timedelta


class AppError(Exception):
    """A request that cannot be carried out. Subclasses set ``status``; ``code`` is the class's name."""

    status = 400

    def __init__(self, detail: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})

    @property
    def code(self) -> str:
        """The machine name that API clients switch on."""
        return type(self).__name__


class BadInput(AppError):
    """What was sent does not fit; ``fields`` names each place."""

    status = 422


class NotFound(AppError):
    """No such thing, or none that the caller may know of."""

    status = 404


class Conflict(AppError):
    """The thing is not in a state that allows this."""

    status = 409


class StaleVersion(Conflict):
    """Somebody else changed it since the caller looked."""


class Unauthenticated(AppError):
    """Nobody, or nobody known, is asking."""

    status = 401


class Forbidden(AppError):
    """The caller is known and may not do this."""

    status = 403


class SamePerson(Forbidden):
    """What one person wrote, another must approve (审批分离)."""


class TooMany(AppError):
    """A limit was reached; ``retry_after`` says when to try again."""

    status = 429

    def __init__(self, detail: str, *, retry_after: timedelta = timedelta(minutes=1)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooLarge(AppError):
    """A body or file over the limit."""

    status = 413


class TooSlow(AppError):
    """A body that did not arrive in time."""

    status = 408


class Unavailable(AppError):
    """The service cannot do this now (database away, disk full); nothing was lost, try again."""

    status = 503


class StartupError(Exception):
    """A setting or the environment is wrong; the sentence names which and what to do."""


class SendError(Exception):
    """An attempt to send did not end with the provider's acceptance."""

    def __init__(self, reason: str, *, provider_code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.provider_code = provider_code


class Retryable(SendError):
    """Not accepted, and surely not: may be tried again, no sooner than ``after``."""

    def __init__(self, reason: str, *, after: timedelta | None = None, provider_code: str = "") -> None:
        super().__init__(reason, provider_code=provider_code)
        self.after = after


class Rejected(SendError):
    """The provider will never take this message (too long, forbidden content); the address may be fine."""


class Unreachable(SendError):
    """The address cannot be reached (opted out, blocked, unknown number); other addresses may.

    ``moved_to`` is set when the provider names the address that takes this one's place
    (a Telegram group that became a supergroup).
    """

    def __init__(
        self, reason: str, *, provider_code: str = "", opted_out: bool = False, moved_to: str | None = None
    ) -> None:
        super().__init__(reason, provider_code=provider_code)
        self.opted_out = opted_out
        self.moved_to = moved_to


class Misconfigured(SendError):
    """Our own fault (wrong token, wrong sender): nothing on this channel will pass until somebody repairs it."""


class Uncertain(SendError):
    """The request was written and the answer never came: look it up, never blindly send again."""


class BadSignature(Exception):
    """A webhook whose signature is missing or wrong. Answered 403, with nothing said about why."""
