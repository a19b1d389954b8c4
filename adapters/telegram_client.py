"""The Bot API's client: aiogram's, with a time limit and our outcomes instead of its exceptions."""

import asyncio
import json
from typing import Any, TypeVar

import orjson
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNetworkError
from aiogram.methods import SendMessage, TelegramMethod
from aiohttp import ClientError, ClientTimeout

from adapters.telegram_errors import outcome_of
from core.errors import BadInput, Rejected, Retryable, SendError, Uncertain

T = TypeVar("T")
_CHUNK = 64 * 1024
_JSON = {"Content-Type": "application/json"}


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without aiogram's models: one update it cannot read would hold up all others for ever."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int
    timeout: int
    allowed_updates: list[str]


class Client:
    """One bot at one API address.

    Errors are raised outside of the handlers that met them: what lies underneath names the URL, and the URL holds
    the token.
    """

    def __init__(self, token: str, base: str, timeout_s: float) -> None:
        self._token = token
        self._base = base
        self._timeout_s = timeout_s
        self._bot: Bot | None = None
        self._closed = False

    def _open(self) -> tuple[Bot, AiohttpSession]:
        # The session belongs to the running loop, so it is made on the first call.
        if self._closed:
            raise Retryable("the channel is closed", provider_code="closed")
        if self._bot is None:
            session = _Session(
                api=TelegramAPIServer.from_base(self._base),
                timeout=ClientTimeout(total=None, sock_connect=self._timeout_s / 3),
            )
            self._bot = Bot(self._token, session=session)
        session_of = self._bot.session
        if not isinstance(session_of, AiohttpSession):
            raise TypeError("the bot was built with another session")
        return self._bot, session_of

    async def call(self, method: TelegramMethod[T], seconds: float | None = None) -> T:
        """One call within a time limit (the channel's own by default); raises SendError and nothing else."""
        bot, _ = self._open()
        failure: SendError
        try:
            async with asyncio.timeout(self._timeout_s if seconds is None else seconds):
                return await bot(method)
        except TimeoutError:
            failure = Uncertain("no answer in time", provider_code="timeout")
        except (AiogramError, OSError, ValueError, TypeError) as error:
            # TypeError: aiogram trips over a server error without a description.
            failure = outcome_of(error)
        raise failure

    async def post_text(self, fields: dict[str, str], seconds: float) -> dict[str, Any]:
        """``sendMessage`` without aiogram's models, which take three quarters of the time of a send.

        Returns the message as Telegram describes it. Refusals are read by aiogram, so that they mean the same on
        either way; raises SendError and nothing else.
        """
        bot, session = self._open()
        failure: SendError
        try:
            async with asyncio.timeout(seconds):
                return await self._post(bot, session, fields)
        except TimeoutError:
            failure = Uncertain("no answer in time", provider_code="timeout")
        except (AiogramError, OSError, ValueError, TypeError, LookupError) as error:
            failure = outcome_of(error)
        raise failure

    async def _post(self, bot: Bot, session: AiohttpSession, fields: dict[str, str]) -> dict[str, Any]:
        url = session.api.api_url(bot.token, "sendMessage")
        body = _json_of(fields)
        http = await session.create_session()
        limits: Any = session.timeout  # a ClientTimeout, whatever aiogram declares
        try:
            async with http.post(url, data=body, headers=_JSON, timeout=limits) as answer:
                content = await answer.read()
        except ClientError as error:
            method = SendMessage(chat_id=0, text="")
            raise TelegramNetworkError(method=method, message=type(error).__name__) from error
        if answer.status == 200:
            found = orjson.loads(content)
            if found["ok"] is True:
                result: dict[str, Any] = found["result"]
                return result
        method = SendMessage(chat_id=0, text="")
        session.check_response(bot, method, answer.status, content.decode())
        raise ValueError("neither a message nor a refusal")

    async def read(self, path: str, limit_bytes: int, seconds: float) -> bytes:
        """The content of a file of Telegram's; raises BadInput as soon as it is over the limit, or SendError."""
        bot, session = self._open()
        client = await session.create_session()
        url = session.api.file_url(bot.token, path)
        content = bytearray()
        failure: SendError | BadInput
        try:
            # A redirect would lead away from the API's address.
            async with asyncio.timeout(seconds), client.get(url, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise _refused(answer.status)
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    content += chunk
                    if len(content) > limit_bytes:
                        raise too_large(limit_bytes)
            return bytes(content)
        except (ClientError, TimeoutError):
            failure = Retryable("the file could not be read to its end", provider_code="cut")
        raise failure

    async def aclose(self) -> None:
        """Closes the connections; calling again is harmless."""
        self._closed = True
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.session.close()


class _Session(AiohttpSession):
    async def close(self) -> None:
        """aiogram waits a quarter of a second here for TLS connections to end; without TLS there are none."""
        if self.api.base.startswith("https://"):
            await super().close()
        elif self._session is not None:
            await self._session.close()


def _json_of(fields: dict[str, str]) -> bytes:
    """As JSON: a form would write each Chinese character with nine others. Raises UnicodeEncodeError."""
    try:
        return orjson.dumps(fields)
    except orjson.JSONEncodeError:  # it does not say what is wrong; encoding does
        return json.dumps(fields, ensure_ascii=False).encode()


def too_large(limit_bytes: int) -> BadInput:
    """The refusal of a file over the limit."""
    return BadInput(f"the file is larger than {limit_bytes} bytes")


def _refused(status: int) -> SendError:
    if status == 429 or status >= 500:
        return Retryable("Telegram does not give the file now", provider_code=str(status))
    return Rejected("Telegram does not have the file", provider_code=str(status))
