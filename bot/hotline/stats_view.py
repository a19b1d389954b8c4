"""Figures as API, CSV and XLSX show them: each rate with what it divides."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from bot.hotline import stats

HEADS = {
    "received": "受理登记", "accepted": "已受理", "rejected": "不予受理", "answered": "已答复", "open": "在办",
    "unrated": "未评价", "response": "响应率", "signed": "签收率", "on_time": "按时办结率", "early": "提前办结率",
    "returned": "退单率", "redone": "重办率", "direct": "直接答复率", "followed_up": "有效回访率",
    "satisfied": "满意率", "satisfied_adjusted": "满意率（剔除后）", "solved": "解决率",
    "solved_adjusted": "解决率（剔除后）", "average_days": "平均办理天数",
}  # fmt: skip
DIVIDED_BY = {
    "response": "按时受理或不予受理 ÷ 已受理、不予受理和超过受理期限的",
    "signed": "按时签收 ÷ 已签收和超过签收期限的派单（已退单的除外）",
    "on_time": "期限内答复 ÷ 已答复和超期未答复的",
    "early": "比期限早一天以上答复 ÷ 已答复",
    "returned": "退单 ÷ 全部派单",
    "redone": "重办 ÷ 答复过的",
    "direct": "热线直接答复 ÷ 已答复",
    "followed_up": "回访接通或已评价 ÷ 已答复",
    "satisfied": "非常满意、满意、基本满意 ÷ 已评价（未评价不算）",
    "satisfied_adjusted": "同满意率，不计督办人员剔除的评价",
    "solved": "已解决 ÷ 已评价（未评价不算）",
    "solved_adjusted": "同解决率，不计督办人员剔除的评价",
}
"""What each rate is, in words (OFFICE, "Rates"): on pages beside the figure, in files below the table."""


class RateOut(BaseModel):
    """``n`` of ``of``; ``rate`` is null when there is nothing to divide by."""

    n: int
    of: int
    rate: float | None


class GroupOut(BaseModel):
    """The figures of one group."""

    key: str
    received: int
    accepted: int
    rejected: int
    answered: int
    open: int
    unrated: int
    average_days: float | None
    rates: dict[str, RateOut]


def group_out(key: str, figures: stats.Figures) -> GroupOut:
    """A group as the API shows it."""
    plain: dict[str, Any] = {}
    rates: dict[str, RateOut] = {}
    for name in HEADS:
        value = getattr(figures, name)
        if isinstance(value, stats.Rate):
            rates[name] = RateOut(n=value.n, of=value.of, rate=value.rate)
        else:
            plain[name] = value
    return GroupOut(key=key, rates=rates, **plain)


def per_cent(rate: float | None) -> str:
    """``95.8%``, without a needless zero; a dash where there is nothing to rate."""
    return "—" if rate is None else f"{rate * 100:.1f}".removesuffix(".0") + "%"


def head(first: str) -> list[str]:
    """Column heads: beside each rate what it divides."""
    columns = [first]
    for name, label in HEADS.items():
        columns += [label, f"{label}（件数）"] if name in DIVIDED_BY else [label]
    return columns


def cells(label: str, group: GroupOut) -> list[Any]:
    """One group as a row under ``head``."""
    row: list[Any] = [label]
    for name in HEADS:
        if name in group.rates:
            rate = group.rates[name]
            row += [rate.rate, f"{rate.n}/{rate.of}"]
        else:
            row.append(getattr(group, name))
    return row


def notes() -> Iterable[list[str]]:
    """The denominators in words, as rows below a table."""
    yield []
    for name, words in DIVIDED_BY.items():
        yield [HEADS[name], words]
