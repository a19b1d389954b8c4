"""Locales and catalogues of texts. Chinese first; every text exists in all three locales or the start fails."""

import string
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from core.errors import StartupError

LOCALES = ("zh-Hans", "zh-Hant", "en")
DEFAULT = "zh-Hans"

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def pick(reported: str) -> str:
    """Our locale for a language tag as a browser or channel reports it; Chinese when it says nothing."""
    tag = reported.strip().lower().replace("_", "-")
    if tag.startswith(_TRADITIONAL):
        return "zh-Hant"
    if not tag or tag.startswith("zh"):
        return DEFAULT
    return "en"


def placeholders(template: str) -> frozenset[str]:
    """The names in braces that a template expects."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


class Catalogue:
    """Texts by key and locale.

    Loaded from ``zh-Hans.toml``, ``zh-Hant.toml`` and ``en.toml`` in one folder; tables become dotted keys. The
    three must have the same keys with the same placeholders: StartupError names the first difference.
    """

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts
        reference = texts[DEFAULT]
        for locale in LOCALES:
            if missing := set(reference) ^ set(texts[locale]):
                raise StartupError(f"texts in {locale}: {sorted(missing)[0]!r} is in only one of two locales")
            for key, text in reference.items():
                if placeholders(text) != placeholders(texts[locale][key]):
                    raise StartupError(f"texts in {locale}: {key!r} has other placeholders than in {DEFAULT}")

    @classmethod
    def load(cls, folder: Traversable) -> "Catalogue":
        """Read the three files of a folder."""
        return cls({locale: _flat(tomllib.loads((folder / f"{locale}.toml").read_text("utf-8"))) for locale in LOCALES})

    def __call__(self, locale: str, key: str, /, **values: object) -> str:
        """The text in this locale with its placeholders filled; KeyError for an unknown key or a missing value."""
        return self._texts[locale if locale in self._texts else DEFAULT][key].format_map(values)

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._texts[DEFAULT])


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value).strip("\n")
    return flat
