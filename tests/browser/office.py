"""What the office does behind the citizens' pages while a browser looks at them: its staff, over the API."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bot import demo


class Office:
    """The demo's staff with their tokens."""

    def __init__(self, url: str, folder: Path) -> None:
        secret = (folder / "secret").read_text()
        self._url = url
        self._tokens = {login.name: login.token for login in demo.logins(secret)}

    def call(self, method: str, path: str, who: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the API by one of the staff."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self._url}{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self._tokens[who]}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                content = answer.read()
        except urllib.error.HTTPError as error:
            pytest.fail(f"{method} {path}: {error.read().decode()}")
        return json.loads(content) if content else None

    def hand_in(self, **more: Any) -> tuple[str, str]:
        """A matter; its number and code."""
        body = {"kind": "consultation", "text": "奶奶的医保在外地怎么报销", **more}
        opened = self.call("POST", "/api/v1/tickets", "agent", body)
        return opened["number"], opened["code"]

    def act(self, number: str, action: str, who: str = "agent", **given: Any) -> None:
        """One action on the matter as it is now."""
        version = self.call("GET", f"/api/v1/staff/tickets/{number}", who)["version"]
        self.call("POST", f"/api/v1/staff/tickets/{number}/{action}", who, {"version": version, **given})

    def dispatched(self, **more: Any) -> tuple[str, str]:
        """A complaint that 城管局 has signed for."""
        number, code = self.hand_in(kind="complaint", text="西河村口路灯坏了三天，老人晚上出门看不见", **more)
        self.act(number, "accept")
        self.act(number, "dispatch", unit="城管局")
        self.act(number, "sign", "handler")
        return number, code

    def answered(self, text: str) -> tuple[str, str]:
        """A complaint whose answer was written, checked and has left."""
        number, code = self.dispatched()
        self.act(number, "reply", "handler", text=text, finding="true")
        self.act(number, "check", ok=True)
        for _ in range(90):
            seen = self.call("GET", f"/api/v1/tickets/{number}?code={code}", "agent")
            if any(event["what"] == "reply" for event in seen["events"]):
                return number, code
            time.sleep(0.5)
        pytest.fail("The answer never left.")

    def receive(self) -> str:
        """Reception days from tomorrow on, each working day; the first that can be booked."""
        held = self.call("GET", "/api/v1/reception/rules", "admin")
        rules = held["rules"] | {
            "regular": {"weekdays": [1, 2, 3, 4, 5]},
            "slots": [
                {"begins": "09:00", "ends": "10:00", "places": 30},
                {"begins": "10:00", "ends": "11:00", "places": 30},
            ],
            "leaders": [{"name": "示例庚", "post": "局长"}, {"name": "示例辛", "post": "副局长"}],
            "place": "县信访大厅",
        }
        if held["rules"]["place"] != "县信访大厅":
            self.call("PUT", "/api/v1/reception/rules", "admin", {"version": held["version"], "rules": rules})
        days = self.call("GET", "/api/v1/reception", "admin")["items"]
        return str(next(one["day"] for one in days if one["open"]))
