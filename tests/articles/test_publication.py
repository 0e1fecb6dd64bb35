"""Publication over HTTP: scheduled, held, resumed, cancelled, recalled, published again, retired."""

import pytest

from tests.articles.desk import API, Desk
from tests.conftest import TestClock

DECEMBER = "2026-12-01T00:00:00+08:00"


def test_scheduled_publication(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.edit(code, body="十二月的规定")
    desk.submit(code, publish_at=DECEMBER)
    done = desk.approve(code, 2).json()
    assert (done["publication"], done["state_label"]) == ("scheduled", "待发布")
    desk.run_timers()
    assert desk.shown(code) == 1
    fixed_clock.forward(days=6)
    assert desk.shown(code) == 2  # by the query, whether or not a worker runs
    assert desk.run_timers() > 0
    review = desk["writer"].get(f"{API}/articles/{code}/revisions/2/review").json()
    assert (review["publication"], review["effective_from"]) == ("published", "2026-11-30T16:00:00Z")
    assert desk.tasks("writer", "published")[-1].title.startswith("已按时发布")


def test_schedule_that_passed_during_the_review_publishes_at_once(desk: Desk, fixed_clock: TestClock):
    code = desk.draft()
    desk.submit(code, publish_at="2026-11-25 12:00")
    fixed_clock.forward(hours=4)
    assert desk.approve(code).json()["publication"] == "published"
    assert desk.shown(code) == 1


@pytest.fixture
def held(desk: Desk, fixed_clock: TestClock) -> str:
    """Revision 2 waits for December when revision 3, a fix by somebody else, is published."""
    code = desk.published()
    desk.edit(code, body="十二月的规定")
    desk.submit(code, publish_at=DECEMBER)
    desk.approve(code, 2)
    desk.revised(code, login="helper", body="今天的更正")
    return code


def test_a_fix_puts_the_scheduled_one_on_hold(desk: Desk, held: str, fixed_clock: TestClock):
    review = desk["writer"].get(f"{API}/articles/{held}/revisions/2/review").json()
    assert (review["on_hold"], review["publication"], review["state_label"]) == (
        True,
        "none",
        "已通过·暂缓发布",
    )
    assert review["acts"] == ["cancel", "resume"]
    told = desk.tasks("writer", "on_hold")
    assert ("第 3 版先发布了" in told[0].detail, told[0].href) == (True, f"/articles/{held}/history")
    fixed_clock.forward(days=7)
    desk.run_timers()
    assert desk.shown(held) == 3


def test_the_held_one_is_resumed_by_those_it_belongs_to(desk: Desk, held: str, fixed_clock: TestClock):
    assert desk.act("helper", held, 2, "resume").status_code == 403
    again = desk.act("writer", held, 2, "resume", publish_at=DECEMBER)
    assert (again.json()["publication"], again.json()["on_hold"]) == ("scheduled", False)
    fixed_clock.forward(days=7)
    desk.run_timers()
    assert desk.shown(held) == 2
    assert "revision.resume" in desk.audited(held)


def test_the_held_one_is_cancelled(desk: Desk, held: str, fixed_clock: TestClock):
    assert desk.act("writer", held, 2, "cancel").json()["publication"] == "cancelled"
    assert desk.act("writer", held, 2, "resume").status_code == 409
    fixed_clock.forward(days=7)
    assert desk.shown(held) == 3


def test_a_fix_that_builds_on_the_scheduled_one_does_not_hold_it(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.edit(code, body="十二月的规定")
    desk.submit(code, publish_at=DECEMBER)
    desk.approve(code, 2)
    draft = desk["writer"].post(f"{API}/articles/{code}/draft", params={"from": 2}).json()
    assert draft["base_number"] == 2
    desk.edit(code, body="一月的规定")
    desk.submit(code, publish_at="2027-01-01")
    assert desk.approve(code, 3).json()["publication"] == "scheduled"
    fixed_clock.forward(days=7)
    desk.run_timers()
    assert desk.shown(code) == 2
    review = desk["writer"].get(f"{API}/articles/{code}/revisions/3/review").json()
    assert (review["publication"], review["on_hold"]) == ("scheduled", False)


def test_the_second_of_two_schedules_is_held_when_the_first_comes_due(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    for login, day in (("writer", DECEMBER), ("helper", "2027-01-01")):
        desk.edit(code, login, body=f"从 {day} 起")
        number = desk.submit(code, login, publish_at=day).json()["number"]
        assert desk.approve(code, number).json()["publication"] == "scheduled"
    fixed_clock.forward(days=7)
    desk.run_timers()
    assert len(desk.tasks("helper", "on_hold")) == 1
    fixed_clock.forward(days=40)
    desk.run_timers()
    assert desk.shown(code) == 2


def test_who_wrote_what_is_coming_is_told_of_a_fix(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.revised(code, body="十二月的规定", effective_from=DECEMBER)
    desk.revised(code, login="helper", body="今天的更正")
    told = desk.tasks("writer", "carry_over")
    assert [message.title for message in told] == ["请把改动带到待生效版本：光猫 LOS 灯红色常亮"]
    assert "第 3 版刚发布，待生效的第 2 版不含那处改动" in told[0].detail
    fixed_clock.forward(days=7)
    assert desk.shown(code) == 2


def test_recall_restores_the_previous_one(desk: Desk):
    code = desk.published()
    desk.revised(code, body="写错了")
    assert desk.act("writer", code, 2, "recall", reason="x").status_code == 403
    assert desk.act("chief", code, 2, "recall", reason="").status_code == 422
    done = desk.act("chief", code, 2, "recall", reason="时限写错")
    assert (done.json()["state_label"], done.json()["recall_reason"]) == ("已撤回", "时限写错")
    assert desk.shown(code) == 1
    assert desk.act("chief", code, 2, "recall", reason="再来").status_code == 409
    assert [message.detail for message in desk.tasks("writer", "recalled")] == ["时限写错"]


def test_recall_takes_the_article_down(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.revised(code, body="新版")
    desk.edit(code, body="十二月的规定")
    desk.submit(code, publish_at=DECEMBER)
    desk.approve(code, 3)
    assert desk.act("chief", code, 2, "recall", reason="整条有误", take_down=True).status_code == 200
    article = desk["agent1"].get(f"{API}/articles/{code}").json()
    assert (article["standing"], article["summary"]) == ("recalled", None)
    fixed_clock.forward(days=7)
    desk.run_timers()
    assert desk.shown(code) < 0
    assert desk.audited(code).count("article.recall") == 2


def test_what_is_scheduled_on_a_recalled_one_is_held(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.revised(code, body="写错了")
    desk.edit(code, body="在错的上面改")
    desk.submit(code, publish_at=DECEMBER)
    desk.approve(code, 3)
    desk.act("chief", code, 2, "recall", reason="写错")
    assert "所依据的第 2 版已撤回" in desk.tasks("writer", "on_hold")[0].detail


def test_publish_again_is_a_copy_with_a_new_number(desk: Desk):
    code = desk.published(body="第一版的字")
    desk.revised(code, body="第二版的字")
    desk.edit(code, body="被退回的")
    desk.submit(code)
    desk.act("judge", code, 3, "return", comment="不对")
    assert desk.act("writer", code, 2, "republish").status_code == 409  # in force
    assert desk.act("agent1", code, 1, "republish").status_code == 403
    again = desk.act("writer", code, 1, "republish")
    assert again.status_code == 201, again.text
    assert (again.json()["number"], again.json()["base_number"]) == (4, 2)
    assert desk.approve(code, 4).status_code == 200
    article = desk["agent1"].get(f"{API}/articles/{code}").json()
    assert (article["number"], article["body"]) == (4, "第一版的字")
    assert article["change_note"] == "再次发布第 1 版的内容"


def test_retire_with_a_successor_and_restore(desk: Desk, stranger):
    code, other = desk.published(), desk.published(title="新的一条")
    assert desk["writer"].post(f"{API}/articles/{code}/retire", json={"reason": "x"}).status_code == 403
    assert stranger.post(f"{API}/articles/{code}/retire", json={"reason": "x"}).status_code == 404
    url = f"{API}/articles/{code}"
    for wrong in (code, "KB-999999"):
        refused = desk["chief"].post(f"{url}/retire", json={"reason": "合并", "successor": wrong})
        assert refused.json()["errors"].keys() == {"successor"}
    assert desk["chief"].post(f"{url}/retire", json={"reason": "合并", "successor": other}).status_code == 200
    article = desk["agent1"].get(url).json()
    assert (article["standing"], article["successor"], article["summary"]) == ("retired", other, None)
    assert desk["chief"].post(f"{url}/retire", json={"reason": "合并"}).status_code == 409
    assert desk["writer"].post(f"{url}/draft").status_code == 409
    assert desk["chief"].post(f"{url}/restore").status_code == 200
    assert (desk.shown(code), desk["chief"].post(f"{url}/restore").status_code) == (1, 409)
    assert desk.audited(code)[-2:] == ["article.retire", "article.restore"]


def test_what_readers_have_never_seen_is_no_successor(desk: Desk):
    code, coming = desk.published(), desk.draft(title="下月新口径")
    assert desk.submit(coming).status_code == 201
    body = {"reason": "合并", "successor": coming}
    refused = desk["chief"].post(f"{API}/articles/{code}/retire", json=body)
    assert refused.json()["errors"].keys() == {"successor"}


def test_nothing_is_approved_into_a_retired_article(desk: Desk):
    code = desk.published()
    desk.edit(code, body="还在审")
    desk.submit(code)
    desk["chief"].post(f"{API}/articles/{code}/retire", json={"reason": "停办"})
    refused = desk.approve(code, 2)
    assert (refused.status_code, "已停用" in refused.json()["detail"]) == (409, True)
