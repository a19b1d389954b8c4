"""A service that logs all it can holds talks on every channel; nothing about anybody is in its log."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from core import auth, tokens
from core.audit import OPERATOR
from core.clock import system_clock
from core.db import Database
from tests.conftest import SECRET
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault as TelegramFault
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, FakeTwilio, Fault
from tests.journeys.town import WEBHOOK_SECRET, Town, furnish, telegram_settings
from tests.support.background import Background
from tests.support.service import Service, until

PASSWORD = "correct horse battery staple"
WORDS = ["社保卡丢了咋补", "我叫示例甲住东河村", "示例甲", "医保", "挂失", "报销", "投诉"]


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A service at DEBUG with every channel, among providers that also fail."""
    folder = tmp_path_factory.mktemp("loud")
    shutil.copy(sqlite_template, folder / "sunline.db")
    with ExitStack() as stack:
        db = Database(f"sqlite:///{folder / 'sunline.db'}")
        stack.callback(db.close)
        furnish(db)
        background = stack.enter_context(Background())
        twilio, telegram = background.enter(FakeTwilio()), background.enter(FakeTelegram())
        service = Service(
            folder,
            SUNLINE_PUBLIC_URL="{url}",
            SUNLINE_LOG_LEVEL="DEBUG",
            TWILIO_ACCOUNT_SID=ACCOUNT_SID,
            TWILIO_AUTH_TOKEN=AUTH_TOKEN,
            TWILIO_FROM=NUMBER,
            TWILIO_API_BASE=twilio.url,
            TWILIO_SEGMENTS_PER_SECOND="200",
            **telegram_settings(telegram, TELEGRAM_WEBHOOK_SECRET=WEBHOOK_SECRET),
        )
        twilio.webhook_url = f"{service.url}/hooks/twilio"
        service.start()
        stack.callback(lambda: service.running and service.stop())
        web = stack.enter_context(httpx.Client(base_url=service.url, timeout=30))
        yield Town(service, db, background, twilio, telegram, web)


def _talk(town: Town) -> list[str]:
    """Everything that may happen to a message; returns the addresses that took part."""
    citizen, chat = town.handset(), town.chat()
    for text in WORDS[:2]:
        citizen.asks(text)
    town.twilio.fail_next(Fault(status=500), Fault(status=400, code=21211))
    citizen.says("投诉 " + WORDS[1])
    offered = chat.asks("医保")
    chat.presses(offered.buttons[0][0])
    chat.hears(2)
    town.background.call(town.telegram.fault, "sendMessage", TelegramFault.error_of(400, "Bad Request: 示例甲"))
    chat.says(WORDS[1])
    town.web.post("/hooks/twilio", data={"From": citizen.number, "Body": WORDS[1]})
    town.web.post("/hooks/telegram", json={"message": {"text": WORDS[1]}})
    until(lambda: town.handled("twilio", citizen.number) and town.handled("telegram", str(chat.id)))
    return [citizen.number, citizen.number.removeprefix("+")]


def _staff(town: Town) -> list[str]:
    """Somebody signs in, wrongly and rightly, and a program calls; returns every secret that took part."""
    now = system_clock()
    name = "editor-of-the-town"
    town.db.write_now(auth.add_account, now, OPERATOR, name, ["editor"], password=PASSWORD)
    token = town.db.write_now(tokens.create_token, now, OPERATOR, "program", ["editor"])
    for password in ("a wrong password", PASSWORD):
        opened = town.web.post("/api/v1/session", json={"name": name, "password": password})
    cookie, csrf = town.web.cookies["sunline"], opened.json()["csrf"]
    bearer = {"Authorization": f"Bearer {token}"}
    entry = {"id": "x-1", "question": "示例甲怎么办证？", "answer": "示例甲带身份证来。"}
    assert town.web.post("/api/v1/faq", json=entry, headers=bearer).status_code == 201
    town.web.post("/api/v1/faq", json=entry | {"id": "示例甲"}, headers=bearer)
    town.web.post("/api/v1/ask", json={"text": WORDS[1]})
    town.web.get("/api/v1/faq", params={"q": "示例甲", "cursor": "示例甲"}, headers=bearer)
    return [PASSWORD, "a wrong password", token, cookie, csrf, name]


def test_a_log_at_its_loudest_holds_ids_and_nothing_about_anybody(town: Town) -> None:
    private = [*_talk(town), *_staff(town), *WORDS, SECRET, AUTH_TOKEN, WEBHOOK_SECRET, town.telegram.token]
    town.service.stop()
    log = town.service.log.read_text("utf-8")
    assert '"level": "debug"' in log or '"level": "info"' in log, "it did log"
    found = {value: line for value in private for line in log.splitlines() if value in line}
    assert found == {}
    assert re.findall(r"\+\d{8,}", log) == []
    assert "用户" not in log, "names that Telegram tells us"
