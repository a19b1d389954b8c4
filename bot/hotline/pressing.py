"""What a member of staff can press below a message about a matter, where their channel has buttons."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from bot.dialogue.staff import button
from bot.hotline.models import Matter
from core.i18n import Catalogue
from core.messages import Option

_BELOW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "staff_dispatched": ("sign", "return", "extend", "reply"),
        "staff_urged": ("reply",),
        "staff_check": ("check", "send_back"),
        "staff_return_asked": ("grant", "refuse"),
        "staff_extension_asked": ("grant", "refuse"),
        "staff_alarm": ("take",),
    }
)
"""Which verbs of ``bot/staff.py`` go with which kind of message."""
_NOT_WITH_TEXT = frozenset({"reply", "check"})
"""What shows or takes words of the matter: never outside the console when it is protected."""


def below(kind: str, matter: Matter) -> Callable[[str, int], Sequence[Option]] | None:
    """The buttons below a kind of message about this matter; None for none."""
    verbs = [verb for verb in _BELOW.get(kind, ()) if not (matter.protected and verb in _NOT_WITH_TEXT)]
    if not verbs:
        return None
    number = matter.number

    def for_locale(locale: str, _asked: int) -> Sequence[Option]:
        return [Option(button(verb, number), _texts()(locale, f"b_{verb}")) for verb in verbs]

    return for_locale


@cache
def _texts() -> Catalogue:
    return Catalogue.load(files("bot") / "texts" / "staff")
