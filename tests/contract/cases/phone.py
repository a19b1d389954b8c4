"""The pretend phone network: like web chat inside, like SMS outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.phone import PhoneChannel
from core.errors import Rejected
from tests.contract.case import Case, Failure, Rig
from tests.contract.cases.webchat import NO_NETWORK, Page


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    channel = PhoneChannel()
    page = Page(channel)
    yield Rig(channel, "+12025550120", lambda: page.shown, stand_in=page)
    await channel.aclose()


CASE = Case(
    "phone",
    _open,
    in_process=True,
    failures=(Failure("too long", lambda _: None, Rejected, change={"text": "长" * 1_601}),),
    impossible=NO_NETWORK,
)
