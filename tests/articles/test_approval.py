"""Deciding over HTTP: stages, who may, handing on, and what happens when two are at it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from kms.accounts.permissions import Role
from kms.articles.models import Revision
from kms.articles.review_queue import Wanted, queue
from kms.articles.reviewing import refusal
from kms.db.session import reading, writing
from tests.articles.desk import API, Desk
from tests.conftest import People

TWO_STAGES = (
    {"name": "班组审核", "role": "supervisor", "needed": 1},
    {"name": "业务审核", "role": "reviewer", "needed": 2},
)


def test_two_stages_and_two_people(desk: Desk):
    desk.rule(*TWO_STAGES)
    code = desk.draft()
    desk.submit(code)
    assert (len(desk.tasks("chief")), desk.tasks("judge")) == (1, [])
    assert desk.approve(code).status_code == 403  # not asked yet
    first = desk.approve(code, login="chief").json()
    assert [stage["progress"] for stage in first["stages"]] == ["done", "current"]
    assert (desk.tasks("chief"), len(desk.tasks("judge")), len(desk.tasks("other"))) == ([], 1, 1)
    assert desk.queue("judge", stage="业务审核") == [code]
    assert desk.queue("judge", stage="班组审核") == []
    second = desk.approve(code).json()
    assert (second["approval"], second["stages"][1]["missing"]) == ("submitted", 1)
    assert desk.approve(code).status_code == 409  # decided already
    assert (desk.tasks("judge"), len(desk.tasks("other"))) == ([], 1)
    assert desk.approve(code, login="other").json()["publication"] == "published"


def test_the_rule_is_that_of_the_submission(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    desk.rule(*TWO_STAGES)
    assert desk.approve(code).json()["approval"] == "approved"


def test_editors_never_approve(desk: Desk):
    desk.add("both", Role.AUTHOR, Role.REVIEWER, name="又编又审")
    code = desk.published()
    desk.edit(code, body="作者改")
    desk.edit(code, "both", body="又改一处")
    made = desk.submit(code).json()
    assert "又编又审" not in made["stages"][0]["waiting"]
    refused = desk.approve(code, 2, "both")
    assert (refused.status_code, "参与过编辑" in refused.json()["detail"]) == (403, True)
    assert desk.approve(code, 2, "writer").status_code == 403


def test_wrong_role_other_line_unknown(desk: Desk, stranger):
    code = desk.draft()
    desk.submit(code)
    for action in ("approve", "return", "delegate", "replace", "recall"):
        url = f"{API}/articles/{code}/revisions/1/{action}"
        body = {"comment": "x", "to": "judge", "absent": "other", "reason": "x"}
        assert desk["agent1"].post(url, json=body).status_code == 403, action
        if action in ("approve", "return", "recall"):
            assert stranger.post(url, json=body).status_code == 404, action
    assert stranger.get(f"{API}/articles/{code}/revisions/1/review").status_code == 404
    assert stranger.get(f"{API}/reviews", params={"tab": "all"}).json()["total"] == 0
    assert desk.approve(code, 2).status_code == 404
    assert desk.approve("KB-999999").status_code == 404


def test_returned_text_is_the_draft_again(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    assert desk.act("judge", code, 1, "return").status_code == 422
    remark = {"field": "body", "quote": "10 秒", "text": "手册写的是 15 秒"}
    done = desk.act("judge", code, 1, "return", comment="请核对时间", remarks=[remark])
    assert (done.json()["approval"], done.json()["state_label"]) == ("returned", "已退回")
    assert [message.detail for message in desk.tasks("writer", "returned")] == ["请核对时间"]
    assert desk.tasks("other") == []
    comments = desk["writer"].get(f"{API}/articles/{code}/revisions/1/comments").json()
    assert [(each["quote"], each["author"]) for each in comments] == [("10 秒", "周志强")]
    draft = desk["writer"].get(f"{API}/articles/{code}/draft").json()
    assert draft["content"]["body"] == "拔插光纤，等 10 秒。"
    desk.edit(code, body="拔插光纤，等 15 秒。")
    assert desk.submit(code).json()["number"] == 2
    assert desk.approve(code, 2).status_code == 200
    assert desk.approve(code, 1).status_code == 409
    assert desk.shown(code) == 2


def test_remarks(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    added = desk.act("judge", code, 1, "comments", text="写“最迟 48 小时”", quote="10 秒", field="summary")
    assert added.status_code == 201
    ident = added.json()[0]["id"]
    assert desk.act("helper", code, 1, "comments", text="我也来说").status_code == 403
    assert desk.act("judge", code, 1, "comments", text="x", field="rule").status_code == 422
    done = desk.act("writer", code, 1, f"comments/{ident}/resolve")
    assert done.json()[0]["resolved_at"] is not None
    assert desk.act("writer", code, 1, f"comments/{ident + 1}/resolve").status_code == 404


def test_withdraw(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    assert desk.act("helper", code, 1, "withdraw").status_code == 403
    assert desk.act("writer", code, 1, "withdraw").json()["approval"] == "withdrawn"
    assert desk["writer"].get(f"{API}/articles/{code}/draft").json()["content"]["title"]
    assert (desk.tasks("judge"), desk.approve(code).status_code) == ([], 409)
    assert desk.act("writer", code, 1, "withdraw").status_code == 409
    assert desk.act("judge", code, 1, "delegate", to="other").status_code == 409


def test_delegate_and_replace(desk: Desk):
    desk.rule({"name": "专人审核", "people": [desk.ids["judge"]], "needed": 1})
    code = desk.draft()
    desk.submit(code)
    assert desk.act("judge", code, 1, "delegate", to="writer").status_code == 409  # edited it
    assert desk.act("judge", code, 1, "delegate", to="agent1").status_code == 422
    assert desk.act("judge", code, 1, "delegate", to="nobody").json()["errors"].keys() == {"to"}
    assert desk.act("other", code, 1, "delegate", to="chief").status_code == 409  # not asked himself
    assert desk.act("judge", code, 1, "delegate", to="other").status_code == 200
    assert (desk.tasks("judge"), len(desk.tasks("other"))) == ([], 1)
    assert desk.approve(code).status_code == 409  # handed over
    assert desk.act("judge", code, 1, "replace", absent="other", to="chief").status_code == 403
    assert desk.act("chief", code, 1, "replace", absent="other", to="chief").status_code == 200
    assert (desk.tasks("other"), len(desk.tasks("chief"))) == ([], 1)
    assert desk.approve(code, login="chief").json()["publication"] == "published"
    assert {"revision.delegate", "revision.replace"} <= set(desk.audited(code))


def test_people_of_another_line_look_like_nobody(desk: Desk, stranger):
    code = desk.draft()
    desk.submit(code)

    def told(login: str, action: str, **who: str) -> str:
        body = {"to": login, **{name: login if who[name] == "" else who[name] for name in who}}
        answer = desk.act("chief", code, 1, action, **body)
        return f"{answer.status_code} {answer.json()['errors']}".replace(login, "")

    assert told("stranger", "replace", absent="judge") == told("nobody0", "replace", absent="judge")
    assert told("stranger", "replace", absent="") == told("nobody0", "replace", absent="")


def test_two_approvers_at_once(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    clients = [desk["judge"], desk["other"]]
    url = f"{API}/articles/{code}/revisions/1/approve"
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(
            answer.status_code for answer in pool.map(lambda each: each.post(url, json={}), clients)
        )
    assert codes == [200, 409]
    assert desk.audited(code).count("article.publish") == 1


def test_publishing_on_an_outdated_base_shows_three_texts(desk: Desk):
    code = desk.published()
    desk.edit(code, body="苏敏的改动")
    desk.submit(code)
    desk.edit(code, "helper", body="另一处先发布")
    desk.submit(code, "helper")
    assert desk.approve(code, 3).status_code == 200
    refused = desk.approve(code, 2)
    assert refused.status_code == 409
    problem = refused.json()
    texts = [problem[name]["body"] for name in ("base", "mine", "theirs")]
    assert texts == ["拔插光纤，等 10 秒。", "苏敏的改动", "另一处先发布"]
    assert problem["current"] == 3
    assert desk.queue("judge") == [code]  # nothing was decided
    assert desk.audited(code).count("revision.approve") == 2  # of revisions 1 and 3


def test_a_draft_on_an_outdated_base_is_not_submitted(desk: Desk):
    code = desk.published()
    desk.edit(code, body="我的")
    number = desk.library.revise(code, body="他们的")
    refused = desk.submit(code)
    assert (refused.status_code, refused.json()["current"]) == (409, number)
    assert desk["writer"].get(f"{API}/articles/{code}/draft").json()["content"]["body"] == "我的"


def test_a_draft_moves_to_the_newer_base(desk: Desk):
    code = desk.published()
    desk.edit(code, body="我的")
    number = desk.library.revise(code, body="他们的")
    url = f"{API}/articles/{code}/draft"
    assert desk["writer"].post(f"{url}/rebase", json={"number": 1}).status_code == 409
    assert desk["agent1"].post(f"{url}/rebase", json={"number": number}).status_code == 403
    draft = desk["writer"].post(f"{url}/rebase", json={"number": number}).json()
    assert (draft["base_number"], draft["content"]["body"]) == (number, "我的")
    assert desk.submit(code, version=draft["version"]).status_code == 201


@pytest.fixture
def bundle(desk: Desk) -> list[str]:
    codes = [desk.draft(title=f"同批 {place}") for place in range(3)]
    for code in codes:
        desk.submit(code)
    with writing(desk.engine) as session:
        for revision in session.exec(select(Revision)):
            revision.bundle = "bundle-1"
            session.add(revision)
    return codes


def _decide(desk: Desk, codes: list[str], verdict: str, comment: str = ""):
    items = [{"code": code, "number": 1} for code in codes]
    body = {"items": items, "verdict": verdict, "comment": comment}
    return desk["judge"].post(f"{API}/reviews/decide", json=body)


def test_a_bundle_is_decided_together_or_not_at_all(desk: Desk, bundle: list[str]):
    desk.act("writer", bundle[1], 1, "withdraw")
    refused = _decide(desk, bundle, "approve")
    assert (refused.status_code, bundle[1] in refused.json()["detail"]) == (409, True)
    assert desk.queue("judge", bundle="bundle-1") == [bundle[0], bundle[2]]
    stray = desk.draft(title="不在这批")
    desk.submit(stray)
    assert _decide(desk, [bundle[0], stray], "approve").status_code == 422
    assert _decide(desk, [stray], "approve").status_code == 422
    assert _decide(desk, [bundle[0]], "return").status_code == 422
    done = _decide(desk, [bundle[0], bundle[2]], "approve")
    assert [each["publication"] for each in done.json()] == ["published", "published"]


def test_the_queue_pages_and_filters(desk: Desk):
    codes = [desk.draft(title=f"第 {place} 条") for place in range(3)]
    for code in codes:
        desk.submit(code)
    first = desk["judge"].get(f"{API}/reviews", params={"size": 2}).json()
    assert ([each["code"] for each in first["items"]], first["total"]) == (codes[:2], 3)
    second = desk["judge"].get(f"{API}/reviews", params={"size": 2, "after": first["after"]}).json()
    assert ([each["code"] for each in second["items"]], second["after"]) == (codes[2:], "")
    assert desk.queue("judge", category_id=desk.library.faults) == codes
    assert desk.queue("judge", category_id=desk.library.prices) == []
    assert desk.queue("judge", urgent=True) == []
    assert desk.queue("writer") == []
    assert desk.queue("writer", tab="submitted") == codes[::-1]
    assert desk["judge"].get(f"{API}/reviews", params={"after": "x"}).status_code == 422
    assert desk["judge"].get(f"{API}/reviews", params={"tab": "x"}).status_code == 422
    assert desk["agent1"].get(f"{API}/reviews").status_code == 403
    assert desk["judge"].get(f"{API}/reviews/stages").json() == ["业务审核"]


def test_the_queue_agrees_with_the_rules(desk: Desk, people: People):
    desk.add("both", Role.AUTHOR, Role.REVIEWER)
    urgent = desk.published()
    desk.edit(urgent, "chief", body="紧急")
    assert desk.submit(urgent, "chief", route="urgent", reason="断网").status_code == 201
    desk.rule(*TWO_STAGES)
    first, second, third = (desk.draft(title=f"第 {place} 条") for place in range(3))
    for code in (first, second, third):
        desk.submit(code)
    desk.approve(first, login="chief")
    desk.approve(first)
    desk.approve(second, login="chief")
    desk.act("judge", second, 1, "delegate", to="both")
    with reading(desk.engine) as session:
        for login in ("writer", "judge", "other", "chief", "both", "agent1"):
            actor = people.actor(login)
            listed = {row.revision.id for row in queue(session, actor, Wanted(), size=50).rows}
            ruled = {
                each.id for each in session.exec(select(Revision)) if refusal(session, actor, each) is None
            }
            assert listed == ruled, login
