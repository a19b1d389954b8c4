"""Numbers about delivery for Prometheus, and alarms: a log line, a count, and a message where somebody is named."""

import logging
import time

from prometheus_client import Counter, Gauge, Histogram

log = logging.getLogger(__name__)

LANE_NAMES = ("urgent", "normal", "bulk")
_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
ALARM_AGAIN_S = 900.0
"""The same alarm is raised again after so long at the earliest."""

DEPTH = Gauge("sunline_outbox_depth", "Messages waiting or under way", ["channel", "lane", "state"])
OLDEST = Gauge("sunline_outbox_oldest_seconds", "Age of the oldest message that is due", ["channel", "lane"])
OUTCOMES = Counter("sunline_outbox_outcomes_total", "How attempts ended", ["channel", "lane", "state"])
PROVIDER_SECONDS = Histogram(
    "sunline_provider_seconds", "How long a provider took to answer", ["channel"], buckets=_SECONDS
)
TIMER_LATE = Gauge("sunline_timer_late_seconds", "How late the latest overdue timer is")
ALARMS = Counter("sunline_alarms_total", "Alarms raised", ["alarm"])


class _Alarms:
    """Alarms raised in this process and not yet told to anybody."""

    raised_at: dict[str, float] = {}  # noqa: RUF012 - one table for the process
    waiting: list[tuple[str, str]] = []  # noqa: RUF012


def sent(channel: str, rank: int, state: str, took_s: float) -> None:
    """One attempt ended."""
    key = (channel, rank, state)
    if (child := _children.get(key)) is None:
        child = _children[key] = (
            OUTCOMES.labels(channel, LANE_NAMES[rank], str(state)),
            PROVIDER_SECONDS.labels(channel),
        )
    child[0].inc()
    child[1].observe(took_s)


_children: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}


def alarm(name: str, sentence: str, *values: object) -> None:
    """Raise an alarm: logged and counted now, told by the dispatcher; at most once in 15 minutes by name."""
    ALARMS.labels(name.partition(":")[0]).inc()
    now = time.monotonic()
    if now - _Alarms.raised_at.get(name, -ALARM_AGAIN_S) < ALARM_AGAIN_S:
        return
    _Alarms.raised_at[name] = now
    log.error("alarm %s: %s", name, sentence % values)
    _Alarms.waiting.append((name, sentence % values))


def untold() -> list[tuple[str, str]]:
    """Alarms that wait to be told, taken off the list."""
    waiting, _Alarms.waiting = _Alarms.waiting, []
    return waiting


def forget_alarms() -> None:
    """As if none had been raised (tests)."""
    _Alarms.raised_at.clear()
    _Alarms.waiting.clear()
