"""A notice from draft to final over HTTP: who may do what, when the period runs, what is refused and why."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.audit import AuditEntry
from notify.publicity.models import NoticeRevision
from notify.publicity.rows_store import find_rows_by_phone, own_row, published
from tests.notify.publicity.conftest import ALERT, BODY, ROWS, Rig


async def test_a_notice_goes_from_draft_to_final_and_every_household_is_counted_once(rig: Rig) -> None:
    notice_id = await rig.approved()
    sent = await rig.move(notice_id, "publish")
    assert sent["state"] == "sending"
    await rig.send()
    texts = {message.address: message.text for message in rig.sms.sent}
    assert texts["+12025550101"] == (
        "【阳光热线】示*甲户耕地地力保护补贴公示：3.5亩×100元＝350元，到11月30日。不对回“异议”加原因，举报12345"
    )
    assert "示*乙" in texts["+12025550102"]
    assert "示*丙" in texts["+12025550102"]
    assert texts["+12025550102"].count("异议") == 1
    assert len(rig.sms.sent) == 2
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["total"] == 4
    assert sum(found["by_state"].values()) == 4
    assert found["by_state"]["suppressed"] == 1
    assert found["reasons"] == {"no_phone": 1}
    rig.clock.advance(timedelta(seconds=10))
    await rig.fire()
    assert (await rig.ok("GET", f"/staff/notices/{notice_id}"))["state"] == "public"
    rig.clock.advance(timedelta(days=8))
    await rig.fire()
    over = await rig.ok("GET", f"/staff/notices/{notice_id}")
    assert over["state"] == "period_over"
    await rig.send()
    assert "公示期已满" in rig.chat.sent[-1].text
    rig.objections[notice_id] = 1
    refused = await rig.call("POST", f"/notices/{notice_id}/finalise")
    assert refused.status_code == 409
    assert refused.json()["error"] == "ObjectionsOpen"
    rig.objections.clear()
    assert (await rig.move(notice_id, "finalise"))["state"] == "final"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_on": "2026-11-29"}, "ends_on"),
        ({"ends_on": None}, "ends_on"),
        ({"programme": ""}, "programme"),
        ({"report_phone": " "}, "report_phone"),
        ({"text": "{name}户{bank}"}, "text"),
        ({"text": "{name"}, "text"),
        ({"previous_id": "nothing"}, "previous_id"),
        ({"emergency": True}, "emergency"),
    ],
)
async def test_a_notice_that_does_not_fit_is_refused_naming_the_field(
    rig: Rig, change: dict[str, Any], field: str
) -> None:
    answer = await rig.call("POST", "/notices", json={**BODY, **change})
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


async def test_the_author_may_not_approve_also_not_with_another_token(rig: Rig) -> None:
    notice_id = await rig.draft()
    await rig.upload(notice_id)
    await rig.move(notice_id, "submit")
    for who in ("editor", "twin"):
        answer = await rig.call("POST", f"/notices/{notice_id}/approve", who)
        assert (answer.status_code, answer.json()["error"]) == (403, "SamePerson")
    assert (await rig.move(notice_id, "approve", "reviewer"))["state"] == "approved"


async def test_who_changed_a_part_may_not_approve_either(rig: Rig) -> None:
    notice_id = str((await rig.ok("POST", "/notices", "editor2", json=BODY))["id"])
    await rig.upload(notice_id)
    await rig.move(notice_id, "submit", "editor2")
    refused = await rig.call("POST", f"/notices/{notice_id}/approve", "twin")
    assert refused.json()["error"] == "SamePerson"


async def test_approval_is_void_when_the_content_changes(rig: Rig) -> None:
    notice_id = await rig.approved()
    changed = await rig.ok("PATCH", f"/notices/{notice_id}", json={"title": "改过的标题"})
    assert (changed["state"], changed["approvals"]) == ("draft", [])
    refused = await rig.call("POST", f"/notices/{notice_id}/publish")
    assert (refused.status_code, refused.json()["error"]) == (409, "IllegalMove")
    assert (await rig.ok("PATCH", f"/notices/{notice_id}", json={"title": "改过的标题"}))["version"] == changed[
        "version"
    ]


async def test_a_new_list_voids_the_approval_too(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.upload(notice_id, ROWS[:2])
    assert (await rig.ok("GET", f"/staff/notices/{notice_id}"))["state"] == "draft"


async def test_a_second_editor_is_told_that_the_notice_has_changed(rig: Rig) -> None:
    notice_id = await rig.draft()
    await rig.ok("PATCH", f"/notices/{notice_id}", json={"title": "一", "version": 1})
    late = await rig.call("PATCH", f"/notices/{notice_id}", "editor2", json={"title": "二", "version": 1})
    assert (late.status_code, late.json()["error"]) == (409, "StaleVersion")
    assert late.json()["fields"]["version"] == "2"


async def test_an_emergency_needs_two_approvers_and_goes_urgently_at_night(rig: Rig) -> None:
    notice_id = await rig.draft(**ALERT, emergency=True)
    await rig.move(notice_id, "submit")
    assert (await rig.move(notice_id, "approve", "reviewer"))["state"] == "in_review"
    again = await rig.call("POST", f"/notices/{notice_id}/approve", "reviewer")
    assert again.json()["error"] == "SamePerson"
    assert (await rig.move(notice_id, "approve", "reviewer2"))["state"] == "approved"
    await rig.move(notice_id, "publish")
    await rig.fire()
    rows = await rig.messages()
    assert len(rows) == 30
    assert {(row.rank, row.quiet, row.kind) for row in rows} == {(0, False, "notice_emergency")}


async def test_a_period_that_would_begin_before_the_notice_is_public_is_moved_and_approved_again(rig: Rig) -> None:
    notice_id = await rig.approved()
    rig.clock.advance(timedelta(days=2))
    answer = await rig.call("POST", f"/notices/{notice_id}/publish")
    assert (answer.status_code, answer.json()["error"]) == (409, "PeriodShifted")
    assert answer.json()["fields"] == {"starts_on": "2026-11-25", "ends_on": "2026-12-02"}
    shown = await rig.ok("GET", f"/staff/notices/{notice_id}")
    assert (shown["state"], shown["starts_on"], shown["approvals"]) == ("in_review", "2026-11-25", [])
    await rig.move(notice_id, "approve", "reviewer")
    assert (await rig.move(notice_id, "publish"))["state"] == "sending"


async def test_a_scheduled_notice_goes_out_at_its_hour_and_not_before(rig: Rig) -> None:
    notice_id = await rig.approved(starts_on="2026-11-24", ends_on="2026-12-01")
    at = "2026-11-24T09:00:00+08:00"
    assert (await rig.move(notice_id, "publish", at=at))["state"] == "scheduled"
    await rig.fire()
    assert await rig.messages() == []
    rig.clock.advance(timedelta(hours=23))
    await rig.fire()
    assert (await rig.ok("GET", f"/staff/notices/{notice_id}"))["state"] == "sending"
    assert len(await rig.messages()) == 2


async def test_a_scheduled_notice_whose_day_passed_while_nothing_ran_goes_back_and_its_editor_hears_of_it(
    rig: Rig,
) -> None:
    notice_id = await rig.approved(starts_on="2026-11-24", ends_on="2026-12-01")
    await rig.move(notice_id, "publish", at="2026-11-24T09:00:00+08:00")
    rig.clock.advance(timedelta(days=3))
    await rig.send()
    shown = await rig.ok("GET", f"/staff/notices/{notice_id}")
    assert (shown["state"], shown["starts_on"], shown["ends_on"]) == ("in_review", "2026-11-26", "2026-12-03")
    assert "请重新审核" in rig.chat.sent[-1].text


async def test_a_correction_of_a_published_column_restarts_the_period_and_reaches_people_again(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.send()
    rig.clock.advance(timedelta(days=2))
    begun = await rig.move(notice_id, "correct", reason="示例甲复核为4.5亩")
    assert (begun["state"], begun["revision"]) == ("corrected", 2)
    still = await rig.db.read(published, notice_id)
    assert still is not None
    assert still.revision == 1
    row = await rig.ok("PATCH", f"/notices/{notice_id}/rows/1", json={"quantity": "4.5", "amount": "450"})
    assert (row["quantity"], row["amount"], row["name"]) == ("4.5", "450", "示*甲")
    old = await rig.db.read(own_row, still.list_id or "", "示例甲", "0101")
    assert [one.quantity for one in old] == ["3.5"]
    await rig.ok("PATCH", f"/notices/{notice_id}", json={"starts_on": "2026-11-25", "ends_on": "2026-12-02"})
    await rig.move(notice_id, "submit")
    await rig.move(notice_id, "approve", "reviewer")
    await rig.move(notice_id, "publish")
    await rig.send()
    now = await rig.db.read(published, notice_id)
    assert now is not None
    assert (now.revision, now.restarted, str(now.ends_on)) == (2, True, "2026-12-02")
    assert len(rig.sms.sent) == 4
    assert "4.5亩×100元＝450元，到12月2日" in rig.sms.sent[-1].text + rig.sms.sent[-2].text


async def test_a_correction_of_what_nobody_reads_lets_the_period_run_on(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.send()
    rig.clock.advance(timedelta(days=2))
    await rig.move(notice_id, "correct", reason="补一个号码")
    await rig.ok("PATCH", f"/notices/{notice_id}/rows/4", json={"phone": "+1 202 555 0104"})
    await rig.move(notice_id, "submit")
    await rig.move(notice_id, "approve", "reviewer")
    published_again = await rig.move(notice_id, "publish")
    assert (published_again["starts_on"], published_again["ends_on"]) == ("2026-11-23", "2026-11-30")
    revisions = await rig.db.read(lambda s: [(r.revision, r.restarted) for r in s.exec(select(NoticeRevision))])
    assert sorted(revisions) == [(1, True), (2, False)]


async def test_a_cancelled_notice_is_no_longer_public_and_says_why(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.fire()
    silent = await rig.call("POST", f"/notices/{notice_id}/cancel", json={})
    assert silent.status_code == 422
    await rig.move(notice_id, "cancel", reason="名单有误")
    assert await rig.db.read(published, notice_id) is None
    assert {row.state for row in await rig.messages()} == {"cancelled"}
    found = await rig.ok("GET", f"/notices/{notice_id}/progress")
    assert found["by_state"] == {"cancelled": 3, "suppressed": 1}


async def test_rows_are_found_by_number_only_while_their_list_is_public_or_asked(rig: Rig) -> None:
    notice_id = await rig.approved()
    assert await rig.db.read(find_rows_by_phone, "+12025550102") == []
    await rig.move(notice_id, "publish")
    found = await rig.db.read(find_rows_by_phone, "whatsapp:+12025550102")
    assert [(one.notice.id, one.row.name, one.public) for one in found] == [
        (notice_id, "示例丙", True),
        (notice_id, "示例乙", True),
    ]


async def test_steps_after_the_period_follow_each_other(rig: Rig) -> None:
    notice_id = await rig.approved()
    early = await rig.call(
        "POST", f"/notices/{notice_id}/steps", json={"step": "reported", "on": "2026-11-23", "person": "示例甲"}
    )
    assert early.status_code == 409
    await rig.move(notice_id, "publish")
    await rig.send()
    rig.clock.advance(timedelta(seconds=10))
    await rig.fire()
    rig.clock.advance(timedelta(days=8))
    await rig.fire()
    await rig.move(notice_id, "finalise")
    wrong = await rig.call(
        "POST", f"/notices/{notice_id}/steps", json={"step": "paid", "on": "2026-12-01", "person": "示例甲"}
    )
    assert "no_objection" in wrong.json()["detail"]
    for step in ("no_objection", "reported", "determined", "paid"):
        body = {"step": step, "on": "2026-12-01", "person": "示例甲", "document": "示农〔2026〕8号"}
        await rig.ok("POST", f"/notices/{notice_id}/steps", json=body)
    found = await rig.ok("GET", f"/notices/{notice_id}/steps")
    assert [step["step"] for step in found["items"]] == ["no_objection", "reported", "determined", "paid"]


async def test_every_move_stands_in_the_audit_trail_without_names_or_numbers(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "publish")
    await rig.fire()
    entries = await rig.db.read(
        lambda s: list(s.exec(select(AuditEntry).where(AuditEntry.subject == f"notice:{notice_id}")))
    )
    actions = [entry.action for entry in entries]
    assert actions == [
        "notice.create",
        "notice.edit",
        "notice.submit",
        "notice.approve",
        "notice.publish",
        "notice.send",
    ]
    assert "示例" not in str([entry.after for entry in entries])


async def test_what_no_database_takes_is_taken_out_or_not_found(rig: Rig) -> None:
    notice_id = await rig.draft(title="西河村\x00公示", text="{name}户\x01{amount}元")
    shown = await rig.ok("GET", f"/staff/notices/{notice_id}")
    assert (shown["title"], shown["text"]) == ("西河村公示", "{name}户{amount}元")
    assert (await rig.call("GET", "/staff/notices/a%00b")).status_code == 404
    assert (await rig.call("POST", "/notices/a%00b/submit")).status_code == 404
    assert (await rig.call("GET", f"/notices/{notice_id}/rows?after=99999999999999999999")).status_code == 422
