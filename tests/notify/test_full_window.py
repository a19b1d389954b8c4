"""A queue that finds the whole window taken by others sleeps; it must not keep their sends from ending."""

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from notify.outbox.attempts import Sender
from notify.outbox.lane import Lane, Shared
from notify.outbox.router import Router
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import TOPIC

WINDOW = 8


async def test_a_lane_with_nothing_under_way_rests_while_others_hold_the_window(
    sqlite_db: Database, clock: ManualClock
) -> None:
    channels = {"memory": MemoryChannel()}
    rules = DeliveryRules()
    sender = Sender(channels, clock, lambda _channel, _attempt: "")
    router = Router(channels, rules.pools, clock)
    shared = Shared(sqlite_db, clock, rules, router, sender, "worker", WINDOW, in_flight=WINDOW)
    with sqlite_db.bells.listening(TOPIC) as bell:
        lane = Lane("memory", channels["memory"], shared, bell)
        assert await lane.step() is False, "or its loop would go round for ever without letting anybody else run"
