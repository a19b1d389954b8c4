"""Push to officials through Apprise: DingTalk, WeCom, Feishu, e-mail and the like. One way out.

An address is a name from ``SUNLINE_PUSH_TARGETS`` (JSON: ``{"duty": "dingtalk://…"}``) or an Apprise address
itself. These hold tokens: they are secrets, and never logged. Because an address decides where this server
connects to, addresses outside of the table are limited to ``SUNLINE_PUSH_SCHEMES``.
"""

import asyncio
import logging
import warnings
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from adapters.env import ChannelEnv
from adapters.texts import check_text
from core.errors import BadSignature, Retryable, StartupError, Uncertain, Unreachable
from core.messages import Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Limits

if TYPE_CHECKING:
    from apprise import Apprise

TEXT_MAX = 1_300
"""Characters: WeCom takes 4,096 bytes, which is the least among those named above."""

SCHEMES = "dingtalk,wecombot,feishu,lark"
"""Services whose host is fixed. ``mailto`` is not among them: such an address names the server to connect to, which
for whoever writes it into a roster would be any port of the office's network. People's e-mail goes by ``email``."""


class PushSettings(BaseSettings):
    """``targets`` is the table of names; ``schemes`` the kinds of address allowed outside of it."""

    model_config = SettingsConfigDict(
        env_prefix="SUNLINE_PUSH_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    targets: dict[str, SecretStr] = Field({}, description='Names and Apprise addresses as JSON: {"duty": "…"}')
    email: SecretStr = Field(
        SecretStr(""),
        description="The office's mail server as Apprise writes it (mailtos://user:password@smtp.example.com): "
        "e-mail addresses of the roster are then used",
    )
    schemes: str = Field(SCHEMES, description="Kinds of Apprise address allowed outside that table")
    timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long one push may take")


def build(env: ChannelEnv) -> "PushChannel | None":
    """The channel from the environment, None without targets. Raises StartupError naming the setting."""
    try:
        settings = PushSettings()
    except (SettingsError, ValidationError):
        raise StartupError(
            'SUNLINE_PUSH_TARGETS must be JSON like {"duty": "dingtalk://token"}, and'
            " SUNLINE_PUSH_TIMEOUT_SECONDS at most 60"
        ) from None
    return PushChannel(settings, title=env.office_name) if settings.targets else None


def build_email(env: ChannelEnv) -> "EmailChannel | None":
    """E-mail by the office's own server, None without one. Raises StartupError naming the setting."""
    try:
        settings = PushSettings()
    except (SettingsError, ValidationError):
        return None  # ``build`` says what is wrong
    return EmailChannel(settings, title=env.office_name) if settings.email.get_secret_value() else None


class PushChannel:
    """The channel named ``push``."""

    name = "push"
    can: Collection[Can] = frozenset({Can.LINKS})

    def __init__(self, settings: PushSettings, *, title: str) -> None:
        self._targets = {name: url.get_secret_value() for name, url in settings.targets.items()}
        self._schemes = frozenset(settings.schemes.replace(" ", "").split(","))
        self._title = title
        self.limits = Limits(text=TEXT_MAX, timeout_s=settings.timeout_seconds)
        _load()
        for name, url in self._targets.items():
            if _apprise(url) is None:
                raise StartupError(f"SUNLINE_PUSH_TARGETS: Apprise does not understand the address of {name!r}")

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, TEXT_MAX)
        target = _apprise(self._url(message.address))
        if target is None:
            raise Unreachable("not an address that Apprise understands")
        notify = partial(target.notify, body=message.text, title=self._title, timeout=self.limits.timeout_s)
        result = await asyncio.to_thread(notify)
        if result.status == result.status.TIMEOUT:
            raise Uncertain("the push service did not answer in time")
        if not result:
            raise Retryable("the push service did not take it")
        return Sent(provider_id=message.attempt)

    def _url(self, address: str) -> str:
        if address in self._targets:
            return self._targets[address]
        scheme, found, _ = address.partition("://")
        if not found or scheme.lower() not in self._schemes:
            raise Unreachable("neither a name in SUNLINE_PUSH_TARGETS nor an address of an allowed kind")
        return address

    async def receive(self, request: WebhookRequest) -> Received:  # noqa: ARG002 - the contract's signature
        raise BadSignature

    def secrets(self) -> Collection[str]:
        return tuple(self._targets.values())

    async def aclose(self) -> None:
        """Holds nothing: Apprise connects for each message."""


def _apprise(url: str) -> "Apprise | None":
    """One Apprise target, None when the address is not understood."""
    from apprise import Apprise, AppriseAsset

    target = Apprise(asset=AppriseAsset(async_mode=False))
    return target if target.add(url) else None


def _load() -> None:
    """Loads Apprise and its services now, and only where push is used: they take 25 MB.

    Silences what they say: Apprise and the HTTP library under it log whole addresses, tokens included, and one
    of its modules imports a deprecated part of Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        _apprise("json://localhost")
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.WARNING)


class EmailChannel(PushChannel):
    """The channel named ``email``: addresses are people's own, the server is the office's."""

    name = "email"

    def __init__(self, settings: PushSettings, *, title: str) -> None:
        self._server = settings.email.get_secret_value()
        super().__init__(settings.model_copy(update={"targets": {}}), title=title)
        if _apprise(self._server) is None:
            raise StartupError("SUNLINE_PUSH_EMAIL: Apprise does not understand this address")

    def _url(self, address: str) -> str:
        name, at, host = address.partition("@")
        if not (name and at and host) or any(char.isspace() or char in "?&#/" for char in address):
            raise Unreachable("not an e-mail address")
        return f"{self._server}{'&' if '?' in self._server else '?'}to={quote(address, safe='@')}"

    def secrets(self) -> Collection[str]:
        return (self._server,)
