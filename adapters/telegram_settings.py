"""What an operator sets for Telegram, and the menu of commands the bot shows."""

import re

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import StartupError

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_CHAT = re.compile(r"-?\d+|@\w{4,}", re.ASCII)
_SECRET_LENGTH = 16
_SECRET_VARIETY = 6


class TelegramSettings(BaseSettings):
    """Settings with the prefix ``TELEGRAM_``. No message about a wrong one repeats its value."""

    model_config = SettingsConfigDict(
        env_prefix="TELEGRAM_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    bot_token: str = Field("", repr=False, description="Token from @BotFather; empty: no Telegram")
    api_base: str = Field("https://api.telegram.org", description="Where the Bot API is; another for a stand-in")
    webhook_secret: str = Field(
        "", repr=False, description="At least 16 of A-Z a-z 0-9 _ -; empty: polling, and no webhook is accepted"
    )
    staff_chat: str = Field("", description="Id of the staff group (one topic for each matter where it has topics)")
    parse_mode: str = Field("", description="HTML or MarkdownV2 when the office's texts hold markup; empty: plain")

    @field_validator("bot_token")
    @classmethod
    def _token_form(cls, value: str) -> str:
        if value and not _TOKEN.fullmatch(value):
            raise ValueError("is not a bot token; it is a number, a colon and a key, and comes from @BotFather")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _strong(cls, value: str) -> str:
        if not value:
            return value
        if not _SECRET.fullmatch(value):
            raise ValueError("may hold only A-Z a-z 0-9 _ and -, at most 256 of them")
        if len(value) < _SECRET_LENGTH or len(set(value)) < _SECRET_VARIETY:
            raise ValueError(f"is too weak; use at least {_SECRET_LENGTH} random characters")
        return value

    @field_validator("api_base")
    @classmethod
    def _with_scheme(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value.rstrip("/")

    @field_validator("staff_chat")
    @classmethod
    def _chat_form(cls, value: str) -> str:
        if value and not _CHAT.fullmatch(value):
            raise ValueError("must be a chat's id (a number, negative for groups) or @name")
        return value

    @field_validator("parse_mode")
    @classmethod
    def _known_mode(cls, value: str) -> str:
        if value not in {"", "HTML", "MarkdownV2"}:
            raise ValueError("must be HTML, MarkdownV2 or empty")
        return value


def load() -> TelegramSettings | None:
    """The settings, or None when Telegram is not configured; raises StartupError naming each wrong setting."""
    try:
        settings = TelegramSettings()
    except ValidationError as error:
        lines = [f"TELEGRAM_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise StartupError("\n".join(lines)) from None
    if settings.bot_token:
        return settings
    if settings.webhook_secret or settings.staff_chat:
        raise StartupError("TELEGRAM_BOT_TOKEN: is missing, although other TELEGRAM_ settings are set")
    return None


COMMANDS: dict[str, dict[str, str]] = {
    "": {
        "start": "开始",
        "ask": "咨询政策问题",
        "ticket": "提交诉求（求助、投诉、举报、建议）",
        "status": "查询办理进度",
        "cancel": "取消当前操作",
        "help": "使用帮助",
        "lang": "语言 / 語言 / Language",
    },
    "en": {
        "start": "Start",
        "ask": "Ask a policy question",
        "ticket": "Hand in a request, complaint, report or suggestion",
        "status": "Follow a matter",
        "cancel": "Stop what is going on",
        "help": "What can be said here",
        "lang": "语言 / 語言 / Language",
    },
}
"""Name and description of each command by language; "" is for everybody else.

Telegram knows two-letter languages here (Bot API, setMyCommands), so traditional Chinese cannot have its own menu.
"""
