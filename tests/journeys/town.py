"""A town for the journeys: one running service, its providers' stand-ins, and people with phones."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlmodel import Session, SQLModel, col, func, select

from bot import inbox
from bot.models import Conversation, InboxMessage
from core.clock import system_clock
from core.db import Database
from core.people import address_index
from faq import bulk
from faq.review import OPERATOR_AUTHOR
from notify.outbox.models import OutboxMessage
from tests.bot.world import ENTRIES
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Post
from tests.fakes.twilio import NUMBER, FakeTwilio, Record
from tests.support.background import Background
from tests.support.service import Service, until

CARD = "先打12333挂失，再带身份证到社保卡服务窗口补办"
BILL = "在定点医院出示医保码，出院时直接结算"
WEBHOOK_SECRET = "stand-in_webhook_secret_0123456789"


@dataclass
class Town:
    """What a journey holds in its hands. ``service`` may be stopped and started again."""

    service: Service
    db: Database
    background: Background
    twilio: FakeTwilio
    telegram: FakeTelegram
    web: httpx.Client
    _used: list[int] = field(default_factory=list)

    # --- people --------------------------------------------------------------------------------------------------

    def handset(self) -> "Handset":
        """A phone nobody has used yet."""
        self._used.append(1)
        return Handset(self, f"+120255501{10 + len(self._used)}")

    def chat(self) -> "Chat":
        """A Telegram user nobody has met yet."""
        self._used.append(1)
        return Chat(self, 1000 + len(self._used))

    # --- what the service holds ----------------------------------------------------------------------------------

    def count(self, table: type[SQLModel]) -> int:
        """Rows of a table."""
        return self.db.read_now(lambda s: s.exec(select(func.count()).select_from(table)).one())

    def stored(self) -> tuple[int, int]:
        """How many messages came in, and how many conversations there are."""
        return self.count(InboxMessage), self.count(Conversation)

    def outbox(self, channel: str, address: str) -> list[OutboxMessage]:
        """Everything for an address, oldest first."""

        def read(session: Session) -> list[OutboxMessage]:
            wanted = select(OutboxMessage).where(OutboxMessage.address_index == address_index(channel, address))
            return list(session.exec(wanted.order_by(col(OutboxMessage.id))))

        return self.db.read_now(read)

    def state_of(self, channel: str, address: str) -> list[str]:
        """The states of everything for an address, oldest first."""
        return [message.state for message in self.outbox(channel, address)]

    def handled(self, channel: str, address: str) -> bool:
        """Whether nothing that this address wrote still waits."""
        talk = inbox.conversation_id(channel, address)
        return not self.db.read_now(inbox.letters, talk)


@dataclass
class Handset:
    """Somebody who sends and gets SMS."""

    town: Town
    number: str

    def says(self, text: str, times: int = 1) -> None:
        """Send a text; Twilio posts it ``times`` times to our webhook."""
        form = self.town.twilio.inbound(self.number, NUMBER, text)
        for _ in range(times):
            assert self.posts(form) == 200

    def posts(self, form: dict[str, str]) -> int:
        """Post a form as Twilio does; the status of the answer."""
        hook = f"{self.town.service.url}/hooks/twilio"
        status, _ = self.town.background.run(self.town.twilio.callbacks.post(hook, form))
        return status

    @property
    def got(self) -> list[Record]:
        """What arrived, oldest first."""
        return self.town.twilio.to(self.number)

    def hears(self, count: int) -> str:
        """Wait for the text with this number (the first is 1) and give its words."""
        until(lambda: len(self.got) >= count, what=lambda: [text.body for text in self.got])
        return self.got[count - 1].body

    def asks(self, text: str) -> str:
        """Send a text and wait for its answer."""
        before = len(self.got)
        self.says(text)
        return self.hears(before + 1)


@dataclass
class Chat:
    """Somebody on Telegram."""

    town: Town
    id: int

    def says(self, text: str) -> None:
        """Write to the bot."""
        self.town.background.call(self.town.telegram.user_says, self.id, text)

    def presses(self, label: str) -> None:
        """Press the latest button with this label."""
        for post in reversed(self.got):
            for shown, value in post.buttons:
                if shown == label:
                    self.town.background.call(self.town.telegram.user_presses, self.id, post.id, value)
                    return
        raise AssertionError(f"no button {label!r} in {[post.buttons for post in self.got]}")

    @property
    def got(self) -> list[Post]:
        """What the bot posted, oldest first."""
        return self.town.telegram.posts_to(self.id)

    def hears(self, count: int) -> Post:
        """Wait for the post with this number (the first is 1)."""
        until(lambda: len(self.got) >= count, what=lambda: [post.text for post in self.got])
        return self.got[count - 1]

    def asks(self, text: str) -> Post:
        """Write and wait for the answer."""
        before = len(self.got)
        self.says(text)
        return self.hears(before + 1)


def browser_at(town: Town) -> httpx.Client:
    """A browser without scripts."""
    return httpx.Client(base_url=town.service.url, follow_redirects=True, timeout=30, headers={"Accept": "text/html"})


def write(browser: httpx.Client, text: str) -> httpx.Response:
    """Fill in the form of the chat page and send it."""
    page = browser.get("/").text
    return browser.post("/chat/send", data={"text": text, "id": _field(page, "id"), "csrf": _field(page, "csrf")})


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def furnish(db: Database, entries: str = ENTRIES) -> None:
    """Publish a small knowledge base."""
    bulk.import_now(db, entries.encode(), system_clock, OPERATOR_AUTHOR, name="entries.csv", publish=True)


def telegram_settings(telegram: FakeTelegram, **more: str) -> dict[str, str]:
    """Settings of a bot at the stand-in."""
    return {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_BASE": telegram.url, **more}


def database_settings(db: Database) -> dict[str, str]:
    """Which database a process uses."""
    return {"SUNLINE_DATABASE_URL": db.url.replace("postgresql+psycopg://", "postgresql://")}


def folder_for(base: Path, name: str) -> Path:
    """A working folder for one process."""
    folder = base / name
    folder.mkdir()
    return folder
