"""Fan-out, pause, opt-outs, progress, preview: every recipient ends in exactly one state, nobody hears it twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from core.audit import OPERATOR
from core.people import set_consent
from notify.outbox.models import OutboxMessage
from notify.publicity import sending
from notify.publicity.models import Notice
from notify.publicity.rows_store import find_rows_by_phone
from tests.notify.publicity.conftest import ALERT, ROWS, Rig


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three, so that a few rows are many batches."""
    monkeypatch.setattr(sending, "BATCH", 3)


MANY = [[f"示例{n}", f"+1 202 555 01{n % 17:02d}", f"西河村{n % 3}组", "1", "100", "100"] for n in range(40)]


async def test_rows_of_one_phone_stay_in_one_message_wherever_a_batch_ends(rig: Rig, small_batches: None) -> None:
    notice_id = await rig.approved(MANY)
    await rig.move(notice_id, "publish")
    await rig.send()
    assert len(rig.sms.sent) == 17
    assert sorted(m.address for m in rig.sms.sent) == sorted({m.address for m in rig.sms.sent})
    recipients = await rig.recipients()
    assert [one.row for one in recipients] == list(range(1, 41))


async def test_a_batch_that_is_done_again_adds_nothing(rig: Rig, small_batches: None) -> None:
    """What a worker finds that was killed behind the outbox's commit and before its own, if that were possible."""
    notice_id = await rig.approved(MANY)
    await rig.move(notice_id, "publish")
    await rig.fire()
    before = len(await rig.messages())

    def again(session: Session) -> int:
        notice = session.get(Notice, notice_id)
        assert notice is not None
        page, _ = next(sending.row_pages(session, notice.list_id or "", "", 3))
        work = rig.publicity.work(session)
        drafts = list(sending.drafts_of_rows(notice, sending.template_of(notice), page, "sms"))
        work.outbox.put_many(session, [sending.message_of(notice, "publicity", draft) for draft in drafts])
        return len(drafts)

    assert await rig.db.write(again)
    assert len(await rig.messages()) == before


async def test_a_phone_of_very_many_households_gets_several_messages(rig: Rig) -> None:
    rows = [[f"示例{n}", "+1 202 555 0101", "西河村", "1", "100", "100"] for n in range(25)]
    notice_id = await rig.approved(rows)
    await rig.move(notice_id, "publish")
    await rig.send()
    assert len(rig.sms.sent) == 3
    assert len(await rig.recipients()) == 25


async def test_who_opted_out_is_left_out_with_the_reason(rig: Rig) -> None:
    await rig.db.write(set_consent, rig.clock(), "sms", "+12025550101", "alert", allowed=False, reason="word")
    notice_id = await rig.approved()
    preview = await rig.ok("GET", f"/notices/{notice_id}/preview")
    assert preview["refused"] == {"101": 1}
    await rig.move(notice_id, "publish")
    await rig.send()
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["reasons"] == {"101": 1, "no_phone": 1}
    report = await rig.ok("GET", f"/notices/{notice_id}/report")
    assert report["reasons"]["101"].startswith("The recipient does not want")
    told = await rig.ok("GET", f"/notices/{notice_id}/to-tell")
    assert [(one["name"], one["number"]) for one in told["items"]] == [("示例甲", 1), ("示例丁", 4)]
    assert (await rig.ok("POST", f"/notices/{notice_id}/told", json={"rows": [1, 4]}))["count"] == 2
    lines = (await rig.ok("GET", f"/notices/{notice_id}/report"))["items"]
    assert sum(line["told"] for line in lines) == 2
    file = await rig.call("GET", f"/notices/{notice_id}/to-tell.csv")
    assert "示例丁" in file.content.decode("utf-8-sig")


async def test_a_pause_holds_what_waits_in_the_outbox_and_what_is_not_there_yet(rig: Rig, small_batches: None) -> None:
    notice_id = await rig.approved(MANY)
    await rig.move(notice_id, "publish")
    await rig.timers.fire()
    await rig.move(notice_id, "pause")
    await rig.send()
    assert rig.sms.sent == []
    paused = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert (paused["state"], paused["total"], paused["by_state"]["queued"], paused["eta"]) == ("paused", 40, 40, None)
    await rig.move(notice_id, "resume")
    await rig.send()
    done = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert (done["total"], sum(done["by_state"].values()), len(rig.sms.sent)) == (40, 40, 17)


