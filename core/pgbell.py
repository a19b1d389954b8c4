"""PostgreSQL's NOTIFY rings this process's bells, so that work made by one process wakes another at once."""

import asyncio
import logging

import psycopg

from core.db import Database

log = logging.getLogger(__name__)

_AGAIN_S = 2.0


async def relay(db: Database) -> None:
    """Listen until cancelled; after a broken connection listen again. Polling goes on meanwhile, only slower."""
    url = db.url.replace("postgresql+psycopg://", "postgresql://", 1)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute("LISTEN sunline")
                async for notice in connection.notifies():
                    db.bells.ring([notice.payload])
        except psycopg.Error as error:
            log.warning("notifications interrupted: %s", type(error).__name__)
        await asyncio.sleep(_AGAIN_S)
