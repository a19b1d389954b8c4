"""Information requests (信息公开申请): outcomes, papers, and the yearly report of their own register.

Follows 政府信息公开条例 (2019): receipt, correction within 7 working days (第三十条), answer within 20 and at most 20
more (第三十三条), third parties not counted (第三十二条), and the kinds of answer of 第三十六条.
"""

from collections import Counter
from datetime import date, datetime, time
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, func, or_, select

from bot.hotline import record, replies
from bot.hotline.errors import illegal
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk, Doer
from bot.hotline.words import STATE_WORDS, Kind, State
from core.errors import BadInput, NotFound
from core.office_hours import wall_to_utc

OUTCOMES = {
    "granted": "予以公开",
    "partly": "部分公开",
    "refused": "不予公开",
    "unavailable": "无法提供",
    "not_processed": "不予处理",
    "other": "其他处理",
}
AFTERMATHS = {"review": "行政复议", "litigation": "行政诉讼"}
PAPERS = {
    "receipt": "政府信息公开申请登记回执\n编号：{number}\n"
    "您于{received}提出的政府信息公开申请已登记，{office}将在{due}前答复。",
    "correction": "补正告知书\n编号：{number}\n您的申请需要补正：{missing}。"
    "收到补正材料之日起重新计算答复期限；逾期不补正的，视为放弃申请。",
    "extension": "延期答复告知书\n编号：{number}\n因{reason}，您的申请延期至{due}前答复。",
    "reply": "政府信息公开申请答复书\n编号：{number}\n处理结果：{outcome}\n{text}\n"
    "如对本答复不服，可在收到之日起60日内申请行政复议，或在6个月内提起行政诉讼。",
}


REGISTER_HEAD = [
    "编号", "收到日期", "来源", "状态", "答复期限", "答复日期", "处理结果", "不公开或不处理的理由", "收费（元）",
    "补正", "延期", "复议诉讼",
]  # fmt: skip


class Yearly(BaseModel):
    """The figures of a year's report: received and by outcome, refusals by ground, fees in fen, what followed.

    ``carried_in`` were received before and not answered when the year began, ``carried_out`` when it ended (上年结转,
    结转下年度继续办理); outcomes are those of the requests received in the year.
    """

    year: int
    carried_in: int
    received: int
    carried_out: int
    answered: int
    open: int
    outcomes: dict[str, int]
    grounds: dict[str, int]
    fees_fen: int
    aftermath: dict[str, int]


def outcome_details(outcome: str, ground: str, fee_fen: int) -> dict[str, Any]:
    """What an answer to a request keeps beside its text; raises BadInput for an unknown outcome."""
    if outcome and outcome not in OUTCOMES:
        raise BadInput("This is not an outcome.", fields={"outcome": ", ".join(OUTCOMES)})
    return {"outcome": outcome or "granted", "ground": ground, "fee_fen": str(fee_fen)}


def paper(desk: Desk, matter: Matter, name: str) -> str:
    """One of the papers that go with a request, in Chinese as the law's forms are. Raises NotFound, IllegalMove."""
    if Kind(matter.kind) is not Kind.INFORMATION_REQUEST or name not in PAPERS:
        raise NotFound("There is no such paper for this matter.")
    reply = replies.last(desk, matter)
    if name == "reply" and reply is None:
        raise illegal(matter, "There is no answer yet.")
    needs = [desk.rules.needs[key]["zh-Hans"] for key in matter.asked_for.split(",") if key in desk.rules.needs]
    return PAPERS[name].format(
        number=matter.number,
        office=desk.office.name,
        received=_day(desk, matter.received_at),
        due=_day(desk, matter.answer_by),
        missing="、".join(needs) or "信息内容描述",
        reason=_last_text(desk, matter, "extend") or "情况复杂",
        outcome=OUTCOMES[reply.details.get("outcome", "granted")] if reply else "",
        text=reply.text if reply else "",
    )


def _day(desk: Desk, moment: Any) -> str:
    local = moment.astimezone(desk.office.hours.zone)
    return f"{local.year}年{local.month}月{local.day}日"


def _last_text(desk: Desk, matter: Matter, what: str) -> str:
    found = select(MatterEvent).where(MatterEvent.matter_id == matter.id, MatterEvent.what == what)
    row = desk.session.exec(found.order_by(col(MatterEvent.id).desc()).limit(1)).first()
    return (row.text or "") if row else ""


