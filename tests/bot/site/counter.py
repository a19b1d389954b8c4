"""The pages for matters and reception days over a real hotline, with browsers that fill in forms without script."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import Session, select

from bot.hotline.models import Matter
from bot.site import error_pages, routes
from bot.site.pages import Pages
from bot.site.parts import Parts
from core import files
from core.clock import ManualClock
from core.db import Database
from core.files import StoredFile
from core.web import SecurityHeaders, install_error_handlers
from notify.reception.days import Rules
from notify.reception.service import Reception
from tests.bot.hotline.conftest import Rig, make_rig
from tests.bot.site.world import SETTINGS, SmallKnowledge
from tests.notify.reception.office import ADMIN, Visits, made_reception, made_rules

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200
COMPLAINT = {"kind": "complaint", "text": "西河村口路灯坏了三天，老人晚上出门看不见", "way": "open", "whom": "self"}


@dataclass
class Counter:
    """The pages, the hotline behind them and the clock."""

    db: Database
    clock: ManualClock
    rig: Rig
    reception: Reception
    app: FastAPI

    def browser(self, **headers: str) -> "Browser":
        """A browser with cookies of its own."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://sunline.test",
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"} | headers,
            follow_redirects=True,
        )
        return Browser(client)

    async def matters(self) -> list[Matter]:
        """Every matter, oldest first."""
        return await self.db.read(lambda session: list(session.exec(select(Matter).order_by(Matter.id))))

    async def files(self) -> list[StoredFile]:
        """Every file that is kept."""
        return await self.db.read(lambda session: list(session.exec(select(StoredFile).order_by(StoredFile.id))))

    async def content(self, row: StoredFile) -> bytes:
        """What a file holds."""

        def load(session: Session) -> bytes:
            return files.load(session, row.id, row.owner).content

        return await self.db.read(load)


@dataclass
class Browser:
    """Loads pages and sends their forms, as a browser without script does."""

    client: httpx.AsyncClient

    async def __aenter__(self) -> "Browser":
        await self.client.__aenter__()
        return self

    async def __aexit__(self, *problem: Any) -> None:
        await self.client.__aexit__(*problem)

    async def get(self, path: str) -> httpx.Response:
        """Load a page."""
        return await self.client.get(path)

    async def send(self, page: httpx.Response, action: str, files: Any = None, **fields: Any) -> httpx.Response:
        """Fill in the form with this action and press its button; its hidden fields go along."""
        return await self.client.post(action, data={**hidden(page.text, action), **fields}, files=files)

    async def hand_in(self, files: Any = None, **fields: Any) -> httpx.Response:
        """A matter by the form."""
        return await self.send(await self.get("/new"), "/new", files, **{**COMPLAINT, **fields})

    async def show(self, number: str, code: str, **fields: str) -> httpx.Response:
        """Number and code at the door."""
        return await self.send(await self.get("/t"), "/t", number=number, code=code, **fields)


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.S)
    assert form, f"no form {action}"
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0))
    return {name: unescape(value) for name, value in fields}


def codes(page: str) -> tuple[str, str]:
    """Number and code as the page after handing in shows them."""
    number, code = re.findall(r"<dd>([^<]+)</dd>", page)[:2]
    return number, code


def make_counter(db: Database, clock: ManualClock, rules: Rules | None = None) -> Counter:
    """The pages over an office of made-up people, with reception days on the 15th."""
    rig = make_rig(db, clock)
    reception = made_reception(clock, Visits())
    db.write_now(reception.lay_down, 0, rules or made_rules(), ADMIN)
    app = FastAPI()
    install_error_handlers(app)
    error_pages.install(app, SETTINGS, clock)
    app.add_middleware(SecurityHeaders)
    pages = Pages(SETTINGS, clock, demo=False)
    parts = Parts(db, clock, SETTINGS, pages, rig.hotline, reception, SmallKnowledge())
    for router in routes.build_pages(parts):
        app.include_router(router)
    routes.mount_static(app)
    return Counter(db, clock, rig, reception, app)
