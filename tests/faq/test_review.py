"""From draft to published: another person approves, and what is live stays until then."""

from typing import Any

import pytest
from sqlmodel import Session

from core.clock import ManualClock
from core.db import Database
from core.errors import AppError, BadInput, Conflict, NotFound, SamePerson, StaleVersion
from faq import review, store
from faq.models import FaqEntry
from faq.review import IllegalMove
from tests.faq.kb import CARD, EDITOR, REVIEWER, acts, draft, publish


def _live(session: Session) -> dict[str, str]:
    return {entry.id: entry.content.answer for entry in store.published(session)}


def _entry(session: Session, entry_id: str = "card") -> FaqEntry:
    return store.find(session, entry_id)


def _edit(session: Session, clock: ManualClock, values: dict[str, Any], **more: Any) -> FaqEntry:
    content = review.checked(values, store.content_of(_entry(session)))
    return review.edit(session, clock(), more.pop("author", EDITOR), "card", content, **more)


async def test_an_entry_is_answered_from_only_after_another_person_approved_it(
    db: Database, clock: ManualClock
) -> None:
    await db.write(draft, clock(), "card", CARD)
    await db.write(review.submit, clock(), EDITOR, "card")
    assert await db.read(_live) == {}
    with pytest.raises(SamePerson):
        await db.write(review.approve, clock(), EDITOR, "card")
    entry = await db.write(review.approve, clock(), REVIEWER, "card")
    assert (entry.state, entry.live_version, entry.reviewer) == ("published", 1, "person-b")
    assert await db.read(_live) == {"card": CARD["answer"]}
    assert await db.read(acts) == ["faq.create", "faq.submit", "faq.approve"]


async def test_while_an_edit_is_reviewed_the_published_text_stays(db: Database, clock: ManualClock) -> None:
    await db.write(publish, clock(), "card", CARD)
    edited = await db.write(_edit, clock, {"answer": "新的答复。"})
    assert (edited.state, edited.version, edited.live_version) == ("draft", 2, 1)
    assert await db.read(_live) == {"card": CARD["answer"]}
    await db.write(review.submit, clock(), EDITOR, "card")
    await db.write(review.approve, clock(), REVIEWER, "card")
    assert await db.read(_live) == {"card": "新的答复。"}


async def test_whoever_wrote_any_part_of_a_draft_cannot_approve_it(db: Database, clock: ManualClock) -> None:
    await db.write(draft, clock(), "card", CARD)
    await db.write(_edit, clock, {"unit": "人社局"}, author=REVIEWER)
    await db.write(review.submit, clock(), REVIEWER, "card")
    for author in (EDITOR, REVIEWER):
        with pytest.raises(SamePerson):
            await db.write(review.approve, clock(), author, "card")


async def test_an_edit_takes_an_entry_out_of_review(db: Database, clock: ManualClock) -> None:
    await db.write(draft, clock(), "card", CARD)
    await db.write(review.submit, clock(), EDITOR, "card")
    await db.write(_edit, clock, {"answer": "改过了。"})
    with pytest.raises(IllegalMove):
        await db.write(review.approve, clock(), REVIEWER, "card")


async def test_who_looked_at_an_older_version_is_told(db: Database, clock: ManualClock) -> None:
    await db.write(draft, clock(), "card", CARD)
    await db.write(_edit, clock, {"answer": "第二版。"}, version=1)
    with pytest.raises(StaleVersion):
        await db.write(_edit, clock, {"answer": "也是第二版。"}, version=1)
    with pytest.raises(StaleVersion):
        await db.write(review.submit, clock(), EDITOR, "card", version=1)


async def test_every_version_is_kept_whole_with_who_and_why(db: Database, clock: ManualClock) -> None:
    await db.write(publish, clock(), "card", CARD)
    await db.write(_edit, clock, {"answer": "第二版。"}, why="电话变了")
    newest, first = await db.read(store.versions, "card")
    assert (newest.content["answer"], newest.why, newest.approved_by) == ("第二版。", "电话变了", "")
    assert (first.content["aliases"], first.author, first.approved_by) == (CARD["aliases"], "person-a", "person-b")


async def test_saving_without_a_change_makes_no_version(db: Database, clock: ManualClock) -> None:
    await db.write(publish, clock(), "card", CARD)
    same = await db.write(_edit, clock, {"answer": CARD["answer"]})
    assert (same.state, same.version) == ("published", 1)


async def test_a_rejected_draft_goes_back_with_the_reason(db: Database, clock: ManualClock) -> None:
    await db.write(draft, clock(), "card", CARD)
    await db.write(review.submit, clock(), EDITOR, "card")
    entry = await db.write(review.reject, clock(), REVIEWER, "card", "缺依据")
    assert entry.state == "draft"
    assert (await db.read(acts))[-1] == "faq.reject"


async def test_an_archived_entry_is_gone_from_the_answers_and_an_edit_brings_it_back_as_a_draft(
    db: Database, clock: ManualClock
) -> None:
    await db.write(publish, clock(), "card", CARD)
    archived = await db.write(review.archive, clock(), EDITOR, "card")
    assert (archived.state, archived.live_version) == ("archived", None)
    assert await db.read(_live) == {}
    back = await db.write(_edit, clock, {"answer": CARD["answer"]})
    assert (back.state, back.version) == ("draft", 2)


@pytest.mark.parametrize(
    ("state", "step"),
    [("draft", "approve"), ("draft", "reject"), ("in_review", "submit"), ("published", "submit"),
     ("published", "approve"), ("archived", "archive"), ("archived", "submit")],
)  # fmt: skip
async def test_any_other_step_is_refused_by_name(db: Database, clock: ManualClock, state: str, step: str) -> None:
    await db.write(draft, clock(), "card", CARD)
    if state in {"in_review", "published"}:
        await db.write(review.submit, clock(), EDITOR, "card")
    if state == "published":
        await db.write(review.approve, clock(), REVIEWER, "card")
    if state == "archived":
        await db.write(review.archive, clock(), EDITOR, "card")
    more = ("why",) if step == "reject" else ()
    with pytest.raises(IllegalMove):
        await db.write(getattr(review, step), clock(), REVIEWER, "card", *more)


@pytest.mark.parametrize(
    ("values", "entry_id", "error"),
    [
        ({**CARD, "question": " "}, "x", BadInput),
        ({**CARD, "valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "x", BadInput),
        ({**CARD, "locale": "fr"}, "x", BadInput),
        (CARD, "x" * 81, BadInput),
        (CARD, "a\x00b", BadInput),
        (CARD, "card", Conflict),
    ],
)
async def test_what_does_not_fit_is_refused(
    db: Database, clock: ManualClock, values: dict[str, Any], entry_id: str, error: type[AppError]
) -> None:
    await db.write(draft, clock(), "card", CARD)
    with pytest.raises(error):
        await db.write(lambda s: draft(s, clock(), entry_id, values))


async def test_an_unknown_entry_is_not_found(db: Database) -> None:
    for entry_id in ("nobody", "a\x00b", ""):
        with pytest.raises(NotFound):
            await db.read(store.find, entry_id)
