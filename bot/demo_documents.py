"""Made-up documents and questions of the trial's past month, so that lists and charts have something to show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from bot.demo_matters import Past
from core.audit import Actor
from core.auth import Principal
from core.ids import new_id
from core.people import Person, Role, Unit
from core.ports import Channel
from faq import queries
from notify.outbox.service import Outbox
from notify.signoff.issuing import NewDocument, NewRecipient
from notify.signoff.models import INSTRUCTION
from notify.signoff.office import SignOffice
from notify.signoff.service import SignOff
from notify.signoff.signing import Signer

ISSUER = "示例未"


@dataclass(frozen=True, slots=True)
class Story:
    """A document: issued so many days ago, and after how many hours each person (by name) signed; None: not yet."""

    number: str
    title: str
    urgency: str
    days_ago: float
    signed: Mapping[str, float | None]
    feedback_days: int = 0
    """Above 0: a leader's instruction, and what came of it is owed after so many days."""


STORIES = (
    Story(
        "示政发〔2026〕41号",
        "关于做好秋季抗旱用水调度的通知",
        "important",
        26,
        {"示例卯": 1.5, "示例子": 3, "示例丁": 6},
    ),
    Story("示政办〔2026〕88号", "关于开展窗口作风检查的通知", "normal", 21, {"示例甲": 2, "示例庚": 5, "示例巳": 9}),
    Story(
        "示政明电〔2026〕12号",
        "关于大风降温天气防范的紧急通知",
        "urgent",
        16,
        {"示例甲": 0.4, "示例卯": 0.7, "示例子": 1.6},
    ),
    Story("示政办〔2026〕93号", "关于报送为民实事进展的通知", "normal", 12, {"示例巳": 3, "示例丁": 4, "示例庚": 5.5}),
    Story("示政发〔2026〕47号", "关于冬季供水管网排查的通知", "important", 8, {"示例卯": 3.2, "示例甲": 3.9}),
    Story("示政办〔2026〕99号", "关于学校周边秩序整治的通知", "normal", 4, {"示例巳": 1, "示例甲": 5, "示例子": 7.5}),
    Story(
        "示政办〔2026〕102号",
        "关于年末信访事项清理的通知",
        "normal",
        0.02,
        {"示例子": 0.2, "示例甲": None, "示例庚": None},
    ),
    Story("示领批〔2026〕15号", "对南苑小区反复停水的批示", "normal", 9, {"示例卯": 2.5}, feedback_days=7),
    Story(
        "示领批〔2026〕17号", "对企业反映办证时间长的批示", "normal", 2, {"示例甲": 1.5, "示例庚": 4}, feedback_days=10
    ),
)

ASKED = (
    ("answer", "社保卡丢了怎么补"),
    ("answer", "高龄津贴怎么领"),
    ("choices", "医保"),
    ("answer", "居住证在哪办"),
    ("none", "养老院一个月多少钱"),
    ("answer", "小学报名要什么材料"),
    ("choices", "公积金"),
    ("none", "电动车上牌在哪里"),
    ("answer", "灵活就业怎么交养老"),
    ("answer", "失业金怎么领"),
    ("none", "暖气费今年什么时候交"),
)
"""What came of a question, and the question; asked again and again over the month."""
DAYS = 30


def documents(
    session: Session, now: datetime, outbox: Outbox, channels: Mapping[str, Channel], office: SignOffice
) -> int:
    """Issue and sign every document at its own moment; returns how many. People need their telephones first."""
    past = Past(now)
    signoff = SignOff(outbox, channels, past, office)
    people = {person.name: person for person in session.exec(select(Person))}
    units = {unit.id: unit.name for unit in session.exec(select(Unit))}
    for story in STORIES:
        past.now = issued = now - timedelta(days=story.days_ago)
        recipients = [NewRecipient(units[people[name].unit_id or ""], people[name].id) for name in story.signed]
        new = NewDocument(story.number, story.title, story.urgency, non_secret=True, recipients=recipients)
        if story.feedback_days:
            new = replace(new, kind=INSTRUCTION, feedback_by=issued + timedelta(days=story.feedback_days))
        made = signoff.issue(session, new, _principal(people[ISSUER]))
        for recipient in made.recipients:
            person = next(one for one in people.values() if one.id == recipient.a_id)
            after = story.signed[person.name]
            if after is not None:
                past.now = min(now, issued + timedelta(hours=after))
                signoff.sign(session, recipient.id, Signer(person.id, "console", Actor(person.id, "console")))
    return len(STORIES)


def _principal(person: Person) -> Principal:
    roles = frozenset(Role(role) for role in person.roles)
    return Principal(person.id, person.name, roles, "console", person_id=person.id, unit_id=person.unit_id)


def questions(session: Session, now: datetime) -> int:
    """Questions of a month, more on some days than on others; returns how many."""
    rows = []
    for day in range(DAYS):
        for at in range(3 + day * 5 % 7):
            outcome, text = ASKED[(day * 3 + at * 4) % len(ASKED)]
            rows.append(
                {
                    "id": new_id(),
                    "at": now - timedelta(days=DAYS - 1 - day, minutes=17 * at + 3),
                    "channel": "webchat",
                    "locale": "zh-Hans",
                    "text": text,
                    "outcome": outcome,
                    "score": 0.0,
                    "entry_ids": [],
                    "entry_id": None,
                    "helpful": None,
                    "missed": queries.UNANSWERED if outcome == "none" else "",
                    "miss_id": None,
                }
            )
    queries.add(session, rows)
    return len(rows)
