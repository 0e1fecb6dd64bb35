"""纠错 over HTTP: any reader reports, the owner answers, the reporter is told."""

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from kms.accounts.models import GroupMember, User
from kms.accounts.permissions import Role
from kms.db.session import reading, writing
from kms.inbox.models import InboxItem
from tests.articles.library import Library
from tests.conftest import People
from tests.locks import locked_tables

API = "/api/v1"


@pytest.fixture
def code(library: Library, author_id: int) -> str:
    return library.article(author_id, library.faults, title="上门时限", body="城区 48 小时")


def _inbox(engine: Engine, login: str) -> list[tuple[str, bool, bool]]:
    with reading(engine) as session:
        mine = select(InboxItem).join(User, User.id == InboxItem.user_id).where(User.login == login)
        items = session.exec(mine.order_by("id"))
        return [(item.title, item.is_task, item.done_at is not None) for item in items]


def _report(client: TestClient, code: str, **fields: object) -> Response:
    body = {"number": 1, "message": "应为 24 小时，客户 13800138000 投诉", "quote": "城区 48 小时", **fields}
    return client.post(f"{API}/articles/{code}/corrections", json=body)


def test_accepted(agent: TestClient, author: TestClient, code: str, engine: Engine):
    made = _report(agent, code).json()
    assert made["message"] == "应为 24 小时，客户 138****8000 投诉"
    assert _inbox(engine, "author") == [("有人报错：上门时限", True, False)]
    assert [each["id"] for each in author.get(f"{API}/corrections").json()] == [made["id"]]
    accepted = author.post(f"{API}/corrections/{made['id']}/accept", json={}).json()
    assert (accepted["state"], accepted["answer"]) == ("accepted", "已采纳，正在修改")
    assert author.get(f"{API}/articles/{code}/draft").json()["base_number"] == 1
    assert _inbox(engine, "author") == [("有人报错：上门时限", True, True)]
    assert _inbox(engine, "agent") == [("您报的错已采纳：上门时限", False, False)]
    assert author.post(f"{API}/corrections/{made['id']}/decline", json={"answer": "x"}).status_code == 409


def test_declined_with_an_answer(agent: TestClient, author: TestClient, code: str):
    made = _report(agent, code).json()
    assert author.post(f"{API}/corrections/{made['id']}/decline", json={"answer": " "}).status_code == 422
    declined = author.post(f"{API}/corrections/{made['id']}/decline", json={"answer": "农村才是 24"}).json()
    assert declined["state"] == "declined"
    mine = agent.get(f"{API}/corrections", params={"mine": True}).json()
    assert [each["answer"] for each in mine] == ["农村才是 24"]


def test_who_may_handle(agent: TestClient, stranger: TestClient, people: People, code: str):
    made = _report(agent, code).json()
    assert agent.post(f"{API}/corrections/{made['id']}/accept", json={}).status_code == 403
    people.add("other", Role.AUTHOR, groups=("宽带组",))
    other = people.client("other")
    assert other.get(f"{API}/corrections/{made['id']}").status_code == 404
    assert other.post(f"{API}/corrections/{made['id']}/accept", json={}).status_code == 404
    assert stranger.get(f"{API}/corrections/{made['id']}").status_code == 404
    assert stranger.get(f"{API}/corrections").json() == []


@pytest.mark.parametrize(
    "fields",
    [{"message": ""}, {"message": "x" * 501}, {"quote": "x" * 501}, {"number": 0}, {"message": "  "}],
)
def test_malformed(agent: TestClient, code: str, fields: dict[str, object]):
    assert _report(agent, code, **fields).status_code == 422


def test_pages(agent: TestClient, author: TestClient, code: str):
    assert (
        agent.get("/corrections/new", params={"code": code, "number": 1, "quote": "城区"}).status_code == 200
    )
    assert "data-quote-into" in agent.get(f"/articles/{code}").text
    form = {"code": code, "number": "1", "message": "应为 <b>24</b> 小时", "quote": "城区"}
    assert agent.post("/corrections", data=form | {"message": ""}).status_code == 422
    assert agent.post("/corrections", data=form).headers["Location"] == f"/articles/{code}"
    shown = author.get("/corrections").text
    assert "应为 &lt;b&gt;24&lt;/b&gt; 小时" in shown
    assert author.get("/corrections/1").status_code == 200
    assert author.post("/corrections/1", data={"verdict": "decline"}).status_code == 422
    assert author.post("/corrections/1", data={"verdict": "accept"}).headers["Location"] == f"/drafts/{code}"
    assert "已采纳" in agent.get("/corrections?view=mine").text


def test_a_refused_answer_leaves_no_draft(agent: TestClient, author: TestClient, code: str):
    made = _report(agent, code).json()
    form = {"verdict": "accept", "answer": "长" * 501}
    assert author.post(f"/corrections/{made['id']}", data=form).status_code == 422
    assert author.get(f"{API}/articles/{code}/draft").status_code == 404


def test_two_answers_at_once_are_one_after_the_other(
    agent: TestClient, author: TestClient, code: str, engine: Engine
):
    made = _report(agent, code).json()
    with locked_tables(engine) as locked:
        assert author.post(f"{API}/corrections/{made['id']}/decline", json={"answer": "无误"}).is_success
    assert "correction" in locked


def test_who_has_left_the_line_hears_no_more_of_it(
    agent: TestClient, author: TestClient, code: str, engine: Engine
):
    made = _report(agent, code).json()
    with writing(engine) as session:
        user = session.exec(select(User).where(User.login == "agent")).one()
        session.execute(sa.delete(GroupMember).where(col(GroupMember.user_id) == user.id))
    assert author.post(f"{API}/corrections/{made['id']}/decline", json={"answer": "无误"}).is_success
    assert _inbox(engine, "agent") == []
