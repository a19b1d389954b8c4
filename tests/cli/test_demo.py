"""``sunline demo``: alive with the starter pack on loopback, and nothing real within its reach."""

import re
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Operator
from tests.fakes.telegram import TOKEN
from tests.fakes.twilio import ACCOUNT_SID
from tests.support.service import Service, until


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "sunline.example"])  # noqa: S104 - to be refused
def test_it_listens_on_loopback_only(host: str, bare: Operator) -> None:
    done = bare.types("demo", "--host", host)
    assert done.code == 1
    assert "loopback" in done.err


REAL = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "SUNLINE_PUSH_TARGETS": "x=json://127.0.0.1",
    "SUNLINE_DATABASE_URL": "postgresql://127.0.0.1/sunline",
}


@pytest.mark.parametrize("setting", REAL)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_it_does_not_start_where_something_real_is_configured(setting: str, place: str, bare: Operator) -> None:
    settings = {"SUNLINE_DATABASE_URL": ""}
    if place == ".env":
        bare.file(".env", f"{setting}={REAL[setting]}\n")
    else:
        settings[setting] = REAL[setting]
    done = bare.types("demo", **settings)
    assert done.code == 1
    assert f"{setting} is set" in done.err
    assert REAL[setting] not in done.said


def test_it_answers_by_api_and_pretend_phone_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    demo = Service(tmp_path, "demo", SUNLINE_DATABASE_URL="").start()
    try:
        printed = demo.log.read_text("utf-8")
        found = httpx.post(f"{demo.url}/api/v1/ask", json={"text": "社保卡丢了咋补"}, timeout=30).json()
        assert (found["outcome"], found["matches"][0]["id"]) == ("answer", "sb-014")
        assert f"{demo.url}/phone" in printed
        _tokens_work(demo.url, printed)
        with httpx.Client(base_url=demo.url, timeout=30, headers={"Accept": "text/html"}) as phone:
            page = phone.get("/phone").text
            number = re.findall(r'name="number"[^>]*value="([^"]+)"', page)[0]
            csrf = re.findall(r'name="csrf"[^>]*value="([^"]*)"', page)[0]
            sent = phone.post("/phone/send", data={"number": number, "text": "社保卡丢了咋补", "csrf": csrf})
            assert sent.status_code == 303
            until(lambda: "12333" in phone.get("/phone").text, what="a text on the handset")
        demo.stop()
        demo.start()
        assert "12333" in httpx.get(f"{demo.url}/phone", timeout=30).text, "the handset's texts are still there"
        assert demo.log.read_text("utf-8").count("Loading the starter pack") == 1
    finally:
        if demo.running:
            demo.stop()
    errors = [line for line in demo.log.read_text("utf-8").splitlines() if '"level": "error"' in line]
    assert errors == []


def _tokens_work(url: str, printed: str) -> None:
    logins = dict(re.findall(r"^ +(\w+) +(\S+ +sun_demo_\S+)$", printed, re.MULTILINE))
    password, token = logins["editor"].split()
    assert httpx.get(f"{url}/api/v1/faq", headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code == 200
    signed = httpx.post(f"{url}/api/v1/session", json={"name": "editor", "password": password}, timeout=30)
    assert (signed.status_code, signed.json()["must_change_password"]) == (200, False)
