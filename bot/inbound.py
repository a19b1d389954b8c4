"""Takes messages out of the inbox, in order for each conversation, and answers them.

Matching and every slow call happen with no transaction open; then state, replies and "done" are written in one.
A message whose handling fails three times is put aside with an apology, so that it cannot block its conversation.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot import inbox
from bot.dialogue import staff
from bot.dialogue.base import Heard, Memory, Say, Turn
from bot.effects import Situation, Voice
from bot.handle import Handler, hear
from bot.inbox import Letter, Talk
from core.clock import Clock
from core.db import Database
from core.errors import Unavailable
from core.expectations import standing
from core.ids import new_id
from core.limits import RateLimit
from core.ports import Channel

log = logging.getLogger(__name__)

AT_ONCE = 16
POLL_S = 1.0


class Conversations:
    """Handles what comes in until told to stop. Any number may run on one PostgreSQL."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        handler: Handler,
        voice: Voice,
        *,
        per_minute: int,
    ) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock
        self._handler = handler
        self._voice = voice
        self._limit = RateLimit(per_minute, clock)
        self._worker = new_id()
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled; what is under way is finished first."""
        try:
            with self._db.bells.listening(inbox.TOPIC) as bell:
                while True:
                    if not await self.step():
                        await bell.wait(POLL_S)
        finally:
            if self._busy:
                await asyncio.wait(self._busy, timeout=30)

    async def step(self) -> bool:
        """Take what waits; False when there was nothing."""
        while len(self._busy) >= AT_ONCE:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        try:
            taken = await self._db.write(inbox.take, self._clock(), self._worker, AT_ONCE - len(self._busy))
        except Unavailable:
            await asyncio.sleep(POLL_S)
            return True
        for talk, letters in taken:
            task = asyncio.create_task(self._talk(talk, letters))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        return bool(taken)

    async def drain(self) -> None:
        """Handle everything that waits now, and return (tests and tools)."""
        while await self.step():
            if self._busy:
                await asyncio.wait(self._busy)

    async def _talk(self, talk: Talk, letters: list[Letter]) -> None:
        """Everything new in a conversation; with its last message it is let go in the same transaction."""
        try:
            while letters:
                for letter in letters:
                    taken = await self._one(talk, letter)
                    if taken is None:
                        return
                    talk = taken
                if not talk.more:
                    return
                letters = await self._db.read(inbox.letters, talk.id)
            await self._db.write(inbox.release, self._worker, talk.id)
        except Unavailable:
            log.warning("conversation put off: database unavailable")

    async def _one(self, talk: Talk, letter: Letter) -> Talk | None:
        """Handle one message; the conversation as it stands then, None when it cannot go on now."""
        try:
            return await self._answer(talk, letter)
        except Unavailable:
            raise
        except Exception:
            log.exception("message %s could not be handled", letter.id)
            dead = await self._db.write(inbox.fail, letter)
            if not dead:
                await self._db.write(inbox.release, self._worker, talk.id)
                return None
            return await self._apologise(talk, letter)

    async def _answer(self, talk: Talk, letter: Letter) -> Talk | None:
        channel = self._channels.get(talk.channel)
        heard = hear(letter.message, channel.can if channel else (), talk.locale)
        heard = replace(heard, now=self._clock(), arrived=letter.received_at)
        memory = Memory.from_json(talk.state)
        if not letter.message.private:
            turn = staff.group(heard, memory)
        elif self._limit.allow(talk.id):
            asked = await self._db.read(standing, self._clock(), talk.channel, letter.message.address)
            turn = await self._handler.turn(heard, replace(memory, told_slow=False), asked, letter.message)
        else:
            slow = () if memory.told_slow else (Say("small.slow_down"),)
            turn = Turn(replace(memory, told_slow=True), slow)
        return await self._db.write(self._write, talk, letter, heard, turn)

    async def _apologise(self, talk: Talk, letter: Letter) -> Talk | None:
        channel = self._channels.get(talk.channel)
        heard = hear(letter.message, channel.can if channel else (), talk.locale)
        turn = Turn(Memory.from_json(talk.state), (Say("small.failed"),))
        return await self._db.write(self._write, talk, letter, heard, turn, dead=True)

    def _write(
        self, session: Session, talk: Talk, letter: Letter, heard: Heard, turn: Turn, *, dead: bool = False
    ) -> Talk | None:
        now: datetime = self._clock()
        locale = turn.locale or heard.locale
        situation = Situation(letter.message, locale, heard.buttons, heard.metered, f"in:{letter.id}", now)
        memory = self._voice.carry_out(session, situation, turn).to_json()
        kept_locale = turn.locale or talk.locale
        more = inbox.finish(session, now, self._worker, talk, letter, memory, kept_locale, dead=dead)
        if more is None:
            raise _LostError
        return replace(talk, state=memory, locale=kept_locale, more=more)


class _LostError(Unavailable):
    """Another worker took the conversation over; all of this transaction is undone and left to it."""

    def __init__(self) -> None:
        super().__init__("The conversation was taken over.")
