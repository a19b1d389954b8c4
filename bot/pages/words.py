"""The words of a site: several catalogues read as one."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from core.errors import StartupError
from core.i18n import Catalogue

Say = Callable[..., str]
"""A text by its key in one language, with the values of its placeholders by name."""


class Words:
    """Catalogues put together; a key stands in one of them only, else StartupError names it."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._by_key: dict[str, Catalogue] = {}
        for catalogue in catalogues:
            if twice := self._by_key.keys() & catalogue.keys:
                raise StartupError(f"texts: {min(twice)!r} stands in two catalogues of one site")
            self._by_key |= dict.fromkeys(catalogue.keys, catalogue)

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._by_key)

    def __call__(self, locale: str, key: str, /, **values: object) -> str:
        """The text in this locale; KeyError for an unknown key."""
        return self._by_key[key](locale, key, **values)

    def among(self, locale: str) -> Say:
        """The words in one language."""

        def say(key: str, /, **values: object) -> str:
            return self(locale, key, **values)

        return say


@cache
def shared() -> Catalogue:
    """The words both sites use."""
    return Catalogue.load(files("bot.pages") / "texts")
