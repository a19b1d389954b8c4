"""Who carries a message just now: its own channel, or another of the same pool while that one fails."""

import logging
from collections.abc import Iterable, Mapping

from core.clock import Clock
from core.ports import Channel
from notify.kinds import KINDS
from notify.outbox import failover
from notify.outbox.failover import Health, Rules
from notify.outbox.rules import Pool
from notify.outbox.sender_health import SenderHealth
from notify.outbox.states import Reason
from notify.outbox.taken import Taken

log = logging.getLogger(__name__)


class Router:
    """What one worker saw of each channel, and what it makes of it."""

    def __init__(
        self, channels: Mapping[str, Channel], pools: Iterable[Pool], clock: Clock, rules: Rules | None = None
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._rules = rules or Rules()
        self._pools: dict[str, dict[str, int]] = {}
        for pool in pools:
            here = {name: weight for name, weight in pool.items() if name in channels}
            self._pools |= dict.fromkeys(here, here)
        self._health = {name: Health() for name in channels}
        self._away: dict[str, bool] = {}
        self.senders = SenderHealth(channels, clock)

    def note(self, taken: Taken, took_s: float, *, ok: bool) -> None:
        """A send ended; ``ok`` unless the provider was to blame."""
        carrier = taken.via or taken.channel
        if carrier == taken.channel and not taken.trial:
            self.senders.note(taken.queue, took_s, ok=ok)
        if len(self._pools.get(carrier, {})) > 1:
            self._health[carrier].note(self._clock(), took_s, ok=ok, rules=self._rules)

    def settle(self) -> None:
        """Judge every provider anew; once for each round."""
        now = self._clock()
        for name, pool in self._pools.items():
            if len(pool) > 1:
                away = self._health[name].settle(now, self._rules)
                if away != self._away.get(name, False):
                    log.warning("provider %s: %s", name, "shifted away" if away else "taken back")
                self._away[name] = away

    def carrier(self, taken: Taken) -> str:
        """Who carries this message.

        An answer goes back the way its question came while that works; other messages are shared out by weight.
        After a failure the next try takes another provider that is well.
        """
        pool = self._pools.get(taken.channel, {})
        if len(pool) < 2:
            return taken.channel
        direct = taken.kind in KINDS and KINDS[taken.kind].direct
        own = taken.channel if direct else failover.share(taken.address_index, pool) or taken.channel
        if self._away.get(own) and self._health[own].probe(self._clock(), self._rules):
            return own
        failed_there = taken.reason == Reason.PROVIDER_BUSY and taken.attempts % 2
        away = {**self._away, own: True} if failed_there else self._away
        return failover.route(own, tuple(pool), away)

    def away(self, name: str) -> bool:
        """Whether this provider is left just now."""
        return self._away.get(name, False)
