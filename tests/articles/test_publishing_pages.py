"""The pages to submit, to recall and to grant licences, as a browser without script uses them."""

from html import unescape

import pytest

from tests.articles.desk import Desk
from tests.conftest import TestClock


def page(desk: Desk, login: str, url: str) -> str:
    answer = desk[login].get(url)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_the_submit_page_tells_who_decides_and_what_happens(desk: Desk):
    code = desk.published()
    desk.edit(code, body="新的正文")
    text = page(desk, "writer", f"/articles/{code}/submit")
    assert ("何俊、周志强" in text, "取代 r1" in text, "正文" in text) == (True, True, True)
    assert ("普通审批" in text, "定时发布" in text) == (True, True)
    assert "紧急发布" not in text
    assert "待核实发布" not in text
    assert "紧急发布" in page(desk, "chief", f"/articles/{code}/submit")
    assert "待核实发布" in page(desk, "expert", f"/articles/{code}/submit")


def test_submitting(desk: Desk):
    code = desk.draft()
    done = desk["writer"].post(f"/articles/{code}/submit", data={"way": "ordinary"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/reviews/{code}/1")
    assert desk.queue("judge") == [code]
    assert desk["writer"].get(f"/articles/{code}/submit").status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"way": "scheduled", "publish_at": ""}, "请填写发布时间"),
        ({"way": "scheduled", "publish_at": "2020-01-01T00:00"}, "发布时间已过"),
        ({"way": "urgent", "reason": ""}, "请写明紧急发布的原因"),
        ({"way": "licensed"}, "没有免审资格"),
        ({"way": "imported"}, "请选择发布方式"),
        ({"way": "ordinary", "version": "9"}, "草稿刚被别人改过"),
    ],
)
def test_refusals_keep_what_was_typed(desk: Desk, sent: dict[str, str], words: str):
    code = desk.draft("chief")
    refused = desk["chief"].post(f"/articles/{code}/submit", data=sent)
    assert refused.status_code in (403, 409, 422)
    assert words in unescape(refused.text)
    assert f'value="{sent["way"]}" checked' in refused.text or sent["way"] in ("licensed", "imported")


def test_urgent_goes_out_at_once(desk: Desk):
    code = desk.draft("chief")
    sent = {"way": "urgent", "reason": "片区断网"}
    done = desk["chief"].post(f"/articles/{code}/submit", data=sent)
    assert (done.headers["Location"], desk.shown(code)) == (f"/articles/{code}", 1)


def test_an_incomplete_text_cannot_be_submitted(desk: Desk):
    code = desk.draft(summary="")
    text = page(desk, "writer", f"/articles/{code}/submit")
    assert ("还不能提交" in text, "请填写标准口径" in text) == (True, True)


def test_an_outdated_base_is_shown_and_left(desk: Desk):
    code = desk.published()
    desk.edit(code, body="我写的")
    number = desk.library.revise(code, body="别人先发布的")
    text = page(desk, "writer", f"/articles/{code}/submit")
    assert "别人先发布的" in "".join(text.split("</ins>")).replace("<ins>", "")
    assert f'name="number" value="{number}"' in text
    refused = desk["writer"].post(f"/articles/{code}/submit", data={"way": "ordinary"})
    assert refused.status_code == 409
    moved = desk["writer"].post(f"/articles/{code}/submit/rebase", data={"number": number})
    assert (moved.status_code, moved.headers["Location"]) == (303, f"/drafts/{code}")
    assert desk["writer"].post(f"/articles/{code}/submit", data={"way": "ordinary"}).status_code == 303


def test_recalling_asks_what_comes_after(desk: Desk):
    code = desk.published()
    desk.revised(code, body="写错了")
    text = page(desk, "chief", f"/articles/{code}/publishing")
    assert ("恢复 r1" in text, "整条撤下" in text, "再次发布" in text) == (True, True, True)
    assert "整条撤下" not in page(desk, "writer", f"/articles/{code}/publishing")
    url = f"/articles/{code}/revisions/2/recall"
    refused = desk["chief"].post(url, data={"reason": "", "then": "take_down"})
    assert (refused.status_code, "请写明撤回原因" in refused.text) == (422, True)
    assert 'value="take_down" checked' in refused.text
    assert desk["chief"].post(url, data={"reason": "写错", "then": "previous"}).status_code == 303
    assert desk.shown(code) == 1
    down = {"reason": "全错", "then": "take_down"}
    assert desk["chief"].post(f"/articles/{code}/revisions/1/recall", data=down).status_code == 303
    assert desk.shown(code) < 0
    assert desk["writer"].post(f"/articles/{code}/revisions/1/recall", data=down).status_code == 403


def test_held_cancelled_and_published_again(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.edit(code, body="十二月的规定")
    desk.submit(code, publish_at="2026-12-01")
    desk.approve(code, 2)
    desk.revised(code, login="helper", body="更正")
    assert "恢复发布" in page(desk, "writer", f"/articles/{code}/publishing")
    base = f"/articles/{code}/revisions"
    resumed = desk["writer"].post(f"{base}/2/resume", data={"publish_at": "2026-12-02T00:00"})
    assert resumed.status_code == 303
    assert desk["writer"].post(f"{base}/2/resume", data={}).status_code == 409
    assert desk["writer"].post(f"{base}/2/cancel").status_code == 303
    assert desk["writer"].post(f"{base}/1/republish", data={"way": "ordinary"}).status_code == 303
    assert desk.queue("judge") == [code]
    assert desk["writer"].post(f"{base}/4/withdraw").status_code == 303
    assert desk.queue("judge") == []


def test_retiring(desk: Desk, stranger):
    code = desk.published()
    refused = desk["chief"].post(f"/articles/{code}/retire", data={"reason": "停办", "successor": "KB-1"})
    assert (refused.status_code, "替代条目须是" in refused.text, "停办" in refused.text) == (422, True, True)
    assert desk["chief"].post(f"/articles/{code}/retire", data={"reason": "停办"}).status_code == 303
    assert "恢复使用" in page(desk, "chief", f"/articles/{code}/publishing")
    assert desk["chief"].post(f"/articles/{code}/restore").status_code == 303
    assert desk.shown(code) == 1
    assert stranger.get(f"/articles/{code}/publishing").status_code == 404
    assert desk["agent1"].get(f"/articles/{code}/publishing").status_code == 403


def test_licences(desk: Desk, fixed_clock: TestClock):
    assert "还没有人有免审资格" in page(desk, "chief", "/licences")
    sent = {"login": "writer", "category_id": str(desk.library.broadband), "until": "2026-12-31"}
    refused = desk["chief"].post("/licences", data={**sent, "until": "年底"})
    assert (refused.status_code, 'value="writer"' in refused.text) == (422, True)
    assert desk["chief"].post("/licences", data={**sent, "category_id": ""}).status_code == 422
    assert desk["chief"].post("/licences", data=sent).status_code == 303
    text = page(desk, "chief", "/licences")
    assert ("林晓雯" in text, "2026-12-31" in text) == (True, True)
    ident = desk["chief"].get("/api/v1/licences").json()[0]["id"]
    assert desk["chief"].post(f"/licences/{ident}/revoke").status_code == 303
    assert "还没有人有免审资格" in page(desk, "chief", "/licences")
    assert desk["writer"].get("/licences").status_code == 403
