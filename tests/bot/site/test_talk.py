"""What a page is shown, and in which order, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot import inbox
from bot.site import talk
from core.clock import ManualClock
from core.db import Database
from core.messages import Inbound, Option
from core.people import address_index
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message
from notify.outbox.states import State
from tests.bot.site.world import Site

ADDRESS = "a" * 32


def _message(text: str, address: str = ADDRESS) -> Message:
    return Message(
        kind="reply", channel="webchat", address=address, payload={"text": text}, options=(Option("e:1:1", "有用"),)
    )


def _settle(session: Session, *texts: str, state: State = State.SENT) -> None:
    """As the dispatcher leaves rows; ``texts`` names which."""
    for row in session.exec(select(OutboxMessage)):
        if row.text in texts:
            row.state, row.provider_id = state.value, row.id
            session.add(row)


@pytest.fixture
def site(db: Database, clock: ManualClock) -> Site:
    return Site(db, clock)


async def test_both_sides_are_merged_in_the_order_of_time(site: Site, clock: ManualClock) -> None:
    await site.db.write(inbox.store, clock(), [Inbound("webchat", "m1", ADDRESS, text="问一")])
    clock.advance(timedelta(seconds=1))
    await site.db.write(site.outbox.put, _message("答一"))
    clock.advance(timedelta(seconds=1))
    await site.db.write(inbox.store, clock(), [Inbound("webchat", "m2", ADDRESS, text="有用", choice="e:1:1")])
    await site.db.write(_settle, "答一")
    said = await site.db.read(talk.history, "webchat", ADDRESS)
    assert [line.text for line in said.lines] == ["问一", "答一", "有用"]
    assert [line.who for line in said.lines] == ["you", "office", "you"]
    assert said.lines[1].choices == (talk.Choice("e:1:1", "有用", taken=True),)
    assert said.waiting


async def test_what_is_not_sent_is_not_shown(site: Site) -> None:
    await site.db.write(site.outbox.put, _message("还没发"))
    said = await site.db.read(talk.history, "webchat", ADDRESS)
    assert said.lines == ()
    assert said.waiting


async def test_a_message_that_is_sent_late_is_not_missed(site: Site, clock: ManualClock) -> None:
    for text in ("先写后发", "后写先发"):
        await site.db.write(site.outbox.put, _message(text))
    await site.db.write(_settle, "后写先发", state=State.DELIVERED)
    first = await site.db.read(talk.since, "webchat", [ADDRESS], "")
    assert [line.text for line in first] == ["后写先发"]
    await site.db.write(_settle, "先写后发", state=State.DELIVERED)
    again = await site.db.read(talk.since, "webchat", [ADDRESS], first[-1].id)
    assert "先写后发" in [line.text for line in again]


async def test_only_one_s_own_messages_can_be_acknowledged(site: Site, clock: ManualClock) -> None:
    both = [_message("我的"), _message("别人的", "b")]
    ids = [await site.db.write(site.outbox.put, message) for message in both]
    await site.db.write(_settle, "我的", "别人的")
    assert await site.db.write(talk.seen, clock(), "webchat", [ADDRESS], ids) == 1
    assert await site.db.write(talk.seen, clock(), "webchat", [ADDRESS], ids) == 0, "twice changes nothing"
    states = await site.db.read(
        lambda session: dict(session.exec(select(OutboxMessage.text, OutboxMessage.state)).all())
    )
    assert states == {"我的": "delivered", "别人的": "sent"}


async def test_a_follower_sees_what_is_new_for_its_pages_only(site: Site, clock: ManualClock) -> None:
    mine = await site.db.write(site.outbox.put, _message("我的"))
    await site.db.write(site.outbox.put, _message("别人的", "b"))
    await site.db.write(_settle, "我的", "别人的")
    keys = frozenset({("webchat", address_index("webchat", ADDRESS))})
    found = await site.db.read(talk.fresh, clock(), keys)
    assert [message_id for _, _, message_id in found] == [mine]
    await site.db.write(talk.seen, clock(), "webchat", [ADDRESS], [mine])
    assert await site.db.read(talk.fresh, clock(), keys) != [], "another page of theirs may not have shown it"
    clock.advance(timedelta(minutes=1))
    assert await site.db.read(talk.fresh, clock(), keys) == []


async def test_a_button_s_words_are_known_to_whom_it_was_offered(site: Site) -> None:
    await site.db.write(site.outbox.put, _message("答"))
    await site.db.write(_settle, "答")
    assert await site.db.read(talk.label_of, "webchat", ADDRESS, "e:1:1") == "有用"
    assert await site.db.read(talk.label_of, "webchat", ADDRESS, "e:1:2") is None
    assert await site.db.read(talk.label_of, "webchat", "somebody else", "e:1:1") is None


async def test_a_page_shows_the_newest_lines(site: Site) -> None:
    texts = [f"第{number}条" for number in range(talk.RECENT + 5)]
    await site.db.write(site.outbox.put_many, [_message(text) for text in texts])
    await site.db.write(_settle, *texts)
    said = await site.db.read(talk.history, "webchat", ADDRESS)
    assert [line.text for line in said.lines] == texts[5:]
    ordered = await site.db.read(
        lambda session: list(session.exec(select(OutboxMessage.id).order_by(col(OutboxMessage.id))))
    )
    assert [line.id for line in said.lines] == ordered[5:]


def test_an_id_that_is_none_of_ours_reaches_back_to_the_beginning() -> None:
    assert talk.floor("zzz", talk.OVERLAP) == ""
    assert talk.floor("12", talk.OVERLAP) == ""
