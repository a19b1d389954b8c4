"""The citizen pages over a real database and outbox, with a small knowledge base that answers at once."""

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlmodel import Session

from adapters import CHANNELS, ChannelEnv
from bot.dialogue.ask import Found, Result
from bot.effects import Voice
from bot.handle import Handler
from bot.inbound import Conversations
from bot.ports import HandOver, Opened
from bot.site import error_pages, routes
from bot.site.stream import Hub
from core.clock import Clock, system_clock
from core.config import Settings
from core.db import Database
from core.i18n import Catalogue
from core.ids import new_id
from core.ports import Channel
from core.web import SecurityHeaders, install_error_handlers
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Outbox

CARD = Found("sb-014", "社会保障卡丢失怎么补办？", "先打12333挂失，再到社保卡窗口补办。", source="示例依据")
PAY = Found("yb-001", "城乡居民医保怎么缴费？", "每年集中缴费期在手机或银行缴纳。")
BILL = Found("yb-002", "医保住院费用怎么报销？", "出示医保码，<b>出院时</b>直接结算。\n只付个人部分。")
SETTINGS = Settings(office_name="阳光热线", secret_key="x" * 40, limit_ask=600)


class SmallKnowledge:
    """Knows three things: a lost card, and two about medical insurance."""

    async def ask(self, text: str, *, locale: str, channel: str, within: Collection[str] = ()) -> Result:
        if "社保卡" in text:
            return Result("answer", (CARD,), asked=text)
        if "医保" in text:
            return Result("choices", (PAY, BILL), asked=text)
        return Result("none", (), asked=text)

    def note(self, session: Session, now: datetime, asked: Any, channel: str) -> str:
        return new_id()

    def feedback(self, session: Session, now: datetime, query: str, *, helpful: bool | None, chosen: str) -> None:
        """Keeps nothing."""

    async def entry(self, entry_id: str) -> Found | None:
        return next((entry for entry in (CARD, PAY, BILL) if entry.id == entry_id), None)


class SmallDesk:
    """Gives every matter the same number."""

    def open(self, session: Session, now: datetime, hand_over: HandOver) -> Opened:
        return Opened("26112103", "483920", "25日下班前")


async def first_questions(locale: str) -> Sequence[str]:
    """What the page offers to begin with."""
    return ("社保卡丢了怎么补", "医保怎么缴费")


class Site:
    """The pages and the loops behind them."""

    def __init__(self, db: Database, clock: Clock = system_clock, settings: Settings = SETTINGS) -> None:
        env = ChannelEnv(clock=clock, public_url="", office_name=settings.office_name, demo=True)
        built = {name: CHANNELS[name](env) for name in ("webchat", "phone")}
        self.channels: dict[str, Channel] = {name: channel for name, channel in built.items() if channel}
        self.db = db
        self.clock = clock
        self.hub = Hub(db, clock)
        self.outbox = Outbox(self.channels, clock, settings.office_name)
        knowledge = SmallKnowledge()
        texts = Catalogue.load(files("bot") / "texts")
        voice = Voice(texts, self.outbox, knowledge, SmallDesk(), settings)
        handler = Handler(knowledge, settings.office_name)
        self.conversations = Conversations(db, self.channels, clock, handler, voice, per_minute=600)
        self.dispatcher = Dispatcher(db, self.channels, clock)
        self.app = FastAPI(lifespan=lambda _app: self.working())
        install_error_handlers(self.app)
        error_pages.install(self.app, settings, clock, demo=True)
        self.app.add_middleware(SecurityHeaders)
        for router in routes.build_router(db, clock, settings, hub=self.hub, suggest=first_questions, demo=True):
            self.app.include_router(router)
        routes.mount_static(self.app)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Messages are answered and sent while the block runs."""
        tasks = [asyncio.create_task(loop()) for loop in (self.conversations.run, self.dispatcher.run)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser without script, with cookies of its own."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://sunline.test",
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"} | headers,
            follow_redirects=True,
        )


class _AnnouncingServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextlib.contextmanager
def serving(site: Site) -> Iterator[str]:
    """The site on a free port of loopback, in a thread; gives its address."""
    config = uvicorn.Config(
        site.app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=5, ws="none"
    )
    server = _AnnouncingServer(config)
    thread = threading.Thread(target=server.run, name="site")
    thread.start()
    try:
        if not server.listening.wait(20):
            raise RuntimeError("the site did not start")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        site.hub.close()
        server.should_exit = True
        thread.join(20)


def field(page: str, name: str) -> str:
    """The value of the first hidden field with this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found.group(1)


async def say(browser: httpx.AsyncClient, text: str, **more: str) -> httpx.Response:
    """Load the page, write into the box, press the button: as a browser without script does."""
    page = (await browser.get("/")).text
    form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "text": text} | more
    return await browser.post("/chat/send", data=form)


async def until(look: Callable[[], Awaitable[str]], words: str) -> str:
    """Look again until the words are there; gives what was seen."""
    async with asyncio.timeout(15):
        while words not in (seen := await look()):
            await asyncio.sleep(0.05)
    return seen
