"""Submitting over HTTP: what is frozen, what is refused, what waits for whom."""

from typing import Any

import pytest

from kms.accounts.permissions import Role
from tests.articles.desk import API, Desk
from tests.conftest import TestClock


def test_the_ordinary_loop(desk: Desk):
    code = desk.draft()
    made = desk.submit(code)
    assert made.status_code == 201, made.text
    review = made.json()
    assert (review["number"], review["approval"], review["publication"]) == (1, "submitted", "none")
    assert review["state_label"] == "审核中"
    assert [stage["waiting"] for stage in review["stages"]] == [["何俊", "周志强"]]
    assert desk["writer"].get(f"{API}/articles/{code}/draft").status_code == 404
    assert desk.shown(code) == -404
    assert desk.queue("judge") == [code]
    assert [task.href for task in desk.tasks("judge")] == [f"/reviews/{code}/1"]

    done = desk.approve(code)
    assert done.status_code == 200, done.text
    assert (done.json()["approval"], done.json()["publication"]) == ("approved", "published")
    assert desk.shown(code) == 1
    assert desk.queue("judge") == []
    assert desk.queue("judge", tab="done") == [code]
    assert (desk.tasks("judge"), desk.tasks("other")) == ([], [])
    assert [message.title for message in desk.tasks("writer", "published")] == ["已发布：光猫 LOS 灯红色常亮"]
    assert desk.audited(code) == ["article.create", "article.submit", "revision.approve", "article.publish"]


def test_second_revision_supersedes_the_first(desk: Desk):
    code = desk.published()
    assert desk.revised(code, summary="请您先断电重启。") == 2
    article = desk["agent1"].get(f"{API}/articles/{code}").json()
    assert (article["number"], article["summary"]) == (2, "请您先断电重启。")
    history = desk["agent1"].get(f"{API}/articles/{code}/revisions").json()
    assert [each["standing"] for each in history] == ["in_force", "superseded"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": " "}, {"title"}),
        ({"summary": ""}, {"summary"}),
        ({"kind": "procedure"}, {"steps"}),
        ({"kind": "policy", "body": "", "summary": ""}, {"body"}),
        ({"effective_from": "2026-12-01", "effective_to": "2026-12-01"}, {"effective_to"}),
    ],
)
def test_incomplete_texts_are_told_field_by_field(desk: Desk, fields: dict[str, Any], wrong: set[str]):
    code = desk.draft(**fields)
    refused = desk.submit(code)
    assert refused.status_code == 422
    assert refused.json()["errors"].keys() == wrong
    assert desk["writer"].get(f"{API}/articles/{code}/draft").status_code == 200


def test_a_change_must_say_what_changed(desk: Desk):
    code = desk.published()
    desk.edit(code, change_note="")
    assert desk.submit(code).json()["errors"].keys() == {"change_note"}


def test_only_what_was_seen_is_submitted(desk: Desk):
    code = desk.draft()
    seen = desk["writer"].get(f"{API}/articles/{code}/draft").json()["version"]
    desk.edit(code, body="又改了")
    assert desk.submit(code, version=seen).status_code == 409
    assert desk.submit(code, version=seen + 1).status_code == 201


def test_nobody_is_left_to_approve(desk: Desk):
    desk.rule({"name": "双人复核", "role": "reviewer", "needed": 3})
    refused = desk.submit(desk.draft())
    assert refused.status_code == 409
    assert "双人复核" in refused.json()["detail"]


def test_what_reviewers_may_not_read_is_not_shown_to_them(desk: Desk):
    desk.add("insider", Role.REVIEWER, groups=("宽带组", "宽带专家组"), name="内审")
    desk.add("author2", Role.AUTHOR, groups=("宽带组", "宽带专家组"))
    desk.library.join(desk.library.broadband, "宽带专家组")
    code = desk.draft("author2", audience={"kind": "groups", "groups": ["宽带专家组"]})
    review = desk.submit(code, "author2").json()
    assert review["stages"][0]["waiting"] == ["内审"]
    assert (desk.tasks("judge"), desk.queue("judge", tab="all")) == ([], [])
    assert desk.approve(code).status_code == 404
    assert desk.act("insider", code, 1, "delegate", to="judge").status_code == 422
    assert desk.approve(code, login="insider").status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"publish_at": "2026-11-24T00:00:00+08:00"},
        {"route": "urgent", "reason": " "},
        {"route": "urgent", "reason": "急", "publish_at": "2026-12-01"},
        {"route": "imported"},
        {"route": "ordinary", "publish_at": "gestern"},
        {"route": "provisional", "hours": 0},
    ],
)
def test_wishes_that_do_not_fit(desk: Desk, fixed_clock: TestClock, wish: dict[str, Any]):
    code = desk.draft("chief")
    refused = desk.submit(code, "chief", **wish)
    assert refused.status_code in (422, 403)
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_routes_are_for_those_who_may(desk: Desk, stranger):
    code = desk.draft()
    assert desk.submit(code, route="urgent", reason="急").status_code == 403
    assert desk.submit(code, route="provisional").status_code == 403
    assert desk.submit(code, route="licensed").status_code == 403
    assert desk.submit(code, "agent1").status_code == 403
    assert desk.submit(code, "helper").status_code == 404
    assert stranger.post(f"{API}/articles/{code}/draft/submit", json={}).status_code == 404
