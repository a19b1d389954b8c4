"""Who sees what: reports, confidential and anonymous matters, other units, access codes."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.hotline.barrier import Guarded, may_see, may_see_identity
from bot.hotline.listing import Filter
from bot.hotline.office import CLOCK
from bot.hotline.service import Code, Sender
from bot.hotline.words import Action, Kind
from core.audit import AuditEntry
from core.errors import BadInput, Forbidden, NotFound, TooMany
from core.people import Role
from tests.bot.hotline.conftest import ANSWER, CITIZEN, Rig, staff

AGENT, BOSS = staff("示例甲", Role.AGENT), staff("示例戊", Role.SUPERVISOR)
LAMPS, WATER = staff("示例丙", Role.HANDLER, unit="lamps"), staff("示例丁", Role.HANDLER, unit="water")
AGENT_OF_LAMPS = staff("示例辛", Role.AGENT, unit="lamps")
ME = Sender("memory", CITIZEN)
AUDITOR = staff("示例壬", Role.AUDITOR)


@pytest.mark.parametrize(
    ("who", "matter", "sees", "identity"),
    [
        (AGENT, Guarded(False, False, ()), True, True),
        (AGENT, Guarded(True, False, ()), True, True),
        (LAMPS, Guarded(False, False, ("lamps",)), True, True),
        (LAMPS, Guarded(True, False, ("lamps",)), True, False),
        (LAMPS, Guarded(False, False, ("water",)), False, False),
        (LAMPS, Guarded(False, False, ()), False, False),
        (LAMPS, Guarded(True, False, ("lamps",), "lamps"), False, False),
        (AGENT_OF_LAMPS, Guarded(True, False, (), "lamps"), False, False),
        (BOSS, Guarded(True, False, (), "lamps"), True, True),
        (BOSS, Guarded(False, True, ()), True, False),
        (WATER, Guarded(False, False, ("lamps", "water")), True, True),
        (AUDITOR, Guarded(False, False, ()), False, False),
    ],
)
def test_the_barrier(who: object, matter: Guarded, sees: bool, identity: bool) -> None:
    assert may_see(who, matter) is sees  # type: ignore[arg-type]
    assert may_see_identity(who, matter) is identity  # type: ignore[arg-type]


async def _report(rig: Rig) -> str:
    opened = await rig.open(Kind.REPORT, "示例村有人骗领补贴", name="示例癸", phone="+12025550123")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="lamps")
    return opened.number


async def test_the_unit_of_a_report_never_sees_who_wrote(rig: Rig) -> None:
    number = await _report(rig)
    seen = await rig.db.read(rig.hotline.show, number, rig.handler)
    assert (seen.identity, seen.name, seen.phone, seen.channel) == ("hidden", None, None, "")
    assert seen.text == "示例村有人骗领补贴", "what is to be looked into it must know"
    with pytest.raises(Forbidden):
        await rig.db.write(rig.hotline.identity, number, rig.handler)
    assert "示例癸" not in seen.model_dump_json()
    assert CITIZEN not in seen.model_dump_json()


async def test_each_look_at_an_identity_is_in_the_audit_trail(rig: Rig) -> None:
    number = await _report(rig)
    found = await rig.db.write(rig.hotline.identity, number, rig.agent, "要回电")
    assert (found.name, found.phone) == ("示例癸", "+12025550123")

    def looks(session: Session) -> list[AuditEntry]:
        return list(session.exec(select(AuditEntry).where(AuditEntry.action == "matter.identity")))

    (look,) = await rig.db.read(looks)
    assert (look.actor, look.subject) == (rig.agent.ref, f"matter:{number}")


async def test_outside_the_console_a_protected_matter_is_a_number_and_nothing_else(rig: Rig) -> None:
    number = await _report(rig)
    await rig.do(number, Action.SIGN, rig.handler)
    await rig.do(number, Action.REPLY, rig.handler, text=ANSWER, finding="true")
    await rig.do(number, Action.CHECK, rig.other)
    rows = await rig.sent()
    assert {row.kind for row in rows} >= {"staff_dispatched", "matter_private"}
    for row in rows:
        assert "补贴" not in row.text
        assert ANSWER not in row.text


async def test_texts_names_and_phones_of_protected_matters_are_ciphertext_in_the_database(rig: Rig) -> None:
    await _report(rig)
    await rig.open(Kind.HELP, "老人要上门认证", name="示例癸", phone="+12025550123", confidential=True)

    def everything(session: Session) -> str:
        tables = ("matter", "matter_event", "matter_reply", "outbox_message", "audit_entry", "dispatch")
        return "".join(str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in tables)  # noqa: S608

    kept = await rig.db.read(everything)
    for secret in ("骗领", "上门认证", "示例癸", "2025550123", CITIZEN):
        assert secret not in kept


async def test_other_texts_stay_searchable_for_staff(rig: Rig) -> None:
    lamp = await rig.open(Kind.COMPLAINT, "西河村口路灯坏了三天")
    await rig.open(Kind.REPORT, "路灯采购有人吃回扣")
    rows, _ = await rig.db.read(rig.hotline.queue, rig.agent, Filter(q="路灯"), 10)
    assert [row.number for row in rows] == [lamp.number]


async def test_a_handler_lists_only_the_matters_of_the_own_unit(rig: Rig) -> None:
    mine = await rig.in_a_unit()
    await rig.open(Kind.COMPLAINT, "别的事情没有派")
    rows, _ = await rig.db.read(rig.hotline.queue, rig.handler, Filter(), 10)
    assert [row.number for row in rows] == [mine.number]
    rows, _ = await rig.db.read(rig.hotline.queue, rig.stranger, Filter(), 10)
    assert rows == []


async def test_the_unit_a_matter_is_about_never_gets_it(rig: Rig) -> None:
    opened = await rig.open(Kind.COMPLAINT, "窗口人员态度很差", about_unit="lamps")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    with pytest.raises(BadInput):
        await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="城管局")


async def test_an_unknown_unit_is_named_and_opens_nothing(rig: Rig) -> None:
    with pytest.raises(BadInput) as refused:
        await rig.open(Kind.COMPLAINT, "窗口人员态度很差", about_unit="没有的局")
    assert refused.value.fields == {"about_unit": "unknown"}


async def test_an_anonymous_matter_keeps_nothing_of_its_sender(rig: Rig) -> None:
    opened = await rig.open(Kind.REPORT, "工地半夜施工", anonymous=True, name="示例癸", phone="+12025550123")
    matter = await rig.matter(opened.number)
    assert (matter.name, matter.phone, matter.reply_address, matter.reply_index) == (None, None, None, "")
    view = await rig.db.read(rig.hotline.view, opened.number, Code(opened.code, "192.0.2.1"))
    assert view.state == "submitted"


async def test_a_phone_that_was_only_given_is_never_the_same_sender_and_hears_nothing_confidential(rig: Rig) -> None:
    opened = await rig.open(
        Kind.HELP, "想申请临时救助", reply_to=None, phone="+12025550123", confidential=True, source="web", tell=True
    )
    (receipt,) = await rig.sent("matter_received_private")
    assert (receipt.channel, receipt.address) == ("paper", "+12025550123")
    assert opened.code not in receipt.text
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.REPLY, rig.agent, text=ANSWER)
    assert all(ANSWER not in row.text for row in await rig.sent())


async def test_wrong_code_and_unknown_number_answer_alike_and_then_lock(rig: Rig) -> None:
    opened = await rig.open()
    wrong = "000000" if opened.code != "000000" else "000001"
    answers = []
    for number in (opened.number, "26119999"):
        with pytest.raises(NotFound) as refused:
            await rig.db.read(rig.hotline.view, number, Code(wrong, f"192.0.2.{len(answers)}"))
        answers.append(refused.value.detail)
    assert answers[0] == answers[1]
    for n in range(4):
        with pytest.raises(NotFound):
            await rig.db.read(rig.hotline.view, opened.number, Code(wrong, f"198.51.100.{n}"))
    with pytest.raises(TooMany):
        await rig.db.read(rig.hotline.view, opened.number, Code(opened.code, "203.0.113.9"))
    rig.later(minutes=15)
    assert (await rig.db.read(rig.hotline.view, opened.number, Code(opened.code, "203.0.113.9"))).can


async def test_many_numbers_from_one_address_lock_that_address(rig: Rig) -> None:
    numbers = [(await rig.open()).number for _ in range(6)]
    for number in numbers[:5]:
        with pytest.raises(NotFound):
            await rig.db.read(rig.hotline.view, number, Code("x", "192.0.2.1"))
    with pytest.raises(TooMany):
        await rig.db.read(rig.hotline.view, numbers[5], Code("x", "192.0.2.1"))


async def test_a_person_gets_and_erases_what_is_over_and_nothing_that_is_at_work(rig: Rig) -> None:
    over = await rig.open(Kind.COMPLAINT, "广场舞太吵了", name="示例癸", phone="+12025550123")
    await rig.db.write(rig.hotline.withdraw, over.number, ME)
    open_one = await rig.open(Kind.HELP, "老人要上门认证")
    exported = await rig.db.read(rig.hotline.export_person, ME)
    assert [one["text"] for one in exported] == ["广场舞太吵了", "老人要上门认证"]
    erased, left = await rig.db.write(rig.hotline.erase_person, ME, CLOCK)
    assert (erased, left) == (1, [open_one.number])
    matter = await rig.matter(over.number)
    assert (matter.name, matter.phone, matter.reply_address, matter.state) == (None, None, None, "withdrawn")
    assert "广场舞" not in matter.body + matter.title
    assert await rig.db.write(rig.hotline.purge, dry_run=True) == 0


async def test_the_web_form_cannot_flood_a_strangers_phone(rig: Rig) -> None:
    for _ in range(5):
        await rig.open(Kind.HELP, "老人要上门认证", reply_to=None, phone="+12025550199", source="web", tell=True)
    assert len(await rig.sent("matter_received_answer")) == 3
