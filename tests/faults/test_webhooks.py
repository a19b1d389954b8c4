"""Webhooks under faults: repeated, shuffled, early, and a service killed between delivery and commit."""

import random

import pytest
from sqlmodel import Session, func, select

from notify.outbox.models import OutboxMessage
from tests.fakes.twilio import NUMBER
from tests.faults.rig import Office, inbox, note, number, post_webhook, sized
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
                post_webhook(serve, form, once=True)  # sent, and killed before anybody can know what became of it
                serve.kill()
                serve.start()
            for _ in range(chance.choice((1, 2))):
                until(lambda form=form: post_webhook(serve, form), 60)  # type: ignore[misc]
        until(lambda: office.db.read_now(inbox) == (total, total), 60, "every message handled once")
    finally:
        serve.stop()
    note("serve killed between delivery and commit", _kind(office), webhooks=total, kills=kills,
         handled=office.db.read_now(inbox)[1])  # fmt: skip


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
