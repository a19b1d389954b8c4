"""``sunline privacy``: what is over its time goes, and a person gets, or loses, what is kept about them."""

import json
from datetime import timedelta

from sqlmodel import Session, select

from bot import inbox
from bot.models import InboxMessage
from core.clock import system_clock
from core.db import Database
from core.messages import Inbound
from core.people import Contact, Person, address_index, set_consent
from notify.outbox.models import OutboxMessage
from tests.cli.conftest import Operator

PHONE = "+12025550133"
OTHER = "+12025550144"


def _database(operator: Operator) -> Database:
    return Database(operator.settings["SUNLINE_DATABASE_URL"])


def _message(address: str, state: str, age_days: int, batch: str | None = None) -> OutboxMessage:
    at = system_clock() - timedelta(days=age_days)
    return OutboxMessage(
        dedup_key=f"{address}{state}{age_days}{batch}", kind="reply", topic="reply", rank=1, channel="twilio",
        queue="twilio", address=address, address_index=address_index("twilio", address), text="您好，路灯已修好",
        params={}, options=[], state=state, batch=batch, not_before=at, expires_at=at, created_at=at, changed_at=at,
    )  # fmt: skip


def _furnish(operator: Operator) -> None:
    """A citizen with messages young and old, and another beside them."""
    db = _database(operator)
    now = system_clock()

    def add(session: Session) -> None:
        person = Person(name="示例甲", created_at=now)
        session.add(person)
        session.flush()
        key = address_index("twilio", PHONE)
        session.add(Contact(person_id=person.id, channel="twilio", address=PHONE, address_index=key, verified_at=now))
        set_consent(session, now, "twilio", PHONE, "alerts", allowed=False, reason="word")
        for address in (PHONE, OTHER):
            session.add_all(
                [_message(address, "delivered", 1), _message(address, "delivered", 400), _message(address, "queued", 0)]
            )
            session.add(_message(address, "delivered", 400, batch="notice-1"))
            for days, number in ((1, "new"), (400, "old")):
                letter = Inbound("twilio", f"{address}{number}", address, text=f"{number} 社保卡丢了")
                inbox.store(session, now - timedelta(days=days), [letter])

    db.write_now(add)
    db.write_now(lambda session: [setattr(row, "state", "done") for row in session.exec(select(InboxMessage))] and None)
    db.close()


def _left(operator: Operator) -> tuple[int, int]:
    db = _database(operator)
    found = db.read_now(
        lambda session: (len(session.exec(select(InboxMessage)).all()), len(session.exec(select(OutboxMessage)).all()))
    )
    db.close()
    return found


def test_retention_counts_first_and_then_forgets_what_is_over_its_time(either: Operator) -> None:
    _furnish(either)
    tried = either.types("privacy", "purge", "--dry-run")
    assert tried.code == 0, tried.said
    assert "messages received: 2 would go (kept 365 days)" in tried.out
    assert "messages sent: 4 would go" in tried.out
    assert _left(either) == (4, 8), "a dry run changes nothing"
    assert "messages sent: 4 gone" in either.types("privacy", "purge").out
    assert _left(either) == (2, 6), "rows of a mass alert stay for its report, without address and words"
    assert "messages sent: 0 gone" in either.types("privacy", "purge").out


def test_a_person_gets_what_is_kept_and_nobody_elses(either: Operator) -> None:
    _furnish(either)
    done = either.types("privacy", "export", "--contact", PHONE)
    assert done.code == 0, done.said
    found = json.loads(done.out)
    assert [line["text"] for line in found["messages received"]] == ["new 社保卡丢了", "old 社保卡丢了"]
    assert len(found["messages sent"]) == 4
    assert found["persons and contacts"][0]["name"] == "示例甲"
    assert found["consents"][0]["allowed"] is False
    assert OTHER not in done.out


def test_erasing_takes_a_person_everywhere_names_what_stays_and_remembers_a_refusal(either: Operator) -> None:
    _furnish(either)
    done = either.types("privacy", "erase", "--contact", PHONE, "--yes")
    assert done.code == 1, "a message is still on its way"
    assert "messages sent: 1 on the way" in done.err
    found = json.loads(either.types("privacy", "export", "--contact", PHONE).out)
    assert found["messages received"] == []
    assert [line["state"] for line in found["messages sent"]] == ["queued"]
    assert found["persons and contacts"] == []
    assert found["consents"][0]["allowed"] is False, "whoever said no is not written to again"
    assert len(json.loads(either.types("privacy", "export", "--contact", OTHER).out)["messages sent"]) == 4


def test_erasing_asks_first(either: Operator) -> None:
    _furnish(either)
    assert either.types("privacy", "erase", "--contact", PHONE).code == 1
    assert _left(either) == (4, 8)


def test_a_contact_that_is_none_is_named(office: Operator) -> None:
    assert "no channel 'pigeon'" in office.types("privacy", "export", "--contact", "pigeon:1").err
    assert "not a telephone number" in office.types("privacy", "export", "--contact", "hello").err
    assert office.types("privacy", "export", "--contact", "webchat:nobody").code == 0
