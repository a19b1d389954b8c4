"""The topics on offer: those given in data, and the office's own rows beside or instead of them."""

from datetime import datetime

from sqlmodel import Session, select

from core import audit
from core.auth import Principal
from core.errors import BadInput, NotFound
from notify.publicity import topics
from notify.publicity.subscription_models import SubscriptionTopic
from notify.publicity.topics import Topic


def offered(session: Session) -> list[Topic]:
    """The topics people may subscribe to; a row of the office's replaces a given one, or switches it off."""
    own = {row.id: row for row in session.exec(select(SubscriptionTopic).order_by(SubscriptionTopic.id))}
    kept = [topic for topic in topics.given() if topic.id not in own]
    return kept + [Topic(row.id, row.labels, tuple(row.aliases)) for row in own.values() if row.active]


def named(session: Session, name: str) -> Topic:
    """A topic by id, label or alias; raises NotFound."""
    found = topics.named(name, offered(session))
    if found is None:
        raise NotFound("There is no such topic.", fields={"topic": "unknown"})
    return found


def put(session: Session, now: datetime, who: Principal, made: Topic, *, active: bool = True) -> Topic:
    """Add a topic or change one. Raises BadInput without a Chinese label, or when another has one of its names."""
    if not made.labels.get("zh-Hans", "").strip() or not made.id.strip():
        raise BadInput("A topic needs an id and a label in Chinese.", fields={"labels": "zh-Hans is needed"})
    for other in offered(session):
        if other.id != made.id and (both := made.names & other.names):
            raise BadInput(f"{sorted(both)[0]!r} already means {other.id!r}.", fields={"aliases": "taken"})
    row = session.get(SubscriptionTopic, made.id) or SubscriptionTopic(id=made.id, labels={})
    row.labels, row.aliases, row.active = dict(made.labels), list(made.aliases), active
    session.add(row)
    audit.record(session, now, who.actor, "topic.set", f"topic:{made.id}", after={"active": active})
    session.flush()
    return made
