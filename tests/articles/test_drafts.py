"""Drafts over HTTP: nothing typed is ever lost, limits hold, business lines do not meet."""

import json
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.engine import Engine

from kms.accounts.permissions import Role
from tests.articles.library import Library
from tests.conftest import People
from tests.locks import locked_tables

API = "/api/v1"


def _new(author: TestClient, library: Library, **fields: Any) -> dict[str, Any]:
    response = author.post(
        f"{API}/articles", json={"category_id": library.faults, "title": "光猫红灯", **fields}
    )
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def _save(client: TestClient, draft: dict[str, Any], **fields: Any) -> Response:
    body = {"version": draft["version"], "content": draft["content"] | fields}
    return client.put(f"{API}/articles/{draft['code']}/draft", json=body)


def test_codes_are_given_out_one_by_one(author: TestClient, library: Library):
    codes = [_new(author, library)["code"] for _ in range(3)]
    assert codes == ["KB-000001", "KB-000002", "KB-000003"]


def test_second_of_two_tabs_gets_both_texts(author: TestClient, library: Library):
    draft = _new(author, library)
    assert _save(author, draft, body="第一个窗口写的").json()["version"] == 2
    refused = _save(author, draft, body="第二个窗口写的")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["mine"]["body"] == "第二个窗口写的"
    assert problem["theirs"]["body"] == "第一个窗口写的"
    assert (problem["version"], problem["saved_by"]) == (2, "林晓雯")
    again = author.put(
        f"{API}/articles/{draft['code']}/draft", json={"version": 2, "content": problem["mine"]}
    )
    assert again.json()["content"]["body"] == "第二个窗口写的"


def test_saving_a_submitted_draft_gives_the_text_back(author: TestClient, library: Library):
    draft = _new(author, library)
    library.drop_draft(draft["code"])
    refused = _save(author, draft, body="还没保存的话")
    assert (refused.status_code, refused.json()["mine"]["body"]) == (409, "还没保存的话")


def test_incomplete_is_kept_but_never_over_limits(author: TestClient, library: Library):
    draft = _new(author, library, title="")
    refused = _save(author, draft, summary="长" * 121)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"where": "body.content.summary", "message": "最多 120 个字符"}]
    assert _save(author, draft, summary="长" * 120).status_code == 200


def test_bad_references_are_told_field_by_field(author: TestClient, library: Library, stranger: TestClient):
    draft = _new(author, library)
    refused = _save(
        author,
        draft,
        regions=["广东", "火星"],
        products=["不存在"],
        audience={"kind": "groups", "groups": ["保险组"]},
        attachments=[{"name": "a.png", "hash": "0" * 64}],
    )
    assert refused.status_code == 422
    assert refused.json()["errors"].keys() == {"regions", "products", "audience"}
    refused = _save(author, draft, attachments=[{"name": "a.png", "hash": "0" * 64}])
    assert refused.json()["errors"].keys() == {"attachments"}
    assert _save(author, draft, category_id=library.claims).json()["errors"].keys() == {"category_id"}
    assert _save(author, draft, owner_id=2**31 - 1).json()["errors"].keys() == {"owner_id"}


