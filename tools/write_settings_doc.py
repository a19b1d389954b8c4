"""Writes ``docs/settings.md`` from the settings' own descriptions: ``python -m tools.write_settings_doc``."""

from pathlib import Path

from pydantic_settings import BaseSettings

from adapters.push import PushSettings
from adapters.telegram_settings import TelegramSettings
from adapters.twilio_settings import TwilioSettings
from adapters.twilio_voice_settings import VoiceSettings
from adapters.webhook import WebhookSettings
from core.config import Settings
from faq.semantic.settings import SemanticSettings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Set them in the environment or in a file `.env` beside the program. A wrong value stops the start with a sentence
that names the setting. `sunline doctor` checks the whole set-up.

This page is written by `python -m tools.write_settings_doc`; a test compares it with the program.
"""
GROUPS: tuple[tuple[str, type[BaseSettings]], ...] = (
    ("The service", Settings),
    ("Telegram", TelegramSettings),
    ("SMS and WhatsApp through Twilio", TwilioSettings),
    ("Calls through Twilio, for urgent documents", VoiceSettings),
    ("Push to officials (DingTalk, WeCom, Feishu, e-mail …)", PushSettings),
    ("Webhooks to other systems", WebhookSettings),
    ("Semantic stage of the knowledge base (optional)", SemanticSettings),
)


def table(model: type[BaseSettings]) -> str:
    """One group of settings as a table."""
    prefix = str(model.model_config.get("env_prefix", ""))
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        default = "" if field.is_required() else str(field.default)
        shown = f"`{default}`" if default and default != "{}" else "–"
        alias = field.validation_alias if isinstance(field.validation_alias, str) else f"{prefix}{name}".upper()
        lines.append(f"| `{alias}` | {shown} | {field.description or ''} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(f"## {title}\n\n{table(model)}\n" for title, model in GROUPS)])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
