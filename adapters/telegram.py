"""Telegram: polling or webhook, buttons, topics, files. Only ``adapters/telegram*.py`` import aiogram.

aiogram is used as the client of the Bot API and nothing more: its dispatcher acknowledges updates before they are
stored and does not know a redelivery when it sees one.
"""

import asyncio
import hmac
import json
from collections import OrderedDict
from collections.abc import Collection, Coroutine
from typing import Any

import structlog
from aiogram.methods import (
    AnswerCallbackQuery,
    CreateForumTopic,
    GetMe,
    SendDocument,
    SendPhoto,
    SendVoice,
    SetMyCommands,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    User,
)

from adapters.env import ChannelEnv
from adapters.telegram_client import Client
from adapters.telegram_errors import MARKUP_REFUSED, PHOTO_REFUSED, THREAD_NOT_FOUND
from adapters.telegram_files import download
from adapters.telegram_poll import Poller
from adapters.telegram_settings import COMMANDS, TelegramSettings, load
from adapters.telegram_text import (
    FILE_BYTES,
    OPTIONS_MAX,
    TEXT_MAX,
    TITLE_UNITS,
    Step,
    keyboard_at,
    plan,
    way_of,
)
from adapters.telegram_update import KINDS, Understood, message_ref, understand
from core.errors import BadSignature, Rejected, Retryable, SendError, Uncertain
from core.messages import File, Media, Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Deliver, Limits
from core.text import trim

log = structlog.get_logger(__name__)

LIMITS = Limits(
    text=TEXT_MAX, rate=30, rate_per_address=1, rate_per_group=20 / 60, group_mark="-", options=OPTIONS_MAX,
    file_bytes=FILE_BYTES,
)  # fmt: skip
"""Rates from core.telegram.org/bots/faq: about 30 messages a second overall, one a second in a chat, 20 a minute in a
group; a group's id is negative."""
CAN = frozenset({Can.BUTTONS, Can.FILES, Can.TWO_WAY, Can.THREADS, Can.LINKS})
_SIGNATURE = "x-telegram-bot-api-secret-token"
_UPLOAD_BYTES_PER_S = 512 * 1024
_CHORES_MAX = 64
_HALF_SENT_MAX = 1_000


