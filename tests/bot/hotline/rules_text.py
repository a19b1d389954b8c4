"""The rules that come with the product, as a text to change."""

from importlib.resources import files

RULES = (files("bot.hotline") / "data" / "rules.toml").read_text("utf-8")
