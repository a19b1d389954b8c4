"""Help, privacy, accessibility, robots; and what holds for every page of the site."""

import re

import pytest

from bot.site.menu import MENU, way_back
from core import i18n
from tests.bot.site.counter import Counter

PAGES = ("/new", "/t", "/reception", "/reception/2026-12-15", "/help", "/privacy", "/accessibility")


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_whole_in_every_language(counter: Counter, path: str, locale: str) -> None:
    async with counter.browser() as browser:
        browser.client.cookies.set("sunline_lang", locale)
        page = await browser.get(path)
        assert page.status_code == 200
        assert f'<html lang="{locale}"' in page.text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
        assert f'<input type="hidden" name="back" value="{path}">' in page.text
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_light(counter: Counter, path: str) -> None:
    async with counter.browser() as browser:
        page = await browser.get(path)
        files = set(re.findall(r'(?:src|href)="(/(?:site-static|look)/[^"]+)"', page.text))
        sizes = [len((await browser.get(file)).content) for file in files]
        assert len(files) >= 4
        assert len(page.content) + sum(sizes) < 60_000


async def test_the_periods_are_those_by_which_is_deleted(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.get("/privacy")
        assert "办结后3年" in page.text
        assert "接访日后1年" in page.text
        assert "90天没有动静就删" in page.text


async def test_search_engines_are_kept_from_what_belongs_to_somebody(counter: Counter) -> None:
    async with counter.browser() as browser:
        robots = await browser.get("/robots.txt")
        assert "Disallow: /t/\n" in robots.text
        assert "Disallow: /n\n" not in robots.text


async def test_every_place_of_the_navigation_is_there_and_marked(counter: Counter) -> None:
    async with counter.browser() as browser:
        for place in MENU[1:]:
            page = await browser.get(place.path)
            if page.status_code == 200:
                assert f'<a href="{place.path}" aria-current="page">' in page.text


def test_a_change_of_language_returns_to_pages_of_ours_only() -> None:
    ours = ["/new?kind=help", "/t/26112103", "/reception/2026-12-15?slot=09:00"]
    foreign = ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "", "/a\nb", "/" + "a" * 400]
    assert [way_back(path) for path in foreign] == ["/"] * len(foreign)
    assert [way_back(path) for path in ours] == ours
