"""From Telegram's updates to our values. Pure.

Only the fields we use are described and everything else is ignored, so a new kind of object in Telegram's API
cannot make a citizen's message unreadable.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.messages import Inbound, Media, Place

KINDS = ("message", "callback_query", "my_chat_member")
"""Kinds of updates we ask for. Edited messages are not among them: what was said first was acted on already."""

_COMMAND = re.compile(r"(/\w{1,32})@(\w{3,64})", re.ASCII)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Part):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class _Chat(_Part):
    id: int
    type: str = "private"

    @property
    def private(self) -> bool:
        return self.type == "private"


class _File(_Part):
    file_id: str
    file_size: int | None = None
    file_name: str = ""
    mime_type: str = ""


class _Location(_Part):
    latitude: float
    longitude: float


class _Contact(_Part):
    phone_number: str


class _Sticker(_Part):
    emoji: str = ""


class _Button(_Part):
    text: str = ""
    callback_data: str = ""


class _Keyboard(_Part):
    inline_keyboard: list[list[_Button]] = []


class _Answered(_Part):
    message_id: int


class _Message(_Part):
    message_id: int
    chat: _Chat
    sender: _User | None = Field(None, alias="from")
    date: datetime | None = None
    text: str = ""
    caption: str = ""
    photo: list[_File] = []
    voice: _File | None = None
    document: _File | None = None
    video: _File | None = None
    audio: _File | None = None
    video_note: _File | None = None
    location: _Location | None = None
    contact: _Contact | None = None
    sticker: _Sticker | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    reply_to_message: _Answered | None = None
    reply_markup: _Keyboard | None = None

    @property
    def words(self) -> str:
        """What was said; a shared contact counts as its number typed, a sticker as its emoji."""
        if self.text or self.caption:
            return self.text or self.caption
        if self.contact is not None:
            return self.contact.phone_number
        return self.sticker.emoji if self.sticker is not None else ""

    @property
    def thread(self) -> str:
        return str(self.message_thread_id or "") if self.is_topic_message else ""


class _Press(_Part):
    id: str
    sender: _User = Field(alias="from")
    message: _Message | None = None
    data: str = ""


class _Status(_Part):
    status: str


class _Membership(_Part):
    chat: _Chat
    sender: _User = Field(alias="from")
    date: datetime | None = None
    old_chat_member: _Status
    new_chat_member: _Status


class _Update(_Part):
    update_id: int
    message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Membership | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What an update means to us; ``press`` is the id of a button's press, whose spinner waits to be stopped."""

    event: Inbound | None = None
    press: str = ""


def understand(update: Any, *, channel: str, to: str, username: str = "") -> Understood:
    """The meaning of one update; empty for kinds and contents that mean nothing to us.

    ``username`` is the bot's own name where known: in a group, a command for another bot is not ours.
    """
    try:
        parsed = _Update.model_validate(update)
    except ValidationError:
        return Understood()
    base = Inbound(channel, f"update:{parsed.update_id}", "", to=to)
    if parsed.message is not None:
        return Understood(_written(base, parsed.message, username.lower()))
    if parsed.callback_query is not None:
        return Understood(_pressed(base, parsed.callback_query), parsed.callback_query.id)
    if parsed.my_chat_member is not None:
        return Understood(_membership(base, parsed.my_chat_member))
    return Understood()


def message_ref(chat: int, message: int) -> str:
    """Our provider id of a post: Telegram counts messages anew in each group, so the chat belongs to it."""
    return f"{chat}:{message}"


def _from(base: Inbound, chat: _Chat, sender: _User, **more: Any) -> Inbound:
    return Inbound(
        base.channel,
        base.provider_id,
        str(chat.id),
        to=base.to,
        sender="" if chat.private else str(sender.id),
        sender_name=sender.name,
        private=chat.private,
        locale=sender.language_code.lower(),
        **more,
    )


def _written(base: Inbound, message: _Message, username: str) -> Inbound | None:
    sender, media, place = message.sender, _media(message), _place(message)
    text = _addressed(message.words, username)
    if sender is None or sender.is_bot or text is None or not (text or media or place):
        return None
    answered = message.reply_to_message
    # In a topic every message "answers" the one that opened it.
    if answered is not None and message.is_topic_message and answered.message_id == message.message_thread_id:
        answered = None
    return _from(
        base,
        message.chat,
        sender,
        text=text,
        thread=message.thread,
        reply_to=message_ref(message.chat.id, answered.message_id) if answered else "",
        media=media,
        place=place,
        sent_at=message.date,
    )


def _addressed(text: str, username: str) -> str | None:
    """``/ask@our_bot …`` without our name; None when the command is for another bot."""
    match = _COMMAND.match(text)
    if match is None:
        return text
    if username and match[2].lower() != username:
        return None
    return match[1] + text[match.end() :]


def _media(message: _Message) -> tuple[Media, ...]:
    found = [
        Media(file.file_id, file.mime_type or usual, file.file_name, file.file_size)
        for file, usual in (
            (message.voice, "audio/ogg"),
            (message.document, "application/octet-stream"),
            (message.video, "video/mp4"),
            (message.audio, "audio/mpeg"),
            (message.video_note, "video/mp4"),
        )
        if file is not None
    ]
    if message.photo:
        # The same picture in several sizes, smallest first.
        largest = message.photo[-1]
        found.append(Media(largest.file_id, "image/jpeg", "", largest.file_size))
    return tuple(found)


def _place(message: _Message) -> Place | None:
    spot = message.location
    return Place(spot.latitude, spot.longitude) if spot is not None else None


def _pressed(base: Inbound, press: _Press) -> Inbound | None:
    message = press.message
    if message is None or not press.data:
        return None
    keys = [key for row in (message.reply_markup or _Keyboard()).inline_keyboard for key in row]
    return _from(
        base,
        message.chat,
        press.sender,
        text=next((key.text for key in keys if key.callback_data == press.data), ""),
        choice=press.data,
        thread=message.thread,
        reply_to=message_ref(message.chat.id, message.message_id),
    )


def _membership(base: Inbound, change: _Membership) -> Inbound | None:
    """A person who blocks the bot has opted out at the provider; letting it in again opts in."""
    if not change.chat.private:
        return None
    if change.new_chat_member.status == "kicked":
        return _from(base, change.chat, change.sender, opt_out="stop", sent_at=change.date)
    if change.old_chat_member.status == "kicked":
        return _from(base, change.chat, change.sender, opt_out="start", sent_at=change.date)
    return None
