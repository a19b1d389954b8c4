"""Webhooks: another system as a recipient. One signed POST of JSON for each message.

Header names and signature follow the Standard Webhooks specification (standardwebhooks.com): ``webhook-id``,
``webhook-timestamp``, ``webhook-signature: v1,<base64>`` over ``id.timestamp.body`` with HMAC-SHA256. An address is a
URL; because it decides where this server connects to, its origin must stand in ``SUNLINE_WEBHOOK_ORIGINS``, and
redirects are not followed. Receivers drop what they have seen by ``webhook-id``; so an uncertain send is repeated.
"""

import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.env import ChannelEnv
from adapters.texts import check_text
from core.clock import Clock
from core.crypto import signing_secret
from core.errors import BadSignature, Rejected, Retryable, StartupError, Uncertain, Unreachable
from core.messages import Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Limits

_GONE = 410
_LATER = frozenset({408, 409, 425, 429})
_TEXT_MAX = 20_000


class WebhookSettings(BaseSettings):
    """Where webhooks may go."""

    model_config = SettingsConfigDict(env_prefix="SUNLINE_WEBHOOK_", env_file=".env", extra="ignore")

    origins: str = Field("", description="Comma list of origins that webhooks may go to: https://hooks.example.org")
    timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long one webhook may take")


def build(env: ChannelEnv) -> "WebhookChannel | None":
    """The channel from the environment, None without origins. Raises StartupError naming the setting."""
    settings = WebhookSettings()
    return WebhookChannel(settings, env.clock) if settings.origins.strip() else None


class WebhookChannel:
    """The channel named ``webhook``."""

    name = "webhook"
    can: Collection[Can] = frozenset({Can.LINKS, Can.IDEMPOTENT})

    def __init__(self, settings: WebhookSettings, clock: Clock, resolver: AbstractResolver | None = None) -> None:
        """``resolver`` finds the addresses of names; the system's by default."""
        self._origins = frozenset(_origin(part) for part in settings.origins.split(",") if part.strip())
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._resolver = resolver
        self.limits = Limits(text=_TEXT_MAX, timeout_s=settings.timeout_seconds)

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, _TEXT_MAX)
        if not self.allows(message.address):
            raise Unreachable("the origin of this address is not in SUNLINE_WEBHOOK_ORIGINS")
        body = orjson.dumps(
            {"id": message.id, "kind": message.kind, "text": message.text, "data": dict(message.params)}
        )
        status, after = await self._post(message.address, body, self._headers(message, body))
        if 200 <= status < 300:
            return Sent(provider_id=message.attempt, delivered=True)
        if status in _LATER or status >= 500:
            raise Retryable(f"answered {status}", after=after, provider_code=str(status))
        if status == _GONE:
            raise Unreachable("answered 410: it wants no more", provider_code=str(status))
        raise Rejected(f"answered {status}", provider_code=str(status))

    def allows(self, url: str) -> bool:
        """Whether webhooks may go there."""
        try:
            return _origin(url) in self._origins
        except StartupError:
            return False

    def _headers(self, message: Outgoing, body: bytes) -> dict[str, str]:
        seconds = str(int(self._clock().timestamp()))
        signature = sign(signing_secret(message.address), message.id, seconds, body)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Sunline",
            "webhook-id": message.id,
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{signature}",
        }

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, timedelta | None]:
        if self._session is None:
            # Made here because it belongs to the running loop. No cookies: one receiver's are not another's.
            resolver = OutwardResolver(self._resolver or aiohttp.DefaultResolver())
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver), cookie_jar=aiohttp.DummyCookieJar()
            )
        limit = aiohttp.ClientTimeout(total=self.limits.timeout_s, sock_connect=min(5.0, self.limits.timeout_s))
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                return answer.status, _after(answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Retryable("no connection") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Uncertain("the answer never came") from error

    async def receive(self, request: WebhookRequest) -> Received:  # noqa: ARG002 - the contract's signature
        raise BadSignature

    def secrets(self) -> Collection[str]:
        return ()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None


class OutwardResolver(AbstractResolver):
    """Finds the addresses of a name, without those of this machine and its link.

    Whoever holds the name of a listed origin could else point it here, and our requests would reach what listens to
    this machine alone, or a cloud's metadata. An operator who wants that writes the address, or ``localhost``. The
    connection goes to the address that was looked at, so an answer that changes in between changes nothing.
    """

    def __init__(self, resolver: AbstractResolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As the interface says; raises OSError when nothing is left."""
        found = await self._resolver.resolve(host, port, family)
        if host == "localhost":
            return found
        outward = [one for one in found if not _inward(one["host"])]
        if not outward:
            raise OSError(None, f"{host} leads to this machine")
        return outward

    async def close(self) -> None:
        await self._resolver.close()


def _inward(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast


def sign(secret: bytes, message_id: str, seconds: str, body: bytes) -> str:
    """The signature of Standard Webhooks, base64."""
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; raises StartupError for what is no address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (KeyError, ValueError):
        raise StartupError(f"SUNLINE_WEBHOOK_ORIGINS: {url.strip()!r} is not like https://hooks.example.org") from None
    if not parts.hostname or parts.username or parts.password:
        raise StartupError(f"SUNLINE_WEBHOOK_ORIGINS: {url.strip()!r} is not like https://hooks.example.org")
    return parts.scheme, parts.hostname, port


def _after(text: str) -> timedelta | None:
    return timedelta(seconds=min(int(text), 3600)) if text.isdecimal() and len(text) < 7 else None
