"""Further things staff do in chats: kept replies, opinions, decisions, visits, what comes from the grid, long lists."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.attachment_models import PendingFile
from bot.hotline import canned, site_visits
from bot.hotline.canned import CannedIn
from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.models import Matter
from bot.hotline.paging import staff_code
from bot.hotline.site_visits import VisitIn
from bot.hotline.words import Action, Kind
from core.clock import ManualClock
from core.db import Database
from core.messages import Media
from core.people import Contact, Person, address_index
from core.text import segments
from tests.bot.groups import ANSWER, HOME, IDS, ME, UNIT, Office, lamp, linked
from tests.bot.office import BOSS, HANDLER, answered, events, matters, move, phone_of, settle, staff
from tests.bot.world import built

GRID_PHONE = "+12025550159"


@pytest.fixture
async def office(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with built(sqlite_db, clock) as made:
        await sqlite_db.write(settle, made)
        await sqlite_db.write(linked, made)
        await sqlite_db.write(_grid, made.clock())
        yield Office(made)


def _grid(session: Session, now: object) -> None:
    """Somebody who looks after a grid: an official and nothing else."""
    session.add(Person(id="p-grid", name="示例辛", roles=["official"], created_at=now))
    session.flush()
    session.add(
        Contact(
            person_id="p-grid", channel="sms", address=GRID_PHONE, address_index=address_index("sms", GRID_PHONE),
            verified_at=now,
        )
    )  # fmt: skip


async def _keep(office: Office, title: str, text: str) -> None:
    def add(session: Session) -> None:
        canned.add(office.world.hotline.desk(session), staff(HANDLER), CannedIn(title=title, text=text))

    await office.world.db.write(add)


async def test_a_kept_reply_is_a_button_below_the_way_to_answer_and_is_shown_back(office: Office) -> None:
    await _keep(office, "已修好", "您好，{number}的事已由{unit}办好，请您晚上再看看，有问题打{phone}。")
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (how,) = await office.presses(HANDLER, "答复", thread)
    assert [label for _, label in how.options] == ["已修好"]
    (shown,) = await office.presses(HANDLER, "已修好", thread)
    assert f"您好，{number}的事已由城管局办好" in shown.text
    assert [label for _, label in shown.options] == ["现在发", "撤回", "修改"]


async def test_a_kept_reply_with_a_blank_is_shown_to_be_completed_and_nothing_leaves(office: Office) -> None:
    await _keep(office, "上门", "您好，师傅____月____日上门，到前先打电话给您。")
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (listed,) = await office.says(HANDLER, "常用", thread)
    assert [label for _, label in listed.options] == ["上门"]
    (shown,) = await office.presses(HANDLER, "上门", thread)
    assert "有空要填" in shown.text
    assert not [row for row in await office.world.outgoing("sms", ME) if row.kind == "matter_replied"]


async def test_by_sms_kept_replies_have_numbers(office: Office) -> None:
    await _keep(office, "已修好", "您好，已由{unit}修好，请您晚上再看看，有问题打{phone}。")
    number = await lamp(office)
    phone, code = phone_of(HANDLER), staff_code(number, f"p-{HANDLER}")
    (listed,) = await office.world.says(f"常用 {number}", "sms", phone)
    assert "1已修好" in listed
    assert segments(listed) == 1
    (echo,) = await office.world.says(f"回复 {number} {code} 常用1", "sms", phone)
    assert "您好，已由城管局修好" in echo
    assert echo.endswith("回1现在发 2撤回 3改写")


async def test_an_opinion_is_told_in_the_lead_units_topic(office: Office) -> None:
    (said,) = await office.world.says("求助 西河村口路灯坏了三天，请来修好")
    (matter,) = await matters(office.world)
    assert matter.number in said
    await move(office.world, matter.number, Action.ACCEPT)
    await move(office.world, matter.number, Action.DISPATCH, unit="water", co_units=["lamps"])
    thread = await office.thread(matter.number, UNIT)
    (card,) = await office.posts(UNIT, thread)
    assert [label for _, label in card.options] == ["签收", "写意见"]
    (how,) = await office.presses(HANDLER, "写意见", thread)
    assert "意见：" in how.text
    (done,) = await office.says(HANDLER, "意见：灯杆归我们，明早有人在场", thread)
    assert done.text == "意见已交主办单位水务局，由他们汇总答复市民。"
    await office.topics.step()
    home = await office.posts(HOME, await office.thread(matter.number, HOME))
    assert any("城管局的协办意见：灯杆归我们，明早有人在场" in post.text for post in home)


async def test_a_return_is_decided_by_a_button_in_the_hotlines_group_and_only_by_a_supervisor(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    home = await office.thread(number, HOME)
    await office.says(HANDLER, "退单：该由供电所办", thread)
    await office.topics.step()
    (refused,) = await office.presses("示例甲", "同意", home, HOME)
    assert refused.text == "这一步不归您的岗位做。"
    (done,) = await office.presses(BOSS, "同意", home, HOME)
    assert done.text == f"已同意。{number}现在是“已受理”。"


async def test_a_supervisors_own_chat_has_the_decision_as_buttons(office: Office) -> None:
    def chat_first(session: Session) -> None:
        for contact in session.exec(select(Contact).where(Contact.person_id == f"p-{BOSS}")):
            contact.position = 0 if contact.channel == "chat" else 1
            session.add(contact)

    await office.world.db.write(chat_first)
    number = await lamp(office)
    await move(office.world, number, Action.RETURN, HANDLER, reason="该由供电所办")
    (row,) = await office.world.outgoing("chat", IDS[BOSS])
    assert [label for _, label in row.options] == ["同意", "驳回"]


async def test_what_somebody_sees_on_their_round_is_registered_as_theirs(office: Office) -> None:
    (said,) = await office.world.says("网格上报 投诉东河村三组井盖坏了，老人走夜路危险", "sms", GRID_PHONE)
    (matter,) = await matters(office.world)
    assert matter.number in said
    assert (matter.kind, matter.source) == ("complaint", "网格上报")
    assert (await events(office.world, matter.number))[0][0] == "submitted"
    assert "没有查到" in (await office.world.says("网格上报 井盖坏了三天", "sms", "+12025550160"))[0], "not for anybody"


async def test_a_check_on_site_is_reported_by_sms_with_the_code(office: Office) -> None:
    number = await lamp(office)
    await move(office.world, number, Action.SIGN, HANDLER)
    await move(office.world, number, Action.REPLY, HANDLER, text=ANSWER)

    def ask(session: Session) -> None:
        at = office.world.clock() + timedelta(days=1)
        given = VisitIn(number=number, purpose="check", person="p-grid", at=at)
        site_visits.ask(office.world.hotline.desk(session), staff("示例甲"), given)

    await office.world.db.write(ask)
    (asked,) = await office.world.said("sms", GRID_PHONE)
    code = staff_code(number, "p-grid")
    assert f"核查 {number} {code} 情况" in asked
    assert "4位码" in (await office.world.says(f"核查 {number} 已办好", "sms", GRID_PHONE))[0]
    (unclear,) = await office.world.says(f"核查 {number} {code} 去过了", "sms", GRID_PHONE)
    assert "已办好 或 没办好" in unclear
    (done,) = await office.world.says(f"核查 {number} {code} 没办好 里头三盏还黑着", "sms", GRID_PHONE)
    assert "记下了" in done
    (matter,) = await matters(office.world)
    assert matter.call_by is not None


async def test_the_queue_is_read_page_by_page(office: Office) -> None:
    def open_many(session: Session) -> None:
        for n in range(20):
            new = NewMatter(kind=Kind.HELP, text=f"东街{n}号门口积水", source="web", tell=False)
            office.world.hotline.open(session, new)

    await office.world.db.write(open_many)
    first = (await office.world.says("/queue", "chat", IDS[BOSS]))[0]
    assert first.startswith("待办20件：")
    assert first.endswith("还有12件，发“/queue 2”接着看。")
    last = (await office.world.says("/queue 3", "chat", IDS[BOSS]))[0]
    assert len(last.splitlines()) == 5


# --- citizens ------------------------------------------------------------------------------------------------------


async def test_forty_open_matters_are_read_page_by_page_within_two_segments(office: Office) -> None:
    def open_many(session: Session) -> None:
        for n in range(40):
            office.world.clock.advance(timedelta(minutes=1))
            new = NewMatter(
                kind=Kind.COMPLAINT, text=f"东街{n}号路灯坏了三天", title=f"东街{n}号路灯", source="sms",
                reply_to=ReplyTo("sms", ME), tell=False,
            )  # fmt: skip
            office.world.hotline.open(session, new)

    await office.world.db.write(open_many)
    seen: list[str] = []
    (page,) = await office.world.says("查询", "sms", ME)
    assert "您有40件：1东街39号路灯" in page
    for _ in range(20):
        assert segments(page) <= 2, page
        seen.append(page)
        if "看后面" not in page:
            break
        number = page.split("，")[-1].split("看后面")[0]
        office.world.later(seconds=5)
        (page,) = await office.world.says(number, "sms", ME)
    text = "".join(seen)
    assert all(f"东街{n}号路灯" in text for n in range(40))
    (shown,) = await office.world.says("1", "sms", ME)
    assert "东街" in shown


PHOTO = Media(ref="photo-1", mime="image/jpeg", name="lamp.jpg", size=1000)


async def test_a_photo_with_words_is_added_to_the_matter_and_one_alone_to_the_only_one(office: Office) -> None:
    number = await lamp(office)
    (said,) = await office.world.says(f"补充 {number} 里头三盏也黑着", "sms", ME, media=(PHOTO,))
    assert number in said
    (alone,) = await office.world.says("", "sms", ME, media=(PHOTO,))
    assert (
        alone.startswith(f"【阳光热线】收到1份附件，已放进西河村口路灯坏了…{number}")
        or f"{number}，承办人看得到" in alone
    )

    def pending(session: Session) -> list[str]:
        return [session.get_one(Matter, row.matter_id).number for row in session.exec(select(PendingFile))]

    assert await office.world.db.read(pending) == [number, number]


async def test_a_photo_of_somebody_without_a_matter_is_asked_about(office: Office) -> None:
    (said,) = await office.world.says("", "sms", "+12025550160", media=(PHOTO,))
    assert "看不出您想问什么" in said


async def test_after_an_answer_the_question_has_buttons_in_a_chat_and_all_five_grades(office: Office) -> None:
    said = await office.world.says("求助 西河村口路灯坏了三天，请来修好", "chat", "anna")
    (matter,) = await matters(office.world)
    assert said
    await answered(office.world, matter.number)
    (row,) = [one for one in await office.world.outgoing("chat", "anna") if one.kind == "matter_replied_chat"]
    assert [label for _, label in row.options] == ["解决了", "没解决", "找人工"]
    assert "回1" not in row.text
    (asked,) = await office.world.presses("解决了")
    (last,) = [one for one in await office.world.outgoing("chat", "anna") if one.text == asked]
    assert [label for _, label in last.options] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    (thanks,) = await office.world.presses("满意")
    assert "满意" in thanks
    (matter,) = await matters(office.world)
    assert matter.state == "closed"


async def test_a_leader_checks_an_answer_by_sms_and_the_code_is_needed(office: Office) -> None:
    def led(session: Session) -> None:
        person = session.get_one(Person, f"p-{HANDLER}")
        person.leader_id = "p-grid"
        session.add(person)

    await office.world.db.write(led)
    number = await lamp(office, "投诉 西河村口路灯坏了三天，请来修好")
    await move(office.world, number, Action.SIGN, HANDLER)
    await move(office.world, number, Action.REPLY, HANDLER, text=ANSWER, finding="true")
    (asked,) = await office.world.said("sms", GRID_PHONE)
    code = staff_code(number, "p-grid")
    assert ANSWER in asked
    assert f"审核 {number} {code} 通过" in asked
    assert "4位码" in (await office.world.says(f"审核 {number} 通过", "sms", GRID_PHONE))[0]
    (passed,) = await office.world.says(f"审核 {number} {code} 通过", "sms", GRID_PHONE)
    assert ANSWER in passed
    (matter,) = await matters(office.world)
    assert matter.state == "replied"
