"""The publication register: entered, approved by another, published, found by 文号, overdue and stale ones told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, Conflict, NotFound, SamePerson
from core.ids import new_id
from core.office_hours import OfficeHours
from core.people import Person, Role
from core.sheet_out import as_csv
from notify.publicity import consulting, register
from notify.publicity.register import Filter, Register, number_key
from tests.bot.posted import post

EDITOR = Principal(ref="a-1", name="示例甲", roles=frozenset({Role.EDITOR}), via="console", person_id="p-1")
REVIEWER = Principal(ref="a-2", name="示例乙", roles=frozenset({Role.REVIEWER}), via="console", person_id="p-2")
ENTRY: dict[str, Any] = {
    "number": "示发〔2026〕12号",
    "title": "防汛应急预案",
    "attribute": "open",
    "topic": "应急管理",
}


@dataclass
class Deadline:
    id: str
    due_at: datetime


@dataclass
class Deadlines:
    """Stands for sign-off: what was opened and what was met."""

    opened: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def open_publication(
        self, _session: Session, subject: str, person_id: str, _who: Principal, formed_at: datetime | None
    ) -> Deadline:
        self.opened.append(f"{person_id}: {subject}")
        return Deadline(new_id(), formed_at or datetime.now(UTC))

    def deadline_done(self, _session: Session, deadline_id: str, _who: Principal) -> None:
        if deadline_id in self.met:
            raise Conflict("done")
        self.met.append(deadline_id)


@dataclass
class Shelf:
    db: Database
    clock: ManualClock
    deadlines: Deadlines
    entries: Register

    async def add(self, **more: Any) -> str:
        return (await self.db.write(self.entries.add, ENTRY | more, EDITOR)).id


def _shelf(db: Database, clock: ManualClock) -> Shelf:
    deadlines = Deadlines()
    return Shelf(db, clock, deadlines, Register(clock, OfficeHours.parse(), deadlines))


@pytest.fixture
async def shelf(db: Database, clock: ManualClock) -> Shelf:
    made = _shelf(db, clock)
    await db.write(lambda s: s.add(Person(id="p-1", staff_no="007", name="示例甲", created_at=clock())))
    return made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> Shelf:
    return _shelf(sqlite_db, clock)


async def test_an_entry_is_approved_by_another_person_and_published_within_its_limit(shelf: Shelf) -> None:
    id_ = await shelf.add(editor="007")
    row = await shelf.db.read(shelf.entries.find, id_)
    assert shelf.entries.lines([row])[0][11:13] == ["2026-12-14", "2026-12-21"], "15 and 20 working days"
    assert shelf.deadlines.opened == ["p-1: 防汛应急预案 示发〔2026〕12号"]
    with pytest.raises(SamePerson):
        await shelf.db.write(shelf.entries.approve, id_, EDITOR)
    with pytest.raises(Conflict):
        await shelf.db.write(shelf.entries.publish, id_, "县政府网站", EDITOR)
    await shelf.db.write(shelf.entries.approve, id_, REVIEWER)
    await shelf.db.write(shelf.entries.publish, id_, "县政府网站", EDITOR)
    assert len(shelf.deadlines.met) == 1
    with pytest.raises(Conflict):
        await shelf.db.write(shelf.entries.change, id_, ENTRY | {"title": "另一份"}, EDITOR)


async def test_what_is_public_is_found_by_its_number_however_it_is_written(shelf: Shelf) -> None:
    id_ = await shelf.add()
    await shelf.add(number="示发〔2026〕13号", title="内部通讯录", attribute="closed", reason="涉及个人隐私")
    assert await shelf.db.read(shelf.entries.public, "", "", 10) == []
    await shelf.db.write(shelf.entries.approve, id_, REVIEWER)
    await shelf.db.write(shelf.entries.publish, id_, "县政府网站", EDITOR)
    for words in ("示发〔2026〕12号", "示发[2026]12号", "示发2026 12", "〔2026〕12号", "防汛", "应急管理"):
        assert [row.id for row in await shelf.db.read(shelf.entries.public, words, "", 10)] == [id_], words
    assert await shelf.db.read(shelf.entries.public, "通讯录", "", 10) == []
    assert number_key("示发〔2026〕１２号") == number_key("示发[2026] 12")


async def test_a_change_voids_the_approval(small: Shelf) -> None:
    id_ = await small.add()
    await small.db.write(small.entries.approve, id_, REVIEWER)
    changed = await small.db.write(small.entries.change, id_, ENTRY | {"title": "防汛应急预案（修订）"}, EDITOR)
    assert (changed.approved_at, changed.approver) == (None, "")


async def test_overdue_and_stale_ones_stand_out_and_the_editor_gets_a_deadline_once(shelf: Shelf) -> None:
    id_ = await shelf.add(cycle="periodic", cycle_days=90, editor="p-1")
    shelf.clock.set(datetime(2026, 12, 20, 2, tzinfo=UTC))
    assert [row.id for row in await shelf.db.read(shelf.entries.listed, Filter("overdue"))] == [id_]
    await shelf.db.write(shelf.entries.approve, id_, REVIEWER)
    await shelf.db.write(shelf.entries.publish, id_, "县政府网站", EDITOR)
    assert await shelf.db.write(shelf.entries.sweep) == 0
    shelf.clock.advance(timedelta(days=91))
    assert [row.id for row in await shelf.db.read(shelf.entries.listed, Filter("stale"))] == [id_]
    assert await shelf.db.write(shelf.entries.sweep) == 1
    assert await shelf.db.write(shelf.entries.sweep) == 0
    assert shelf.deadlines.opened[-1].startswith("p-1: 更新：防汛应急预案")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"attribute": "secret"}, "attribute"),
        ({"attribute": "closed"}, "reason"),
        ({"cycle": "periodic"}, "cycle_days"),
        ({"cycle": "daily"}, "cycle"),
        ({"title": " "}, "title"),
        ({"editor": "nobody"}, "editor"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_field(small: Shelf, change: dict[str, Any], name: str) -> None:
    with pytest.raises(BadInput) as refused:
        await small.add(**change)
    assert list(refused.value.fields) == [name]


async def test_the_register_as_a_file_has_a_head_and_one_line_for_each(small: Shelf) -> None:
    await small.add(title="=1+1")
    rows = await small.db.read(small.entries.listed, Filter())
    text = as_csv(register.HEAD, small.entries.lines(rows)).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("文号,标题,主题")
    assert "'=1+1" in text


# --- what became of the opinions on a consultation


async def test_feedback_is_written_by_one_and_made_public_by_another(db: Database, clock: ManualClock) -> None:
    notice = await db.write(lambda s: post(s, clock, kind="consultation", title="农贸市场搬迁方案", rows=()))

    def write(session: Session, text: str, adopted: int) -> str:
        made = consulting.write(session, clock(), notice, text, opinions=7, adopted=adopted, who=EDITOR)
        return made.state

    with pytest.raises(BadInput):
        await db.write(write, "采纳八条", 8)
    assert await db.write(write, "采纳三条", 3) == "draft"
    with pytest.raises(SamePerson):
        await db.write(lambda s: consulting.publish(s, clock(), notice, EDITOR))
    published = await db.write(lambda s: consulting.publish(s, clock(), notice, REVIEWER))
    assert (published.state, published.opinions, published.adopted) == ("published", 7, 3)
    with pytest.raises(Conflict):
        await db.write(write, "再改", 1)


async def test_only_a_consultation_has_feedback(sqlite_db: Database, clock: ManualClock) -> None:
    notice = await sqlite_db.write(post, clock)
    with pytest.raises(NotFound):
        await sqlite_db.write(
            lambda s: consulting.write(s, clock(), notice, "采纳三条", opinions=3, adopted=3, who=EDITOR)
        )
