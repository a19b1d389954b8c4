"""A small county for tests: areas, an outbox with SMS, subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from core.audit import OPERATOR
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Role, address_index
from core.ports import Can
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.publicity import areas
from notify.publicity.subscriptions import Reach, Subscriptions

FIRST, SECOND, THIRD = "+12025550101", "+12025550102", "+12025550103"
EDITOR = Principal(ref="a-9", name="示例甲", roles=frozenset({Role.EDITOR}), via="console")
TREE = """county,township,village,group
示例县,示例镇,西河村,一组
示例县,示例镇,西河村,二组
示例县,示例镇,东河村,
示例县,北山乡,石桥村,
"""


@dataclass
class Town:
    """What a test holds."""

    db: Database
    clock: ManualClock
    outbox: Outbox
    subscriptions: Subscriptions

    async def subscribe(self, phone: str, topic: str = "惠农补贴", area: str = "") -> bool:
        """By SMS from this number."""

        def work(session: Session) -> bool:
            found = areas.resolve(session, area) if area else None
            wanted = self.subscriptions.topic(session, topic)
            return self.subscriptions.begin(session, Reach("sms", phone), wanted, found, "sms")

        return await self.db.write(work)

    async def ask(self, phone: str, topic: str = "惠农补贴", area: str = "") -> str:
        """On the page, for this number."""

        def work(session: Session) -> str:
            found = areas.resolve(session, area) if area else None
            return self.subscriptions.ask(session, phone, self.subscriptions.topic(session, topic), found, "zh-Hans")

        return await self.db.write(work)

    async def sent(self, phone: str) -> Sequence[str]:
        """The texts for a number."""

        def read(session: Session) -> list[str]:
            wanted = select(OutboxMessage).where(OutboxMessage.address_index == address_index("sms", phone))
            return [message.text for message in session.exec(wanted.order_by(OutboxMessage.id))]

        return await self.db.read(read)


async def made_town(db: Database, clock: ManualClock) -> Town:
    """The county over a database."""
    channels = {"sms": MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))}
    outbox = Outbox(channels, clock, "阳光热线")
    await db.write(areas.import_areas, clock(), OPERATOR, TREE.encode())
    return Town(db, clock, outbox, Subscriptions(outbox.put, clock, "sms", {"sms", "chat"}))