def note_aftermath(desk: Desk, matter: Matter, doer: Doer, what: str, result: str) -> None:
    """A review or a law suit followed (复议, 诉讼). Raises BadInput for anything else."""
    if what not in AFTERMATHS or Kind(matter.kind) is not Kind.INFORMATION_REQUEST:
        raise BadInput("Only a review or a law suit follows a request.", fields={"what": ", ".join(AFTERMATHS)})
    record.note(desk, matter, "aftermath", doer, text=result or None, data={"what": what})


def yearly(desk: Desk, year: int) -> Yearly:
    """The report of a year, by the day of receipt."""
    zone = desk.office.hours.zone
    first, end = (wall_to_utc(date(one, 1, 1), time(0), zone) for one in (year, year + 1))
    received = select(Matter).where(
        Matter.kind == Kind.INFORMATION_REQUEST.value,
        col(Matter.received_at) >= first,
        col(Matter.received_at) < end,
    )
    matters = list(desk.session.exec(received))
    answers = [reply.details for matter in matters if (reply := replies.last(desk, matter))]
    outcomes = Counter(str(details.get("outcome", "granted")) for details in answers)
    grounds = Counter(str(details["ground"]) for details in answers if details.get("ground"))
    return Yearly(
        year=year,
        carried_in=_open_at(desk, first),
        received=len(matters),
        carried_out=_open_at(desk, min(end, desk.now)),
        answered=len(answers),
        open=sum(matter.replied_at is None and matter.closed_at is None for matter in matters),
        outcomes={name: outcomes[name] for name in OUTCOMES},
        grounds=dict(grounds),
        fees_fen=sum(int(details.get("fee_fen", 0)) for details in answers),
        aftermath=_aftermath(desk, [matter.id for matter in matters]),
    )


def _open_at(desk: Desk, moment: datetime) -> int:
    """Requests received before a moment and neither answered nor otherwise ended by then."""
    done = func.coalesce(col(Matter.replied_at), col(Matter.closed_at))
    found = select(func.count()).where(
        Matter.kind == Kind.INFORMATION_REQUEST.value,
        col(Matter.received_at) < moment,
        or_(done.is_(None), done >= moment),
    )
    return int(desk.session.exec(found).one())


def register(desk: Desk, year: int) -> list[list[Any]]:
    """The register of a year under ``REGISTER_HEAD``; who asked stands in the papers, not here."""
    zone = desk.office.hours.zone
    first, end = (wall_to_utc(date(one, 1, 1), time(0), zone) for one in (year, year + 1))
    found = select(Matter).where(
        Matter.kind == Kind.INFORMATION_REQUEST.value,
        col(Matter.received_at) >= first,
        col(Matter.received_at) < end,
    )
    return [_line(desk, matter) for matter in desk.session.exec(found.order_by(col(Matter.received_at)))]


def _line(desk: Desk, matter: Matter) -> list[Any]:
    reply = replies.last(desk, matter)
    details: dict[str, Any] = reply.details if reply else {}
    followed = [one.data.get("what") for one in record.events(desk, matter) if one.what == "aftermath"]
    zone = desk.office.hours.zone
    return [
        matter.number,
        matter.received_at.astimezone(zone).date().isoformat(),
        matter.source,
        STATE_WORDS[State(matter.state)],
        matter.answer_by.astimezone(zone).date().isoformat(),
        matter.replied_at.astimezone(zone).date().isoformat() if matter.replied_at else "",
        OUTCOMES.get(str(details.get("outcome", "")), ""),
        str(details.get("ground", "")),
        int(details.get("fee_fen", 0) or 0) / 100,
        "是" if matter.asked_for else "",
        f"{matter.extra_days}个工作日" if matter.extra_days else "",
        "、".join(AFTERMATHS[str(one)] for one in followed),
    ]


def _aftermath(desk: Desk, ids: list[str]) -> dict[str, int]:
    found = select(MatterEvent).where(MatterEvent.what == "aftermath", col(MatterEvent.matter_id).in_(ids))
    counted = Counter(str(event.data.get("what")) for event in desk.session.exec(found))
    return {name: counted[name] for name in AFTERMATHS}
