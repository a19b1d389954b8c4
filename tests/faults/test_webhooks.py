"""Webhooks under faults: repeated, shuffled, early, and a service killed between delivery and commit."""

import contextlib
import random

import httpx
import pytest
from sqlmodel import Session, func, select

from bot.models import InboxMessage
from notify.outbox.models import OutboxMessage
from tests.fakes.twilio import NUMBER, FakeTwilio
from tests.fakes.twilio_callbacks import signature
from tests.faults.rig import Office, note, number, sized
from tests.support.service import Service, until

pytestmark = pytest.mark.timeout(600)


def _serve(office: Office, **more: str) -> Service:
    folder = office.folder / "serve"
    folder.mkdir()
    return Service(folder, "serve", "--with-worker", SUNLINE_PUBLIC_URL="{url}", **{**office.settings, **more}).start()


def test_receipts_three_times_each_and_in_any_order_end_as_once_and_in_order(office: Office) -> None:
    total = sized(200, 3000)
    twilio = office.twilio
    twilio.receipts, twilio.callbacks.shuffle, twilio.callbacks.repeat = True, True, 3
    office.fill(total)
    serve = _serve(office)
    try:
        until(lambda: _states(office).get("delivered") == total, 120, "all delivered")
    finally:
        serve.stop()
    received = office.received()
    note("receipts three times, shuffled", _kind(office), messages=total, delivered=_states(office)["delivered"])
    assert set(received.values()) == {1}
    assert office.db.read_now(_moved_back) == 0


def test_every_acknowledged_webhook_is_handled_once_although_the_service_is_killed(office: Office) -> None:
    total, kills = sized(40, 500), sized(1, 10)
    chance = random.Random(7)
    forms = [office.background.call(office.twilio.inbound, number(n), NUMBER, f"帮助 {n}") for n in range(total)]
    moments = set(chance.sample(range(5, total - 5), kills))
    serve = _serve(office)
    try:
        for place, form in enumerate(forms):
            if place in moments:
                _post(serve, form, once=True)  # sent, and killed before anybody can know what became of it
                serve.kill()
                serve.start()
            for _ in range(chance.choice((1, 2))):
                until(lambda form=form: _post(serve, form), 60)  # type: ignore[misc]
        until(lambda: office.db.read_now(_inbox) == (total, total), 60, "every message handled once")
    finally:
        serve.stop()
    note("serve killed between delivery and commit", _kind(office), webhooks=total, kills=kills,
         handled=office.db.read_now(_inbox)[1])  # fmt: skip


def _post(serve: Service, form: dict[str, str], *, once: bool = False) -> bool:
    url = f"{serve.url}/hooks/twilio"
    headers = {"X-Twilio-Signature": signature(FakeTwilio().state.auth_token, url, form)}
    with contextlib.suppress(httpx.TransportError):
        return httpx.post(url, data=form, headers=headers, timeout=0.05 if once else 20).status_code == 200
    return False


def _inbox(session: Session) -> tuple[int, int]:
    """How many inbox rows there are, and how many are handled."""
    every = session.exec(select(func.count()).select_from(InboxMessage)).one()
    done = session.exec(select(func.count()).where(InboxMessage.state == "done")).one()
    return every, done


def _states(office: Office) -> dict[str, int]:
    def read(session: Session) -> dict[str, int]:
        return dict(session.exec(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all())

    return office.db.read_now(read)


def _moved_back(session: Session) -> int:
    """Messages whose history shows something after "delivered"."""
    histories = session.exec(select(OutboxMessage.history)).all()
    return sum(history.splitlines()[-1].split()[1] != "delivered" for history in histories)


def _kind(office: Office) -> str:
    return "SQLite" if office.db.sqlite else "PostgreSQL"
