"""The hotline's own words: kinds, states, actions, findings, grades. The Chinese terms stand here once."""

from enum import StrEnum


class Kind(StrEnum):
    """What a matter is (诉求类型)."""

    CONSULTATION = "consultation"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    SUGGESTION = "suggestion"  # 建议
    COMMENDATION = "commendation"  # 表扬
    INFORMATION_REQUEST = "information_request"  # 信息公开申请


class State(StrEnum):
    """Where a matter stands (OFFICE, "Words shown")."""

    SUBMITTED = "submitted"  # 已登记
    ACCEPTED = "accepted"  # 已受理
    REJECTED = "rejected"  # 不予受理
    DISPATCHED = "dispatched"  # 已派单
    SIGNED = "signed"  # 承办单位已签收
    RETURN_ASKED = "return_asked"  # 申请退单
    EXTENSION_ASKED = "extension_asked"  # 申请延期
    PAUSED = "paused"  # 暂停计时
    REPLIED = "replied"  # 已答复(待回访)
    FOLLOWED_UP = "followed_up"  # 已回访
    REDO = "redo"  # 重新办理
    CLOSED = "closed"  # 已办结
    REOPENED = "reopened"  # 再次办理
    MERGED = "merged"  # 并案
    WITHDRAWN = "withdrawn"  # 已撤回


STATE_WORDS = {
    State.SUBMITTED: "已登记",
    State.ACCEPTED: "已受理",
    State.REJECTED: "不予受理",
    State.DISPATCHED: "已派单",
    State.SIGNED: "承办单位已签收",
    State.RETURN_ASKED: "申请退单",
    State.EXTENSION_ASKED: "申请延期",
    State.PAUSED: "暂停计时",
    State.REPLIED: "已答复",
    State.FOLLOWED_UP: "已回访",
    State.REDO: "重新办理",
    State.CLOSED: "已办结",
    State.REOPENED: "再次办理",
    State.MERGED: "并案",
    State.WITHDRAWN: "已撤回",
}
"""As registers and files in Chinese name a state."""


class Action(StrEnum):
    """What can be done with a matter; the names are those of the API."""

    CLAIM = "claim"  # 认领
    RELEASE = "release"
    HAND_OVER = "hand_over"  # 移交
    TAKE_OVER = "take_over"  # 接手
    ACCEPT = "accept"  # 受理
    REJECT = "reject"  # 不予受理
    DISPATCH = "dispatch"  # 派单
    DESIGNATE = "designate"  # 指定承办
    SIGN = "sign"  # 签收
    RETURN = "return"  # 申请退单
    EXTEND = "extend"  # 申请延期
    GRANT = "grant"  # 同意
    REFUSE = "refuse"  # 驳回
    REPLY = "reply"  # 答复
    SUPPLEMENT = "supplement"  # 追加答复
    CHECK = "check"  # 审核
    UNDO = "undo"  # 撤回答复
    NOTE = "note"  # 内部备注
    OPINION = "opinion"  # 协办意见
    ASK = "ask"  # 一次性告知
    PAUSE = "pause"  # 暂停计时
    RESUME = "resume"  # 恢复计时
    FOLLOW_UP = "follow_up"  # 回访
    REDO = "redo"  # 退回重办
    CLOSE = "close"  # 办结
    MERGE = "merge"  # 并案
    SUPERVISE = "supervise"  # 督办
    SET_ASIDE = "set_aside"  # 评价剔除
    APPEND = "append"  # 补充
    URGE = "urge"  # 催办
    WITHDRAW = "withdraw"  # 撤回
    RATE = "rate"  # 评价
    REOPEN = "reopen"  # 重办
    CONTEST = "contest"  # 异议


class Finding(StrEnum):
    """What came out of a complaint or report (调查结论)."""

    TRUE = "true"  # 属实
    PARTLY = "partly"  # 部分属实
    UNTRUE = "untrue"  # 不属实
    UNVERIFIABLE = "unverifiable"  # 无法核实


class PauseReason(StrEnum):
    """Why a clock stands still."""

    CITIZEN = "citizen"  # 等待群众补充
    THIRD_PARTY = "third_party"  # 征求第三方意见
    CORRECTION = "correction"  # 补正


class Grade(StrEnum):
    """How content a citizen is; stored by name, because 1 is the worst in the API and the best in an SMS list."""

    VERY_SATISFIED = "very_satisfied"  # 非常满意
    SATISFIED = "satisfied"  # 满意
    FAIR = "fair"  # 基本满意
    DISSATISFIED = "dissatisfied"  # 不满意
    VERY_DISSATISFIED = "very_dissatisfied"  # 非常不满意

    @classmethod
    def from_api(cls, number: int) -> "Grade":
        """5 非常满意 … 1 非常不满意; ValueError for anything else."""
        if not 1 <= number <= len(_BEST_FIRST):
            raise ValueError("a grade is 1 to 5")
        return _BEST_FIRST[-number]

    @classmethod
    def from_list(cls, number: int) -> "Grade":
        """1 非常满意 … 5 非常不满意, as in the numbered list of an SMS; ValueError for anything else."""
        if not 1 <= number <= len(_BEST_FIRST):
            raise ValueError("a grade is 1 to 5")
        return _BEST_FIRST[number - 1]

    @property
    def satisfied(self) -> bool:
        """Counts as satisfied in 满意率."""
        return self in {Grade.VERY_SATISFIED, Grade.SATISFIED, Grade.FAIR}


_BEST_FIRST = (
    Grade.VERY_SATISFIED,
    Grade.SATISFIED,
    Grade.FAIR,
    Grade.DISSATISFIED,
    Grade.VERY_DISSATISFIED,
)

CONDUCT = "conduct"
"""Category of a complaint about how somebody behaved on duty (效能投诉)."""

PROTECTED = frozenset({Kind.REPORT})
"""Kinds whose text and sender are encrypted and hidden whether or not the citizen asked for it."""
