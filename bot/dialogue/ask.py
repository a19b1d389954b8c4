"""Policy questions: an answer, a list to choose from, or the offer of a person. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.choosing import Picked
from bot.dialogue.base import Feedback, Heard, LastAnswer, Memory, NoteQuestion, OpenMatter, Question, Say, Turn
from bot.dialogue.labels import short_labels
from core.text import sign, trim
from faq.passage import passage

CHOICE = "faq.choice"
HELPFUL = "faq.helpful"
OFFER = "faq.offer"

KEPT_EXCHANGES = 8
METERED_SEGMENTS = 3
"""A long answer by SMS stops here; the rest comes for 更多. Three segments are 201 characters of Chinese."""
LABEL_ROOM = 12
"""Characters of a choice by SMS: three of them, signature and hint fill one segment of 70."""
OFFER_AFTER = 2
"""Not understood twice in a row: a person is offered (PRODUCT 7)."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as a conversation shows it."""

    id: str
    question: str
    answer: str
    unit: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the knowledge base made of a question. ``asked`` is its own record of it, handed back to be noted."""

    outcome: Literal["answer", "choices", "none"]
    found: tuple[Found, ...]
    asked: Any
    parts: tuple["Result", ...] = ()


def respond(heard: Heard, memory: Memory, text: str, result: Result, office: str) -> Turn:
    """The turn after the knowledge base was asked ``text``."""
    memory = remember(memory, "citizen", text)
    note = NoteQuestion(result.asked)
    if result.parts:
        shown = [part.found[0] for part in result.parts if part.found]
        return _answers(heard, memory, shown, office, note)
    if result.outcome == "answer":
        return _answers(heard, memory, [_narrowed(memory, text, result.found[0])], office, note)
    if result.outcome == "choices":
        return _choices(heard, memory, result.found, note)
    return _nothing(memory, note)


def _narrowed(memory: Memory, text: str, entry: Found) -> Found:
    """After an answer, a question about the same entry gets the sentences that tell it: the whole was just read."""
    if not memory.last or memory.last.entry != entry.id:
        return entry
    return replace(entry, answer=passage(entry.answer, text) or entry.answer)


def _answers(heard: Heard, memory: Memory, found: Sequence[Found], office: str, note: NoteQuestion) -> Turn:
    says: list[Say] = []
    for entry in found:
        memory, say = show(heard, memory, entry, office)
        says.append(say)
    return Turn(replace(memory, misses=0), tuple(says), (note,))


def show(heard: Heard, memory: Memory, entry: Found, office: str, query: str = "") -> tuple[Memory, Say]:
    """One entry put into words, and what is remembered of it."""
    answer, more = entry.answer, ""
    if heard.metered:
        answer, more = _fitting(entry.answer, office)
    memory = remember(memory, "bot", entry.question)
    memory = replace(memory, last=LastAnswer(entry.id, entry.question, query), more=more)
    values = {"question": entry.question, "answer": answer, "unit": entry.unit, "source": entry.source}
    if heard.metered:
        return memory, Say(
            "ask.answer_sms_more" if more else "ask.answer_sms", values, Question(HELPFUL, zero="person")
        )
    key = "ask.answer_chat_source" if entry.source else "ask.answer_chat"
    return memory, Say(key, values, Question(HELPFUL, labels=("helpful", "unhelpful"), zero="person"))


def _fitting(answer: str, office: str) -> tuple[str, str]:
    """As much of an answer as three segments hold beside signature and hint, and the rest."""
    room = sign("回更多看余下，0找人工", office)
    fits = trim(room + answer, segments_max=METERED_SEGMENTS)
    if fits == room + answer:
        return answer, ""
    shown = fits[len(room) :].removesuffix("…")
    end = max(shown.rfind(mark) for mark in "。；！？")
    shown = shown[: end + 1] if end > len(shown) // 2 else shown
    return shown, answer[len(shown) :]


def _choices(heard: Heard, memory: Memory, found: Sequence[Found], note: NoteQuestion) -> Turn:
    labels = tuple(entry.question for entry in found)
    if heard.metered:
        labels = short_labels(labels, LABEL_ROOM)
    data = {"ids": [entry.id for entry in found]}
    question = Question(CHOICE, labels=labels, zero="none_of_these", data=data)
    return Turn(replace(memory, misses=0), (Say("ask.choices", question=question),), (note,))


def _nothing(memory: Memory, note: NoteQuestion) -> Turn:
    misses = memory.misses + 1
    memory = replace(memory, misses=misses, last=None)
    if misses < OFFER_AFTER:
        return Turn(memory, (Say("ask.none_once", question=Question(OFFER, zero="person")),), (note,))
    return Turn(memory, (Say("ask.none_again", question=Question(OFFER, labels=("person",), zero="no")),), (note,))


def chosen(heard: Heard, memory: Memory, picked: Picked, query: str, entry: Found | None, office: str) -> Turn:
    """The answer to a list: the entry, a person for 0, or which numbers there are."""
    if picked.number == 0:
        return hand_over(memory, feedback=Feedback(query, helpful=False))
    if not picked.fits or entry is None:
        return Turn(memory, (Say("ask.out_of_range" if not picked.fits else "ask.stale"),))
    memory, say = show(heard, memory, entry, office, query)
    return Turn(replace(memory, misses=0), (say,), (Feedback(query, chosen=entry.id),))


def judged(memory: Memory, picked: Picked, query: str) -> Turn:
    """Was the answer of use? 1 yes, 2 no; 0 is a person at once."""
    if picked.number == 1:
        return Turn(memory, (Say("ask.thanks"),), (Feedback(query, helpful=True),))
    if picked.number == 2:
        offer = Question(OFFER, labels=("person",), zero="no")
        return Turn(memory, (Say("ask.sorry", question=offer),), (Feedback(query, helpful=False),))
    return hand_over(memory, feedback=Feedback(query, helpful=False))


def offered(memory: Memory, picked: Picked, *, zero_is_person: bool) -> Turn:
    """Yes or no to a person. After the first miss only 0 was offered, and it means a person."""
    if picked.number == (0 if zero_is_person else 1):
        return hand_over(memory)
    return Turn(replace(memory, misses=0), (Say("ask.go_on"),))


def rest(memory: Memory, office: str) -> Turn:
    """更多: what a long answer still holds."""
    if not memory.more:
        return Turn(memory, (Say("ask.no_more"),))
    shown, more = _fitting(memory.more, office)
    key = "ask.answer_sms_more" if more else "ask.answer_sms"
    return Turn(replace(memory, more=more), (Say(key, {"answer": shown}, Question(HELPFUL, zero="person")),))


def hand_over(memory: Memory, feedback: Feedback | None = None) -> Turn:
    """人工: open a consultation with all that was said, so that nothing need be said twice."""
    asked = [text for who, text in memory.recent if who == "citizen"]
    effects = (feedback,) if feedback and feedback.query else ()
    if not asked:
        return Turn(replace(memory, flow={"name": "human"}, misses=0), (Say("human.what"),), effects)
    matter = OpenMatter("consultation", asked[-1])
    return Turn(replace(memory, misses=0, flow=None, last=None), (Say("human.opened"),), (*effects, matter))


def told(memory: Memory, text: str) -> Turn:
    """The question for a person, asked for because nothing had been said yet."""
    memory = replace(remember(memory, "citizen", text), flow=None, misses=0)
    return Turn(memory, (Say("human.opened_new"),), (OpenMatter("consultation", text),))


def remember(memory: Memory, who: str, text: str) -> Memory:
    """Keep the last exchanges, for whoever takes over."""
    return replace(memory, recent=(*memory.recent, (who, text[:500]))[-KEPT_EXCHANGES:])
