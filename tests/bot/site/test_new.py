"""Handing in a matter by the form: nothing is lost, nothing is registered twice, nobody is named who must not be."""

import asyncio

import pytest
from sqlmodel import Session

from bot.site import drafts, tidy
from bot.site.handing import Sheet
from core.clock import ManualClock
from tests.bot.site.counter import COMPLAINT, JPEG, Counter, codes, hidden


async def test_a_matter_is_handed_in_and_number_and_code_are_shown(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(name="示例壬", phone="+1 202 555 0133", place="西河村三组路口")
        number, code = codes(page.text)
        assert str(page.url).endswith("/new/done")
        assert code not in str(page.url)
        again = await browser.get("/new/done")
        assert codes(again.text) == (number, code)
    (matter,) = await counter.matters()
    assert (matter.number, matter.kind, matter.source) == (number, "complaint", "web")
    assert (matter.name, matter.phone, matter.place) == ("示例壬", "+12025550133", {"address": "西河村三组路口"})
    assert [row.kind for row in await counter.rig.sent()] == ["matter_received"]


async def test_what_does_not_fit_is_said_beside_the_field_and_nothing_is_lost(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(kind="", phone="12", title="长" * 81, name="示例壬")
        assert page.status_code == 422
        for words in ("请选是哪一类", "电话号码好像不对", "这里最多写 80 字", COMPLAINT["text"], "示例壬", "长" * 81):
            assert words in page.text
        assert 'href="#field-phone"' in page.text
    assert await counter.matters() == []


async def test_photos_are_kept_while_something_else_is_put_right(counter: Counter) -> None:
    async with counter.browser() as browser:
        sent = [("files", ("a.jpg", JPEG, "image/jpeg")), ("files", ("b.jpg", JPEG + b"b", "image/jpeg"))]
        page = await browser.hand_in(sent, kind="")
        assert "a.jpg" in page.text
        done = await browser.send(page, "/new", **COMPLAINT, drop=(await counter.files())[0].id)
        assert "收到文件 1 个" in done.text
    (matter,), (file,) = await counter.matters(), await counter.files()
    assert file.owner == f"matter:{matter.id}"
    assert await counter.content(file) == JPEG + b"b"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<html>", "不是照片"), (b"", "空文件"), (JPEG + b"\0" * 10_000_000, "超过 10 MB")],
    ids=["kind", "empty", "large"],
)
async def test_a_file_that_is_not_kept_is_named(counter: Counter, content: bytes, words: str) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in([("files", ("odd.jpg", content, "image/jpeg"))])
        assert page.status_code == 422
        assert words in page.text
        assert "odd.jpg" in page.text
    assert await counter.matters() == []


async def test_more_files_than_a_matter_takes_are_left_out(counter: Counter) -> None:
    async with counter.browser() as browser:
        sent = [("files", (f"{n}.jpg", JPEG + bytes([n]), "image/jpeg")) for n in range(11)]
        page = await browser.hand_in(sent)
        assert "最多收 10 个文件" in page.text
        done = await browser.send(page, "/new", **COMPLAINT)
        assert "收到文件 10 个" in done.text


async def test_a_form_sent_twice_is_one_matter_and_the_same_code(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.get("/new")
        first, second = await asyncio.gather(*(browser.send(page, "/new", **COMPLAINT) for _ in range(2)))
        assert codes(first.text) == codes(second.text)
        third = await browser.send(page, "/new", **(COMPLAINT | {"text": "另一件事：东街井盖不见了"}))
        assert codes(third.text) != codes(first.text)
    assert len(await counter.matters()) == 2


async def test_an_anonymous_matter_keeps_nothing_of_its_sender(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(
            way="anonymous", name="示例壬", phone="+12025550133", home_visit="1", whom="family"
        )
        assert "匿名反映" in page.text
    (matter,) = await counter.matters()
    assert matter.anonymous
    assert (matter.name, matter.phone, matter.for_person, matter.reply_address) == (None, None, None, None)
    assert await counter.rig.sent() == []


@pytest.mark.parametrize("more", [{"way": "confidential"}, {"kind": "report"}])
async def test_confidential_matters_and_reports_say_that_they_are(counter: Counter, more: dict[str, str]) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(**more)
        assert "只有热线知道您是谁" in page.text
        followed = await browser.get(f"/t/{codes(page.text)[0]}")
        assert COMPLAINT["text"] not in followed.text
    (matter,) = await counter.matters()
    assert matter.protected
    assert matter.text == ""


async def test_a_relative_is_kept_apart_from_the_contact(counter: Counter) -> None:
    async with counter.browser() as browser:
        family = {"whom": "family", "for_person": "外婆，84岁", "for_phone": "+12025550144", "phone": "+12025550133"}
        await browser.hand_in(kind="help", place="东河村三组", home_visit="1", **family)
    (matter,) = await counter.matters()
    assert (matter.for_person, matter.for_phone, matter.phone) == ("外婆，84岁", "+12025550144", "+12025550133")


async def test_a_visit_needs_an_address_and_a_telephone(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(home_visit="1")
        assert "要上门，请写住址" in page.text


async def test_danger_is_answered_with_the_number_to_call_first(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(kind="help", text="救命 隔壁着火了 东街12号")
        assert page.text.index("请马上打 119") < page.text.index("编号")
        hint = await browser.client.post("/new/hints", data={"text": "隔壁着火了", "kind": "help"})
    assert hint.status_code == 403
    (matter,) = await counter.matters()
    assert matter.emergency == "fire"


async def test_while_writing_answers_that_are_there_already_are_offered(counter: Counter) -> None:
    async with counter.browser() as browser:
        csrf = hidden((await browser.get("/new")).text, "/new")["csrf"]
        headers, fire = {"X-CSRF-Token": csrf}, {"text": "隔壁着火了", "kind": "complaint"}
        hint = await browser.client.post("/new/hints", data={"text": "社保卡丢了", "kind": "help"}, headers=headers)
        assert [one["question"] for one in hint.json()["answers"]] == ["社会保障卡丢失怎么补办？"]
        fire = await browser.client.post(
            "/new/hints", data={"text": "隔壁着火了", "kind": "complaint"}, headers=headers
        )
        assert fire.json() == {"call": "119", "answers": []}


async def test_what_is_missing_is_asked_for_once_on_the_page_that_follows(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in(text="垃圾没人管")
        assert all(words in page.text for words in ("在哪里", "哪天起", "希望怎么解决"))
        whole = await browser.hand_in()
        assert "补上这几样" not in whole.text


async def test_another_site_s_form_is_not_taken(counter: Counter) -> None:
    async with counter.browser(**{"Sec-Fetch-Site": "cross-site"}) as browser:
        page = await browser.hand_in()
        assert page.status_code == 403
        assert COMPLAINT["text"] in page.text
    assert await counter.matters() == []


async def test_too_many_at_once_are_told_to_wait_and_keep_their_words(counter: Counter) -> None:
    async with counter.browser() as browser:
        for n in range(20):
            await browser.hand_in(text=f"第{n}件：路灯坏了")
        page = await browser.hand_in()
        assert page.status_code == 429
        assert COMPLAINT["text"] in page.text


async def test_a_broken_upload_is_told_without_registering_anything(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.hand_in([("files", (f"{n}.jpg", JPEG, "image/jpeg")) for n in range(61)])
        assert page.status_code == 400
        assert "这次传送没有成功" in page.text


async def test_files_nobody_sends_off_are_forgotten_after_a_day(counter: Counter) -> None:
    async with counter.browser() as browser:
        await browser.hand_in([("files", ("a.jpg", JPEG, "image/jpeg"))], kind="")
        await browser.hand_in([("files", ("b.jpg", JPEG, "image/jpeg"))])
    counter.clock.advance(drafts.KEPT * 2)

    def purge(session: Session) -> int:
        return tidy.purge(session, counter.clock())

    await counter.db.write(purge)
    assert [file.owner.split(":")[0] for file in await counter.files()] == ["matter"]


async def test_without_a_receipt_the_last_page_leads_to_the_door(counter: Counter, clock: ManualClock) -> None:
    async with counter.browser() as browser:
        assert str((await browser.get("/new/done")).url).endswith("/t")
        await browser.hand_in()
        clock.advance(drafts.KEPT)
        assert str((await browser.get("/new/done")).url).endswith("/t")


def test_a_position_that_makes_no_sense_is_none() -> None:
    places = [("31.2304", "121.4737"), ("", ""), ("91", "0"), ("nan", "1"), ("x", "1"), ("1e999", "0")]
    found = [Sheet("id", lat=lat, lon=lon).position for lat, lon in places]
    assert found == [(31.2304, 121.4737), None, None, None, None, None]