def test_malformed_bodies_are_refused(author: TestClient, library: Library):
    draft = _new(author, library)
    url = f"{API}/articles/{draft['code']}/draft"
    for content in (
        {"effective_from": "32 月"},
        {"effective_from": "0001-01-01T00:00:00"},
        {"category_id": 10**30},
        {"kind": "poem"},
        {"questions": ["x" * 201]},
        {"steps": [{"text": "x" * 1001}]},
        {"audience": {"kind": "groups", "groups": []}, "category_id": draft["content"]["category_id"]},
        {"title": "\ud800"},
        [],
    ):
        body = json.dumps(
            {"version": 1, "content": content}
        )  # as text: the client would refuse a lone surrogate
        response = author.put(url, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 422, (content, response.text)
        assert response.headers["Content-Type"] == "application/problem+json"
    assert author.put(url, content=b"{", headers={"Content-Type": "application/json"}).status_code == 422
    assert author.get(f"{API}/articles/KB-%00/draft").status_code in (404, 422)


def test_control_characters_do_not_survive(author: TestClient, library: Library):
    draft = _new(author, library)
    saved = _save(author, draft, body="一\x00二\x1b三\r\n四").json()
    assert saved["content"]["body"] == "一二三\n四"


def test_times_without_zone_are_shanghai(author: TestClient, library: Library):
    draft = _new(author, library, effective_from="2026-12-01T00:00:00")
    assert draft["content"]["effective_from"] == "2026-11-30T16:00:00Z"


def test_editors_grow_and_saving_is_not_audited(people: People, author: TestClient, library: Library):
    people.add("second", Role.EXPERT, groups=("宽带组",))
    code = library.article(1, library.faults)
    author.post(f"{API}/articles/{code}/draft")
    second = people.client("second")
    opened = second.post(f"{API}/articles/{code}/draft").json()
    assert opened["base_number"] == 1
    assert _save(second, opened, body="改过").status_code == 200
    assert [each["code"] for each in second.get(f"{API}/drafts").json()] == [code]


def test_draft_starts_from_the_revision_in_force(author: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, body="旧")
    library.revise(code, body="新")
    draft = author.post(f"{API}/articles/{code}/draft").json()
    assert (draft["base_number"], draft["content"]["body"]) == (2, "新")
    author.delete(f"{API}/articles/{code}/draft")
    assert author.post(f"{API}/articles/{code}/draft", params={"from": 1}).status_code == 409
    assert author.post(f"{API}/articles/{code}/draft", params={"from": 9}).status_code == 404


def test_returned_text_is_taken_up_again(author: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, body="旧")
    library.revise(code, body="被退回的")
    library.change(code, 2, approval="returned", publication="none", published_at=None)
    draft = author.post(f"{API}/articles/{code}/draft", params={"from": 2}).json()
    assert draft["content"]["body"] == "被退回的"


def test_discarding(author: TestClient, people: People, library: Library):
    draft = _new(author, library)
    people.add("third", Role.AUTHOR, groups=("宽带组",))
    assert people.client("third").delete(f"{API}/articles/{draft['code']}/draft").status_code == 404
    assert author.delete(f"{API}/articles/{draft['code']}/draft").status_code == 204
    assert author.get(f"{API}/articles/{draft['code']}/draft").status_code == 404
    assert author.get(f"{API}/drafts").json() == []


def test_only_writers_of_the_line_write(
    author: TestClient, agent: TestClient, stranger: TestClient, library: Library, author_id: int
):
    code = library.article(author_id, library.faults)
    assert agent.post(f"{API}/articles", json={"category_id": library.faults}).status_code == 403
    assert agent.post(f"{API}/articles/{code}/draft").status_code == 403
    assert stranger.post(f"{API}/articles/{code}/draft").status_code == 404
    assert stranger.post(f"{API}/articles", json={"category_id": library.faults}).status_code == 422
    assert author.post(f"{API}/articles", json={"category_id": None}).status_code == 422


def test_copy_leaves_history_and_origin_behind(
    author: TestClient, people: People, library: Library, author_id: int
):
    code = library.article(
        author_id, library.faults, body="正文", source="内部文件 12 号", change_note="改了"
    )
    assert author.post(f"{API}/articles/{code}/copy", json={"category_id": library.claims}).status_code == 422
    people.add("both", Role.AUTHOR, groups=("宽带组", "保险组"))
    both = people.client("both")
    copied = both.post(f"{API}/articles/{code}/copy", json={"category_id": library.claims})
    assert copied.status_code == 201
    draft = copied.json()
    assert (draft["base_number"], draft["content"]["body"]) == (0, "正文")
    assert draft["code"] != code
    assert code not in copied.text
    assert (draft["content"]["source"], draft["content"]["change_note"]) == ("", "")


def test_a_text_for_one_group_stays_in_it(
    author: TestClient, people: People, library: Library, author_id: int
):
    """A writer who may read the article but not the revision that is coming gets at neither it nor its draft."""
    people.add("narrow", Role.AUTHOR, groups=("宽带组", "专席"))
    narrow = people.client("narrow")
    library.join(library.broadband, "专席")
    code = library.article(author_id, library.faults, body="公开")
    audience = {"kind": "groups", "groups": ["专席"]}
    library.revise(code, body="专席内部", audience=audience)
    library.change(
        code, 2, approval="submitted", publication="none", published_at=None, submitted_by=author_id
    )
    library.change(code, audience=["internal"])
    people.add("outside", Role.AUTHOR, groups=("宽带组",))
    outside = people.client("outside")
    assert outside.post(f"{API}/articles/{code}/draft", params={"from": 2}).status_code == 404
    assert (
        narrow.post(f"{API}/articles/{code}/draft", params={"from": 2}).json()["content"]["body"]
        == "专席内部"
    )
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/attachments/a.png")):
        answer = outside.request(method, f"{API}/articles/{code}/draft{path}")
        assert (answer.status_code, "专席内部" in answer.text) == (404, False)
    saved = {"version": 1, "content": {"title": "x", "category_id": library.faults}}
    answer = outside.put(f"{API}/articles/{code}/draft", json=saved)
    assert (answer.status_code, "专席内部" in answer.text) == (404, False)
    assert author.get(f"{API}/articles/{code}/draft").status_code == 200


def test_whoever_changes_a_draft_holds_its_row(author: TestClient, library: Library, engine: Engine):
    """PostgreSQL has many writers: two saves of the same version must not both succeed."""
    draft = _new(author, library)
    files = {"file": ("a.txt", b"a", "text/plain")}
    url = f"{API}/articles/{draft['code']}/draft"
    for act in (
        lambda: _save(author, draft, body="x"),
        lambda: author.post(f"{url}/attachments", files=files),
        lambda: author.delete(f"{url}/attachments/a.txt"),
        lambda: author.delete(url),
    ):
        with locked_tables(engine) as locked:
            assert act().is_success
        assert "draft" in locked
