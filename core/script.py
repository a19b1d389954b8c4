"""Simplified and traditional characters (OpenCC), for reading what people write and showing it as they read."""

from functools import cache

import opencc


@cache
def _converter(name: str) -> "opencc.OpenCC":
    return opencc.OpenCC(name)


def to_simplified(text: str) -> str:
    """Character by character, no exchange of words."""
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """For readers of traditional characters; the words stay those of the source."""
    return str(_converter("s2t").convert(text))