class Telegram:
    """The channel named ``telegram``.

    ``address`` is a chat's id, ``thread`` a topic in it, provider ids are "chat:message". A message longer than
    one post travels as several; how far it got is remembered (in this process), so that sending the same outbox
    row again goes on after the last post that was accepted.
    """

    name = "telegram"

    def __init__(self, settings: TelegramSettings, env: ChannelEnv, *, limits: Limits = LIMITS) -> None:
        self._settings = settings
        self._public_url = env.public_url
        self.limits = limits
        self.can: Collection[Can] = CAN
        self._client = Client(settings.bot_token, settings.api_base, limits.timeout_s)
        self._closed = False
        self._us = settings.bot_token.partition(":")[0]
        self._username = ""
        self._half_sent: OrderedDict[str, list[str]] = OrderedDict()
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def staff_chat(self) -> str:
        """Address of the staff group (TELEGRAM_STAFF_CHAT), empty when there is none."""
        return self._settings.staff_chat

    def secrets(self) -> Collection[str]:
        return [value for value in (self._settings.bot_token, self._settings.webhook_secret) if value]

    # --- sending ---------------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        steps = plan(message)
        done = self._half_sent.pop(message.id, [])
        weight = sum(len(file.content) for file in message.files)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.limits.timeout_s + weight / _UPLOAD_BYTES_PER_S
        try:
            while len(done) < len(steps):
                left = deadline - loop.time()
                if left <= 0:
                    raise Retryable("no time left for the rest of a long message", provider_code="half_sent")
                done.append(await self._post(message, steps[len(done)], left))
        except SendError:
            if done:
                self._remember(message.id, done)
            raise
        return Sent(done[keyboard_at(steps)], sender=self._us, delivered=True)

    def _remember(self, row: str, done: list[str]) -> None:
        self._half_sent[row] = done
        while len(self._half_sent) > _HALF_SENT_MAX:
            self._half_sent.popitem(last=False)

    async def _post(self, message: Outgoing, step: Step, seconds: float) -> str:
        mode = self._settings.parse_mode
        try:
            return await self._post_as(message, step, mode, way_of(step.file) if step.file else "", seconds)
        except Rejected as error:
            # The text matters more than its looks, and a picture more than its preview.
            if mode and error.provider_code == MARKUP_REFUSED:
                return await self._post_as(message, step, "", "", seconds)
            if error.provider_code == PHOTO_REFUSED:
                return await self._post_as(message, step, "", "document", seconds)
            raise

    async def _post_as(self, message: Outgoing, step: Step, mode: str, way: str, seconds: float) -> str:
        if step.file is None:
            return await self._post_text(message, step, mode, seconds)
        place: dict[str, Any] = {"chat_id": _chat_id(message.address), "message_thread_id": _topic(message.thread)}
        if step.keyboard:
            place["reply_markup"] = _markup(step)
        method: TelegramMethod[Message]
        upload = BufferedInputFile(step.file.content, filename=step.file.name)
        if way == "photo":
            method = SendPhoto(photo=upload, **place)
        elif way == "voice":
            method = SendVoice(voice=upload, **place)
        else:
            method = SendDocument(document=upload, **place)
        posted = await self._client.call(method, seconds)
        if not isinstance(posted, Message):
            raise Uncertain("Telegram's answer names no message", provider_code="garbage")
        return message_ref(posted.chat.id, posted.message_id)

    async def _post_text(self, message: Outgoing, step: Step, mode: str, seconds: float) -> str:
        fields = {"chat_id": message.address, "text": step.text}
        if topic := _topic(message.thread):
            fields["message_thread_id"] = str(topic)
        if mode:
            fields["parse_mode"] = mode
        if "." in step.text:
            # A preview would open the one-time pages we link to, and push the text off a small screen.
            fields["link_preview_options"] = '{"is_disabled": true}'
        if step.keyboard:
            fields["reply_markup"] = _markup(step).model_dump_json(exclude_none=True)
        posted = await self._client.post_text(fields, seconds)
        try:
            return message_ref(int(posted["chat"]["id"]), int(posted["message_id"]))
        except (LookupError, TypeError, ValueError):
            raise Uncertain("Telegram's answer names no message", provider_code="garbage") from None

    async def open_thread(self, chat: str, title: str) -> str:
        """A new topic in a group with topics; a title that is too long is shortened."""
        name = trim(title.strip(), chars_max=TITLE_UNITS) or "—"
        topic = await self._client.call(CreateForumTopic(chat_id=_chat_id(chat), name=name))
        return str(topic.message_thread_id)

    # --- receiving -------------------------------------------------------------------------------------------

    async def receive(self, request: WebhookRequest) -> Received:
        secret = self._settings.webhook_secret
        given = next((value for key, value in request.headers.items() if key.lower() == _SIGNATURE), "")
        matches = hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
        if not secret or not matches:
            raise BadSignature
        try:
            update = json.loads(request.body)
        except (ValueError, RecursionError):
            return Received()
        meaning = self._understand(update)
        self._stop_spinner(meaning)
        return Received((meaning.event,) if meaning.event else ())

    def _understand(self, update: Any) -> Understood:
        return understand(update, channel=self.name, to=self._us, username=self._username)

    def _stop_spinner(self, meaning: Understood) -> None:
        """Tells Telegram, in the background, that a press was noticed; what comes of that does not matter."""
        if meaning.press and not self._closed:
            if len(self._chores) >= _CHORES_MAX:
                log.info("telegram.spinner_left", waiting=len(self._chores))
                return
            self._later(self._answer(meaning.press))

    def _later(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _answer(self, press: str) -> None:
        try:
            await self._client.call(AnswerCallbackQuery(callback_query_id=press))
        except SendError as error:
            log.info("telegram.spinner_left", outcome=type(error).__name__, code=error.provider_code)

    async def listen(self, deliver: Deliver) -> None:
        """Polls; where a webhook is in use it waits, and Telegram calls us."""
        if self.webhook_url(self._public_url):
            log.info("telegram.webhook_in_use")
            await asyncio.Event().wait()
        poller = Poller(self._client, self._understand, self._stop_spinner)
        await poller.run(deliver)

    async def fetch(self, media: Media, limit_bytes: int) -> File:
        """The file behind ``media.ref``, from the API's own address; Telegram lets bots have up to 20 MB."""
        return await download(self._client, media, limit_bytes, self.limits.timeout_s)

    # --- set-up ----------------------------------------------------------------------------------------------

    def webhook_url(self, public_url: str) -> str:
        """The webhook's address, empty when we poll. Plain http only beside a stand-in or a server of our own."""
        private_api = self._settings.api_base.startswith("http://")
        callable_back = public_url.startswith(("https://", "http://") if private_api else "https://")
        if not self._settings.webhook_secret or not callable_back:
            return ""
        return f"{public_url.rstrip('/')}/hooks/telegram"

    async def prepare(self, public_url: str) -> None:
        """Sets the webhook where one can be used, learns the bot's own name, and sets its menu."""
        self._public_url = public_url
        if hook := self.webhook_url(public_url):
            secret = self._settings.webhook_secret
            await self._client.call(SetWebhook(url=hook, secret_token=secret, allowed_updates=list(KINDS)))
        await self._me()
        for language, table in COMMANDS.items():
            commands = [BotCommand(command=name, description=what) for name, what in table.items()]
            await self._client.call(SetMyCommands(commands=commands, language_code=language or None))

    async def _me(self) -> User:
        me = await self._client.call(GetMe())
        self._username = me.username or ""
        return me

    async def check(self) -> str:
        me = await self._me()
        way = "webhook" if self.webhook_url(self._public_url) else "polling"
        return f"Telegram knows the bot as @{me.username} ({me.id}); updates come by {way}."

    async def aclose(self) -> None:
        self._closed = True
        for task in list(self._chores):
            task.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self._client.aclose()


def build(env: ChannelEnv) -> Telegram | None:
    """The channel from its settings, or None; raises StartupError naming the setting that is wrong."""
    settings = load()
    return Telegram(settings, env) if settings is not None else None


def _chat_id(address: str) -> int | str:
    return int(address) if address.lstrip("-").isdecimal() and address.isascii() else address


def _topic(thread: str) -> int | None:
    if not thread:
        return None
    if not thread.isdecimal():
        raise Rejected("a topic is a number on Telegram", provider_code=THREAD_NOT_FOUND)
    return int(thread)


def _markup(step: Step) -> InlineKeyboardMarkup:
    keys = [
        [InlineKeyboardButton(text=option.label, callback_data=option.value) for option in row] for row in step.keyboard
    ]
    return InlineKeyboardMarkup(inline_keyboard=keys)
