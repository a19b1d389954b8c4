"""A citizen asks on the web, and a program through the API: pages without scripts, live answers, one index."""

import time

import httpx
import pytest

from core import auth, tokens
from core.audit import OPERATOR
from core.clock import system_clock
from faq import bulk
from faq.review import OPERATOR_AUTHOR
from tests.journeys.town import CARD, Town, browser_at, write
from tests.support.service import until


def _ask(town: Town, text: str, **more: object) -> httpx.Response:
    return town.web.post("/api/v1/ask", json={"text": text, **more})


# --- the API ---------------------------------------------------------------------------------------------------


def test_a_clear_question_has_one_right_answer(town: Town) -> None:
    found = _ask(town, "社保卡丢了咋补").json()
    assert found["outcome"] == "answer"
    best = found["matches"][0]
    assert set(best) >= {"id", "question", "answer", "score", "category", "unit", "source"}
    assert (best["id"], best["category"]) == ("sb-014", "社保")
    assert CARD in best["answer"]


def test_it_may_be_said_whether_that_helped(town: Town) -> None:
    query = _ask(town, "社保卡丢了咋补").json()["query_id"]
    said = town.web.post(f"/api/v1/ask/{query}/feedback", json={"helpful": True, "chosen": "sb-014"})
    assert said.status_code == 200
    assert town.web.post("/api/v1/ask/nothing/feedback", json={"helpful": True}).status_code == 404
    assert town.web.post(f"/api/v1/ask/{query}/feedback", json={"helpful": "perhaps"}).status_code == 422


def test_a_bare_noun_has_choices_and_nonsense_none(town: Town) -> None:
    choices = _ask(town, "医保").json()
    assert choices["outcome"] == "choices"
    assert 2 <= len(choices["matches"]) <= 3
    assert _ask(town, "zzz qqq xxx").json()["outcome"] == "none"


@pytest.mark.parametrize("limit", [1, 2])
def test_at_most_as_many_matches_as_asked_for_best_first(limit: int, town: Town) -> None:
    matches = _ask(town, "医保", limit=limit).json()["matches"]
    assert len(matches) <= limit
    assert [match["score"] for match in matches] == sorted((m["score"] for m in matches), reverse=True)


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": "医" * 1001}, {"text": 7}, {"text": "x", "limit": 0}, {"text": "x", "limit": 11}, []],
    ids=["nothing", "empty", "too long", "a number", "none wanted", "too many wanted", "a list"],
)
def test_a_question_that_does_not_fit_is_422_and_says_where(body: object, town: Town) -> None:
    answer = town.web.post("/api/v1/ask", json=body)
    assert answer.status_code == 422
    assert answer.json()["fields"]


@pytest.mark.parametrize(
    "text", ["医" * 1000, "😀😀", "   ", "\x00", "\u202e医保", "<script>alert(1)</script>", "' OR 1=1"]
)
def test_strange_texts_never_break_it(text: str, town: Town) -> None:
    assert _ask(town, text).status_code in {200, 422}


def test_broken_json_is_422(town: Town) -> None:
    headers = {"Content-Type": "application/json"}
    assert town.web.post("/api/v1/ask", content=b'{"text": ', headers=headers).status_code == 422


def test_a_new_entry_is_found_without_a_restart_though_another_process_wrote_it(town: Town) -> None:
    question = f"示例{time.monotonic_ns()}号井盖怎么报修？"
    rows = f"id,question,answer\njg-001,{question},打热线报修，两天内修好。\n"
    bulk.import_now(town.db, rows.encode(), system_clock, OPERATOR_AUTHOR, name="x.csv", publish=True)
    until(lambda: _ask(town, question).json()["outcome"] == "answer", what="the new entry")


def test_an_entry_out_of_date_is_not_answered(town: Town) -> None:
    rows = "id,question,answer,valid_until\nold-1,旧版渡轮月票怎么退？,到码头退。,2020-01-01\n"
    bulk.import_now(town.db, rows.encode(), system_clock, OPERATOR_AUTHOR, name="x.csv", publish=True)
    rows = "id,question,answer\nnew-1,新版缆车月票怎么办？,到站点办。\n"
    bulk.import_now(town.db, rows.encode(), system_clock, OPERATOR_AUTHOR, name="x.csv", publish=True)
    until(lambda: _ask(town, "新版缆车月票怎么办？").json()["outcome"] == "answer", what="the newer entry")
    found = _ask(town, "旧版渡轮月票怎么退？").json()
    assert "old-1" not in [match["id"] for match in found["matches"]]