async def test_a_cancelled_sending_leaves_everybody_in_one_final_state(rig: Rig, small_batches: None) -> None:
    notice_id = await rig.approved(MANY)
    await rig.move(notice_id, "publish")
    await rig.timers.fire()
    await rig.move(notice_id, "cancel", reason="发错了")
    await rig.send()
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["by_state"] == {"cancelled": 40}
    assert rig.sms.sent == []


async def test_the_preview_shows_real_rows_segments_cost_and_what_is_strange(rig: Rig) -> None:
    notice_id = await rig.draft(text="{name}户{amount}元，见 t.cn/abc，" + "请核对。" * 40)
    await rig.upload(notice_id, [*ROWS, ["示例戊", "+1 202 555 0105", "西河村", "1", "100", ""]])
    found = await rig.ok("GET", f"/notices/{notice_id}/preview", params={"at": "2026-11-23T10:00:00+08:00"})
    assert (found["recipients"], found["messages"], found["without_phone"]) == (5, 3, 1)
    assert found["samples"][0]["text"].startswith("【阳光热线】示*")
    assert found["segments"] == sum(int(size) * n for size, n in found["by_segments"].items())
    assert float(found["estimated_cost"]) == pytest.approx(0.05 * found["segments"])
    assert {one["code"] for one in found["warnings"]} == {"shortener", "long", "missing_field"}
    assert found["missing"] == {"amount": 1}
    assert all("示例" not in sample["text"] for sample in found["samples"])
    again = await rig.ok("GET", f"/notices/{notice_id}/preview")
    assert again["digest"] == found["digest"]


async def test_a_test_goes_to_oneself_and_to_nobody_else(rig: Rig) -> None:
    notice_id = await rig.draft()
    await rig.upload(notice_id)
    assert (await rig.call("POST", f"/notices/{notice_id}/test")).status_code == 202
    await rig.send()
    assert [message.address for message in rig.chat.sent] == ["chat-editor"]
    assert rig.chat.sent[0].text.startswith("【试发】示*")
    nobody = await rig.call("POST", f"/notices/{notice_id}/test", "reviewer")
    assert nobody.status_code == 422


async def test_an_alert_goes_to_the_subscribers_and_says_how_to_hear_no_more(rig: Rig, small_batches: None) -> None:
    notice_id = await rig.approved([], **ALERT)
    await rig.move(notice_id, "publish")
    await rig.send()
    assert len(rig.sms.sent) == 30
    assert rig.sms.sent[0].text == "【阳光热线】西河村21日9点至17点停水检修，请提前储水 不再收回“退订”"
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["total"] == 30


