"""What the bot says, one file for each locale."""

from importlib.resources import files

from core.i18n import Catalogue


def load_texts() -> Catalogue:
    """The catalogue; a StartupError names the first text that one locale lacks."""
    return Catalogue.load(files("bot") / "texts")
