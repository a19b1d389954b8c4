"""Ratings told in conversation: solved and one of five grades, at once or one after the other, once per answer."""

from dataclasses import replace

from bot.cases import Case
from bot.dialogue import follow
from bot.dialogue.base import Done, Say
from bot.hotline.words import Action, Grade
from core.expectations import Asked
from core.text import trim

_REASON_SHOWN = 20


def rate(case: Case, number: str) -> Done:
    """Keep a rating, or ask for what of it is still open."""
    grade, comment = str(case.data.get("grade", "")), case.text
    view = case.view(number)
    if Action.RATE.value not in view.can:
        rated = any(event.what == "rate" for event in view.events)
        return Done((Say("follow.rated_already") if rated else case.not_now(view, "rate"),))
    if not grade:
        return _read(case, number)
    kept = Grade(grade)
    given = case.data.get("solved")
    solved = kept.satisfied if given is None else bool(given)
    case.hotline.rate(case.session, number, case.proof, solved=solved, grade=kept, comment=comment)
    if solved and kept.satisfied:
        values = {"grade": case.say(f"grade.{grade}"), "days": case.desk.rules.days["reopen"]}
        return Done((Say("follow.rated", values),))
    call = case.stories.due(case.desk.due_in("call_back"))
    values = {"reason": trim(comment, chars_max=_REASON_SHOWN), "call": call}
    return Done((Say("follow.rated_reason" if comment else "follow.rated_bad", values),))


def _read(case: Case, number: str) -> Done:
    """评价 with the whole answer behind it, half of it, or nothing."""
    data = {"number": number, "step": "solved"}
    rated = _reading(case, number, "solved")
    if rated is None or rated.unclear or rated.person:
        rated = _reading(case, number, "grade")
        if rated is None or not rated.grade:
            return Done((follow.ask_solved(data),))
    if not rated.grade:
        return Done((follow.ask_grade(number, data, rated.solved, rated.comment),))
    given = {**case.data, "solved": rated.solved, "grade": rated.grade, "text": rated.comment}
    return rate(replace(case, data=given), number)


def _reading(case: Case, number: str, step: str) -> follow.Rated | None:
    asked = Asked(0, follow.RATE, number, {"number": number, "step": step}, case.situation.at)
    return follow.read_rating(case.text, asked) if case.text else None