async def test_only_what_can_succeed_is_tried_again(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.fire()

    def fail(session: Session, address: str, state: str, reason: str) -> None:
        row = next(one for one in session.exec(select(OutboxMessage)) if one.address == address)
        row.state, row.reason = state, reason
        session.add(row)

    await rig.db.write(fail, "+12025550101", "failed", "403")
    await rig.db.write(fail, "+12025550102", "undeliverable", "201")
    assert (await rig.ok("POST", f"/notices/{notice_id}/retry"))["count"] == 1


async def test_households_confirm_first_and_the_township_reviews(rig: Rig) -> None:
    notice_id = await rig.approved(confirm_first=True)
    early = await rig.call("POST", f"/notices/{notice_id}/publish")
    assert early.json()["error"] == "NotReviewed"
    assert (await rig.move(notice_id, "ask"))["state"] == "confirming"
    await rig.send()
    assert "对的回“确认”，不对回“有误”加原因" in rig.sms.sent[0].text
    found = await rig.db.read(rows_by, "+12025550101")
    await rig.db.write(rig.publicity.confirm_row, found, OPERATOR, "sms")
    other = await rig.db.read(rows_by, "+12025550102")
    await rig.db.write(rig.publicity.dispute_row, other, "我家是4.5亩", OPERATOR, "sms")
    await rig.ok("POST", f"/notices/{notice_id}/rows/4/answer", json={"said": "confirmed"})
    assert await rig.ok("GET", f"/notices/{notice_id}/confirmations") == {
        "": 1,
        "confirmed": 2,
        "disputed": 1,
        "open": 1,
    }
    open_row = await rig.call("POST", f"/notices/{notice_id}/reviewed", "reviewer")
    assert open_row.json()["error"] == "NotReviewed"
    disputed = (await rig.ok("GET", f"/notices/{notice_id}/rows?disputed=true"))["items"]
    assert disputed[0]["dispute"] == "我家是4.5亩"
    number = disputed[0]["number"]
    body = {"quantity": "4.5", "amount": "450"}
    await rig.ok("POST", f"/notices/{notice_id}/rows/{number}/review", "reviewer2", json=body)
    reviewed = await rig.move(notice_id, "reviewed", "reviewer2")
    assert (reviewed["state"], reviewed["beneficiaries"]["amount"]) == ("draft", "1350")
    await rig.move(notice_id, "submit")
    late = await rig.call("POST", f"/notices/{notice_id}/approve", "reviewer2")
    assert late.json()["error"] == "SamePerson"
    await rig.move(notice_id, "approve", "reviewer")
    assert (await rig.move(notice_id, "publish"))["state"] == "sending"


async def test_households_are_no_longer_asked_when_the_text_changes(rig: Rig) -> None:
    notice_id = await rig.approved(confirm_first=True)
    await rig.move(notice_id, "ask")
    await rig.fire()
    assert (await rig.ok("PATCH", f"/notices/{notice_id}", json={"title": "改过"}))["state"] == "draft"
    await rig.send()
    assert rig.sms.sent == []
    assert {row.state for row in await rig.messages()} == {"cancelled"}


def rows_by(session: Session, address: str) -> int:
    return find_rows_by_phone(session, address)[0].row.id or 0


async def test_not_my_number_takes_it_out_at_once_and_the_household_is_told_in_person(rig: Rig) -> None:
    notice_id = await rig.approved()
    assert await rig.db.write(rig.publicity.remove_number, "+12025550101", OPERATOR) == [notice_id]
    await rig.move(notice_id, "publish")
    await rig.send()
    assert "+12025550101" not in {message.address for message in rig.sms.sent}
    told = await rig.ok("GET", f"/notices/{notice_id}/to-tell")
    assert told["items"][0]["reason"].startswith("The number was somebody else's")


async def test_a_number_that_is_not_theirs_gets_nothing_that_waits(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.fire()
    await rig.db.write(rig.publicity.remove_number, "+12025550101", OPERATOR)
    await rig.send()
    assert "+12025550101" not in {message.address for message in rig.sms.sent}


async def test_figures_of_a_time_come_as_json_csv_and_workbook(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.send()
    rig.objections[notice_id] = 2
    line: dict[str, Any] = (await rig.ok("GET", "/stats/notices"))["items"][0]
    assert (line["key"], line["published"], line["households"], line["amount"]) == ("耕地地力保护补贴", 1, 4, "1100")
    assert (line["recipients"], line["not_reached"], line["objections_open"]) == (4, 1, 2)
    by_channel = (await rig.ok("GET", "/stats/notices?by=channel"))["items"]
    assert {one["key"]: one["recipients"] for one in by_channel} == {"": 1, "sms": 3}
    assert (await rig.call("GET", "/stats/notices.csv")).content.startswith(b"\xef\xbb\xbfkey,")
    for path in ("/stats/notices.xlsx", f"/notices/{notice_id}/report.xlsx"):
        assert (await rig.call("GET", path)).content.startswith(b"PK")


async def test_the_time_left_follows_the_real_speed(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    rig.clock.advance(timedelta(seconds=1))
    await rig.fire()
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["segments"] > 0
    assert found["segments_done"] == 0
