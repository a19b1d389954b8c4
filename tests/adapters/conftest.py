"""Fixtures of this folder."""

from tests.adapters.telegram_rig import channel, telegram

__all__ = ["channel", "telegram"]
