"""What holds for every citizen page: no foreign content, little weight, errors people can read."""

import re

from tests.bot.site.world import Site


async def test_every_page_keeps_foreign_content_out(site: Site) -> None:
    async with site.browser() as browser:
        for path in ("/", "/phone", "/nothing-here"):
            page = await browser.get(path)
            assert "default-src 'self'" in page.headers["content-security-policy"]
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
            assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


async def test_the_first_page_is_light(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.get("/")
        files = re.findall(r'(?:src|href)="(/(?:site-static|look)/[^"]+)"', page.text)
        sizes = [len((await browser.get(file)).content) for file in set(files)]
        assert len(files) >= 4
        assert len(page.content) + sum(sizes) < 60_000


async def test_static_files_with_a_version_may_be_kept(site: Site) -> None:
    async with site.browser() as browser:
        file = re.findall(r'href="(/site-static/site\.css[^"]+)"', (await browser.get("/")).text)[0]
        assert "immutable" in (await browser.get(file)).headers["cache-control"]
        assert (await browser.get(file.split("?")[0])).headers["cache-control"] == "no-cache"


async def test_people_get_error_pages_and_programs_json(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.get("/nothing-here")
        assert page.status_code == 404
        assert "没有这个页面" in page.text
        for path, accept in (("/nothing-here", "application/json"), ("/api/v1/nothing", "text/html")):
            answer = await browser.get(path, headers={"Accept": accept})
            assert answer.json()["error"] == "NotFound"


async def test_what_nobody_foresaw_is_a_page_too(site: Site) -> None:
    @site.app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("nobody foresaw this")

    async with site.browser() as browser:
        page = await browser.get("/broken")
        assert page.status_code == 500
        assert "不是您的错" in page.text
        assert "nobody foresaw" not in page.text
