"""One Twilio account as its channels share it: the client, the outcome of a call, the check of a webhook's signature.

Calls go through Twilio's own asynchronous client. It ignores its time limit and has to be built inside a running
loop, so calls are wrapped in ``asyncio.timeout`` and the client is made at the first one.
"""

import asyncio
from collections.abc import Awaitable, Collection
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import aiohttp
from aiohttp import encode_basic_auth
from multidict import MultiDict
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from adapters.twilio_http import TwilioHttp
from adapters.twilio_settings import DEFAULT_API_BASE, TwilioSettings
from core.clock import Clock
from core.errors import BadSignature, Misconfigured, Retryable, SendError
from core.messages import Outgoing, WebhookRequest

CONNECTION_OVERRIDES = "#ct=3000&rc=5&rt=1500&rp=all"
"""Appended to status callbacks: Twilio then tries five times on any failure, instead of once
(twilio.com/docs/usage/webhooks/webhooks-connection-overrides). The fragment is not part of what it signs."""

T = TypeVar("T")


class TwilioAccount:
    """The account behind one channel. Each channel has a client of its own, so that closing one harms no other."""

    def __init__(self, settings: TwilioSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._token = settings.auth_token.get_secret_value()
        self._validator = RequestValidator(self._token)
        self._client: Any = None
        self._closed = False
        self.base = (settings.api_base or DEFAULT_API_BASE).rstrip("/")

    def secrets(self) -> Collection[str]:
        """What must never show in a log."""
        return (self._token, encode_basic_auth(self._settings.account_sid, self._token).removeprefix("Basic "))

    async def aclose(self) -> None:
        """No call is possible any more."""
        self._closed = True
        if self._client is not None:
            await self._client.http_client.close()

    def client(self) -> Any:
        """Twilio's client; raises Retryable once closed."""
        if self._closed:
            raise Retryable("the channel is closed", provider_code="closed")
        if self._client is None:
            settings = self._settings
            self._client = Client(
                settings.account_sid,
                self._token,
                http_client=TwilioHttp(settings.account_sid, self._token, self._clock),
                edge=settings.edge or None,
                region=settings.region or None,
            )
            self._client.api.base_url = self.base
        return self._client

    async def post(self, what: str, form: dict[str, str]) -> dict[str, Any]:
        """A form posted to a list of the account's (``Messages.json``), without the library's models; see ``call``."""
        client = self.client()
        url = client.get_hostname(f"{self.base}/2010-04-01/Accounts/{self._settings.account_sid}/{what}")
        record: dict[str, Any] = await client.http_client.post(url, form, client.get_headers("POST", {}))
        return record

    async def call(self, request: Awaitable[T], lost: type[SendError] = Retryable) -> T:
        """The answer to ``request``; ``lost`` is what its loss means (Uncertain where something was written)."""
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await request
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Retryable("no connection to Twilio") from None
        except TimeoutError:
            raise lost("Twilio did not answer in time") from None
        except (aiohttp.ClientError, OSError):
            raise lost("the connection to Twilio was cut") from None
        except (ValueError, LookupError, TypeError, AttributeError):
            raise lost("Twilio's answer was not understood") from None

    async def check(self) -> str:
        """A sentence naming the account, for ``sunline doctor``. Raises SendError."""
        account = await self.call(self.client().api.accounts(self._settings.account_sid).fetch_async())
        if account.status != "active":
            raise Misconfigured(f"the Twilio account is {account.status}")
        return f"Twilio account {account.friendly_name} is active"

    def verified_form(self, request: WebhookRequest) -> MultiDict[str]:
        """The form of a webhook, empty for one in JSON; raises BadSignature unless Twilio signed it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        signature = headers.get("x-twilio-signature", "")
        body = request.body.decode("utf-8", "replace")
        as_json = headers.get("content-type", "").startswith("application/json")
        if not signature or (as_json and "bodySHA256=" not in urlsplit(request.url).query):
            raise BadSignature
        try:
            form = MultiDict(() if as_json else parse_qsl(body, keep_blank_values=True, max_num_fields=300))
            genuine = self._validator.validate(request.url, body if as_json else form, signature)
        except ValueError:
            raise BadSignature from None
        if not genuine:
            raise BadSignature
        return form


def callback_of(message: Outgoing, **more: str) -> str:
    """Where Twilio reports to, with the attempt's id and ``more``; empty when it cannot reach us."""
    url = message.callback_url.partition("#")[0]
    if not url:
        return ""
    given = {} if "attempt=" in url else {"attempt": message.attempt}
    for name, value in {**given, **more}.items():
        url += f"{'&' if '?' in url else '?'}{name}={quote(value, safe='')}"
    return url
