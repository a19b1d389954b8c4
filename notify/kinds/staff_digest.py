"""To supervisors on working days at 08:30: the hotline's figures of the morning (每日情况)."""

from pydantic import BaseModel

from notify.kinds.base import Kind


class Figures(BaseModel):
    """Counts of matters: received in 24 hours, open, yellow, red; calls to make, refusals, alerts, gaps of duty."""

    received: int
    open: int
    yellow: int
    red: int
    calls: int
    refusals: int
    alerts: int
    gaps: int


KIND = Kind(
    name="staff_digest",
    payload=Figures,
    texts={
        "zh-Hans": "今日热线：新收{received}，在办{open}，黄灯{yellow}，红灯{red}，待回电{calls}，"
        "退回拒绝{refusals}，告警{alerts}，值班空档{gaps}。",
        "zh-Hant": "今日熱線：新收{received}，在辦{open}，黃燈{yellow}，紅燈{red}，待回電{calls}，"
        "退回拒絕{refusals}，告警{alerts}，值班空檔{gaps}。",
        "en": "Hotline today: {received} new, {open} open, {yellow} yellow, {red} red, {calls} calls to make, "
        "{refusals} refusals, {alerts} alerts, {gaps} gaps of duty.",
    },
    topic="digest",
    example={
        "received": 12,
        "open": 40,
        "yellow": 3,
        "red": 1,
        "calls": 2,
        "refusals": 4,
        "alerts": 1,
        "gaps": 0,
    },
    budget=1,
)