# --- the page --------------------------------------------------------------------------------------------------


def test_a_page_without_scripts_shows_the_answer_and_says_its_language(town: Town) -> None:
    with browser_at(town) as browser:
        page = browser.get("/").text
        assert '<html lang="zh' in page
        assert write(browser, "社保卡丢了咋补").status_code == 200
        until(lambda: CARD in browser.get("/").text, what="the answer on the page")


def test_two_browsers_do_not_see_each_other_s_talk(town: Town) -> None:
    with browser_at(town) as one, browser_at(town) as other:
        write(one, "社保卡丢了咋补")
        until(lambda: CARD in one.get("/").text)
        assert CARD not in other.get("/").text


def test_an_answer_comes_by_itself_where_scripts_run(town: Town) -> None:
    with browser_at(town) as browser:
        write(browser, "社保卡丢了咋补")
        seen = ""
        with browser.stream("GET", "/chat/stream") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for piece in stream.iter_text():
                seen += piece
                if "12333" in seen:
                    break
        assert "event: line" in seen


def test_what_is_written_as_html_is_shown_as_text(town: Town) -> None:
    with browser_at(town) as browser:
        write(browser, "<img src=x onerror=alert(1)>")
        page = browser.get("/").text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_a_message_over_the_limit_is_refused_with_a_sentence_and_kept_in_the_box(town: Town) -> None:
    with browser_at(town) as browser:
        answer = write(browser, "医" * 5001)
        assert answer.status_code == 422
        assert "医" * 100 in answer.text


def test_a_form_that_is_not_ours_is_refused(town: Town) -> None:
    with browser_at(town) as browser:
        write(browser, "社保卡丢了咋补")
        before = town.stored()
        assert browser.post("/chat/send", data={"text": "x", "csrf": "forged"}).status_code in {403, 422}
        assert town.stored() == before


# --- looking after it ------------------------------------------------------------------------------------------


def test_it_says_whether_it_lives_and_is_ready(town: Town) -> None:
    assert town.web.get("/healthz").json() == {"status": "alive"}
    ready = town.web.get("/readyz").json()
    assert (ready["ready"], ready["database"], ready["migrations"]) == (True, "ok", "ok")
    assert ready["worker"]["seconds_ago"] >= 0


def test_its_figures_need_a_token(town: Town) -> None:
    assert town.web.get("/metrics").status_code == 401
    secret = town.db.write_now(tokens.create_token, system_clock(), OPERATOR, "prometheus", ["auditor"])
    answer = town.web.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert "python_info" in answer.text


def test_a_password_for_once_is_changed_and_then_opens_the_door(town: Town) -> None:
    name = f"editor-{time.monotonic_ns()}"
    _, once = town.db.write_now(auth.add_account, system_clock(), OPERATOR, name, ["editor"])
    with httpx.Client(base_url=town.service.url, timeout=30) as browser:
        wrong = browser.post("/api/v1/session", json={"name": name, "password": "wrong"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "Unauthenticated")
        me = browser.post("/api/v1/session", json={"name": name, "password": once}).json()
        assert me["must_change_password"] is True
        assert browser.get("/api/v1/faq").status_code == 403
        new = {"old": once, "new": "correct horse battery"}
        assert browser.post("/api/v1/session/password", json=new).status_code == 403, "without the page's token"
        csrf = {"X-CSRF-Token": me["csrf"]}
        assert browser.post("/api/v1/session/password", json=new, headers=csrf).status_code == 204
        assert browser.get("/api/v1/session").status_code == 401, "every session has ended"
        opened = browser.post("/api/v1/session", json={"name": name, "password": new["new"]})
        cookie = opened.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/api/v1/faq").status_code == 200
        csrf = {"X-CSRF-Token": opened.json()["csrf"]}
        assert browser.delete("/api/v1/session", headers=csrf).status_code == 204
        assert browser.get("/api/v1/session").status_code == 401
