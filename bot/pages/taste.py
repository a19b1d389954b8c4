"""How a browser wants its pages: language and large type (适老化). The cookies say nothing about the person."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response

from core import i18n

LANGUAGE_COOKIE = "sunline_lang"
SIZE_COOKIE = "sunline_size"
REMEMBERED = timedelta(days=365)

NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}
"""Each language by its own name."""


@dataclass(frozen=True, slots=True)
class Taste:
    """Language and type size."""

    locale: str
    large: bool


def taste_of(request: Request) -> Taste:
    """From the cookies; Chinese in standard type when there are none."""
    locale = request.cookies.get(LANGUAGE_COOKIE, "")
    return Taste(locale if locale in i18n.LOCALES else i18n.DEFAULT, request.cookies.get(SIZE_COOKIE) == "large")


def keep_taste(response: Response, *, lang: str, size: str, secure: bool) -> None:
    """Remember what was chosen; what is no language or size of ours changes nothing."""
    chosen = {}
    if lang in i18n.LOCALES:
        chosen[LANGUAGE_COOKIE] = lang
    if size in {"large", "normal"}:
        chosen[SIZE_COOKIE] = size
    for name, value in chosen.items():
        response.set_cookie(
            name, value, max_age=int(REMEMBERED.total_seconds()), samesite="lax", httponly=True, secure=secure
        )
