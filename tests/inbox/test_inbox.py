"""待办与消息: what waits for one person, on the page and over the API."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from kms.accounts.permissions import Role
from kms.db.session import writing
from kms.inbox.service import Message, send, settle


@pytest.fixture
def ling(people) -> int:
    return people.add("3127", Role.AGENT, name="林晓雯")


@pytest.fixture
def mine(people, ling: int) -> TestClient:
    return people.client("3127")


@pytest.fixture
def put(engine: Engine, ling: int):
    def put(
        key: str, title: str, *, task: bool = False, to: int | None = None, href: str = "/search"
    ) -> None:
        with writing(engine) as session:
            send(session, [to or ling], Message(key, "correction", title, "详情", href, is_task=task))

    return put


def test_tasks_stay_until_they_are_settled(mine: TestClient, put, engine: Engine) -> None:
    put("correction:1", "请答复纠错", task=True)
    [item] = mine.get("/api/v1/inbox").json()["items"]
    assert mine.post(f"/api/v1/inbox/{item['id']}/read").json()["done_at"] is None
    assert mine.get("/api/v1/inbox").json()["count"] == 1
    assert "请答复纠错" in mine.get("/inbox").text
    with writing(engine) as session:
        settle(session, "correction:1")
    assert mine.get("/api/v1/inbox").json() == {"count": 0, "items": [], "before": None}
    assert "请答复纠错" in mine.get("/inbox?view=done").text
    assert "没有待办" in mine.get("/inbox").text


def test_messages_are_done_when_read(mine: TestClient, put) -> None:
    put("published:1", "已发布", href="/articles/KB-000001")
    page = mine.get("/inbox?view=messages").text
    [item] = mine.get("/api/v1/inbox?kind=message").json()["items"]
    assert f'href="/inbox/{item["id"]}"' in page
    assert mine.get(f"/inbox/{item['id']}").headers["location"] == "/articles/KB-000001"
    assert mine.get("/api/v1/inbox").json()["count"] == 0
    assert mine.get("/api/v1/inbox?state=done").json()["items"][0]["title"] == "已发布"


def test_read_all_leaves_the_tasks(mine: TestClient, put) -> None:
    for n in range(3):
        put(f"published:{n}", f"已发布 {n}")
    put("correction:1", "请答复纠错", task=True)
    assert mine.get("/api/v1/inbox").json()["count"] == 4
    assert mine.post("/api/v1/inbox/read-all").json() == {"count": 1}
    put("published:9", "又一条")
    assert mine.post("/inbox/read-all").status_code == 303
    assert "已全部标为已读" in mine.get("/inbox").text


def test_sending_again_renews_and_never_doubles(mine: TestClient, put) -> None:
    put("published:1", "第一次")
    mine.post("/api/v1/inbox/read-all")
    put("published:1", "第二次")
    assert [item["title"] for item in mine.get("/api/v1/inbox").json()["items"]] == ["第二次"]


def test_nobody_opens_another_s(mine: TestClient, put, people) -> None:
    other = people.add("3128", Role.AGENT)
    put("published:1", "秘密", to=other)
    [item] = people.client("3128").get("/api/v1/inbox").json()["items"]
    for answer in (
        mine.get(f"/inbox/{item['id']}"),
        mine.post(f"/inbox/{item['id']}/read"),
        mine.post(f"/api/v1/inbox/{item['id']}/read"),
    ):
        assert answer.status_code == 404
    assert "秘密" not in mine.get("/inbox?view=messages").text


def test_pages_go_on_where_the_last_one_ended(mine: TestClient, put) -> None:
    for n in range(55):
        put(f"published:{n}", f"消息 {n:02}")
    first = mine.get("/api/v1/inbox?limit=50").json()
    rest = mine.get(f"/api/v1/inbox?limit=50&before={first['before']}").json()
    titles = [item["title"] for item in first["items"] + rest["items"]]
    assert titles == [f"消息 {n:02}" for n in reversed(range(55))]
    assert rest["before"] is None
    page = mine.get("/inbox?view=messages").text
    after = page.split("after=")[1].split('"')[0].split("&")[0]
    part = mine.get(f"/inbox?view=messages&after={after}", headers={"HX-Request": "true"}).text
    assert part.count("<li") == 5
    assert "<html" not in part


def test_every_page_shows_the_count(mine: TestClient, put) -> None:
    put("correction:1", "请答复纠错", task=True)
    page = mine.get("/account").text
    assert 'id="inbox-count">1' in page
    assert 'id="bell-count">1' in page


@pytest.mark.parametrize("query", ["view=evil", "after=0", "after=x"])
def test_odd_addresses_are_answered_not_broken(mine: TestClient, query: str) -> None:
    assert mine.get(f"/inbox?{query}").status_code == 422
