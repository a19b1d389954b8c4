"""What tests of the console share: a page's token, sending a form, one of the made-up matters."""

import re

import httpx
from sqlmodel import Session, select

from bot.hotline.models import Matter
from bot.house import House
from core.people import Unit


async def token(client: httpx.AsyncClient) -> str:
    """The token that every form of this browser carries."""
    page = await client.get("/console")
    found = re.search(r'data-csrf="([^"]+)"', page.text)
    assert found
    return found[1]


async def post(client: httpx.AsyncClient, path: str, **fields: object) -> httpx.Response:
    """A form sent as the page would send it."""
    return await client.post(path, data={"csrf": await token(client), **fields})


def matter(house: House, state: str, unit: str = "", kind: str = "") -> Matter:
    """One of the made-up matters in a state."""

    def found(session: Session) -> Matter:
        wanted = select(Matter).where(Matter.state == state)
        if unit:
            wanted = wanted.where(Matter.unit_id == session.exec(select(Unit.id).where(Unit.name == unit)).one())
        if kind:
            wanted = wanted.where(Matter.kind == kind)
        row = session.exec(wanted.order_by(Matter.number)).first()
        assert row is not None
        return row

    return house.db.read_now(found)
