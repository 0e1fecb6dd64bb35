"""Reading over HTTP: which revision when, what stays silent, lists and counts, and two clients that never meet."""

import pytest
from fastapi.testclient import TestClient

from kms import clock
from kms.accounts.permissions import Role
from tests.articles.library import Library
from tests.conftest import People, TestClock

API = "/api/v1"


@pytest.fixture
def steps(library: Library, author_id: int, fixed_clock: TestClock) -> str:
    """199 yuan since 10:00, announced at 12:00 to be 129 yuan from 1 December."""
    code = library.article(author_id, library.prices, title="套餐月费", summary="每月 199 元", body="199")
    fixed_clock.forward(hours=2)
    library.revise(code, summary="每月 129 元", body="129", effective_from="2026-12-01")
    fixed_clock.forward(hours=2)
    return code


def test_the_older_stays_until_the_newer_takes_effect(
    agent: TestClient, people: People, steps: str, fixed_clock: TestClock
):
    article = agent.get(f"{API}/articles/{steps}").json()
    assert (article["number"], article["summary"]) == (1, "每月 199 元")
    assert article["change"]["text"] == "12-01 起变更"
    fixed_clock.forward(days=10)
    article = people.client("agent").get(f"{API}/articles/{steps}").json()
    assert (article["number"], article["change"]) == (2, None)


def test_as_of_and_known_at(author: TestClient, agent: TestClient, steps: str):
    def number(client: TestClient, **params: str) -> int:
        response = client.get(f"{API}/articles/{steps}", params=params)
        return response.json()["number"] if response.status_code == 200 else -response.status_code

    assert number(author, as_of="2026-12-02") == 2
    assert number(agent, as_of="2026-12-02") == -403  # coming ones need a permission
    assert number(agent, as_of="2026-11-25 11:00") == 1
    assert number(agent, known_at="2026-11-25T11:00:00+08:00") == 1
    assert number(agent, known_at="2026-11-25 09:59") == -404
    assert number(author, as_of="2026-12-02", known_at="2026-11-25 11:00") == 1  # not announced yet


@pytest.mark.parametrize(
    "value", ["gestern", "2026-13-01", "9999-99-99", "0001-01-01", "2999-01-01T00:00:00Z"]
)
def test_malformed_times(agent: TestClient, steps: str, value: str):
    response = agent.get(f"{API}/articles/{steps}", params={"known_at": value})
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"


def test_revisions_that_are_not_for_everyone(agent: TestClient, author: TestClient, steps: str):
    assert [each["number"] for each in agent.get(f"{API}/articles/{steps}/revisions").json()] == [1]
    assert [each["standing"] for each in author.get(f"{API}/articles/{steps}/revisions").json()] == [
        "coming",
        "in_force",
    ]
    assert agent.get(f"{API}/articles/{steps}/revisions/2").status_code == 403
    assert agent.get(f"{API}/articles/{steps}/revisions/3").status_code == 404
    assert agent.get(f"{API}/articles/{steps}/revisions/0").status_code == 422
    assert agent.get(f"{API}/articles/{steps}/revisions/99999999999999999999").status_code == 422


def test_unpublished_is_unknown_to_agents(
    agent: TestClient, author: TestClient, library: Library, author_id: int
):
    code = library.article(author_id, library.prices)
    library.change(code, 1, approval="submitted", publication="none", published_at=None)
    assert agent.get(f"{API}/articles/{code}").status_code == 404
    assert agent.get(f"{API}/articles/{code}/revisions").status_code == 404
    assert author.get(f"{API}/articles/{code}").json()["standing"] == "unpublished"


def test_superseded_is_readable(agent: TestClient, library: Library, author_id: int, fixed_clock: TestClock):
    code = library.article(author_id, library.prices, body="旧")
    fixed_clock.forward(hours=1)
    library.revise(code, body="新")
    old = agent.get(f"{API}/articles/{code}/revisions/1").json()
    assert (old["standing"], old["body"]) == ("superseded", "旧")


def test_what_has_ended_is_silent(
    agent: TestClient, people: People, library: Library, author_id: int, fixed_clock: TestClock
):
    def standing(code: str) -> tuple[str, str | None]:
        article = agent.get(f"{API}/articles/{code}").json()
        return article["standing"], article["summary"]

    expired = library.article(author_id, library.prices, summary="旧话", effective_to="2026-11-26")
    recalled = library.article(author_id, library.prices, summary="错话")
    retired = library.article(author_id, library.prices, summary="停话")
    assert standing(expired) == ("in_force", "旧话")
    fixed_clock.forward(days=1)
    agent = people.client("agent")
    library.change(recalled, 1, recalled_at=clock.now(), publication="recalled")
    library.change(retired, retired_at=clock.now())
    assert standing(expired) == ("expired", None)
    assert standing(recalled) == ("recalled", None)
    assert standing(retired) == ("retired", None)
    # What an agent was shown yesterday can still be looked up.
    then = agent.get(f"{API}/articles/{recalled}", params={"known_at": "2026-11-25 10:30"}).json()
    assert (then["standing"], then["summary"]) == ("in_force", "错话")
    lapsed = agent.get(f"{API}/articles", params={"validity": "lapsed"}).json()
    assert {item["code"] for item in lapsed["items"]} == {expired, recalled, retired}
    assert {item["summary"] for item in lapsed["items"]} == {None}
    assert agent.get(f"{API}/articles").json()["items"] == []


def test_difference_by_characters(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.prices, summary="每月 199 元", body="不变")
    library.revise(code, summary="每月 129 元")
    parts = agent.get(f"{API}/articles/{code}/difference", params={"from": 1, "to": 2}).json()["parts"]
    assert [part["field"] for part in parts] == ["summary"]
    assert [(each["op"], each["text"]) for each in parts[0]["segments"]] == [
        ("equal", "每月 "),
        ("delete", "199"),
        ("insert", "129"),
        ("equal", " 元"),
    ]
    assert agent.get(f"{API}/articles/{code}/difference").status_code == 422
    assert agent.get(f"{API}/articles/{code}/difference", params={"from": 1, "to": 7}).status_code == 404


def test_links_and_citations(agent: TestClient, library: Library, author_id: int):
    target = library.article(author_id, library.faults, title="上门时限")
    gone = library.article(author_id, library.faults, title="停用的")
    library.change(gone, retired_at=clock.now())
    code = library.article(
        author_id,
        library.faults,
        body=f"见[时限]({target})、[旧]({gone})",
        steps=[{"text": "看灯", "branches": [{"when": "仍红", "go": "KB-999999"}]}],
    )
    links = agent.get(f"{API}/articles/{code}").json()["links"]
    assert [(each["code"], each["title"], each["broken"]) for each in links] == [
        (target, "上门时限", False),
        (gone, "", True),
        ("KB-999999", "", True),
    ]
    cited = agent.get(f"{API}/articles/{target}").json()["cited_by"]
    assert [each["code"] for each in cited] == [code]


def test_browse_filters_sorts_and_pages(
    agent: TestClient, library: Library, author_id: int, fixed_clock: TestClock
):
    codes = []
    for place in range(7):
        fixed_clock.forward(minutes=1)
        regions = ["广东"] if place % 2 else []
        codes.append(library.article(author_id, library.faults, title=f"故障 {place}", regions=regions))
    library.article(author_id, library.prices, title="资费 100%", kind="policy", products=["家庭宽带"])

    def titles(**params: object) -> list[str]:
        return [item["title"] for item in agent.get(f"{API}/articles", params=params).json()["items"]]  # type: ignore[arg-type]

    assert titles(category_id=library.prices) == ["资费 100%"]
    assert len(titles(category_id=library.broadband)) == 8
    assert titles(kind="policy") == titles(product="家庭宽带") == titles(q="100%") == ["资费 100%"]
    assert titles(region="广东", sort="title") == ["故障 1", "故障 3", "故障 5"]
    assert titles(q=codes[3].lower()) == ["故障 3"]
    assert titles(q="%") == ["资费 100%"]

    for sort in ("-updated", "updated", "title", "-title", "code", "-code", "-popular", "popular"):
        whole = titles(category_id=library.faults, sort=sort)
        walked, after, before = [], "", ""
        while True:
            page = agent.get(
                f"{API}/articles",
                params={"category_id": library.faults, "sort": sort, "size": 3, "after": after},
            ).json()
            walked += [item["title"] for item in page["items"]]
            before, after = page["before"], page["after"]
            if not after:
                break
        assert (walked, page["total"]) == (whole, 7)
        back = agent.get(
            f"{API}/articles",
            params={"category_id": library.faults, "sort": sort, "size": 3, "before": before},
        ).json()
        assert [item["title"] for item in back["items"]] == whole[3:6]
        assert back["after"]
        assert back["before"]


@pytest.mark.parametrize(
    "params",
    [
        {"after": "x"},
        {"after": "WyJhIiwxXQ"},
        {"before": "😀"},
        {"sort": "size"},
        {"size": 0},
        {"category_id": "a"},
        {"category_id": 2**40},
        {"kind": "poem"},
        {"q": "x" * 201},
    ],
)
def test_malformed_lists(agent: TestClient, params: dict[str, str]):
    assert agent.get(f"{API}/articles", params=params).status_code == 422


def test_a_key_of_another_order_is_refused(agent: TestClient, library: Library, author_id: int):
    for place in range(3):
        library.article(author_id, library.faults, title=f"{place}")
    key = agent.get(f"{API}/articles", params={"size": 1, "sort": "title"}).json()["after"]
    assert (
        agent.get(f"{API}/articles", params={"size": 1, "sort": "-updated", "after": key}).status_code == 422
    )


def test_shelves(library: Library, people: People, author_id: int, fixed_clock: TestClock):
    old = library.article(author_id, library.faults, title="旧")
    fixed_clock.forward(days=20)
    people.add("agent", Role.AGENT, groups=("宽带组",))
    agent = people.client("agent")
    new = library.article(author_id, library.faults, title="新")

    def shelf(name: str) -> list[str]:
        return [item["code"] for item in agent.get(f"{API}/shelves/{name}").json()]

    assert shelf("changed") == [new]
    assert agent.put(f"{API}/articles/{old}/bookmark").status_code == 204
    assert agent.put(f"{API}/articles/{old}/bookmark").status_code == 204
    assert shelf("bookmarks") == [old]
    assert agent.delete(f"{API}/articles/{old}/bookmark").status_code == 204
    assert shelf("bookmarks") == shelf("recent") == shelf("popular") == []


def test_two_clients_never_meet(
    agent: TestClient, stranger: TestClient, library: Library, author_id: int, people: People
):
    theirs = library.article(author_id, library.claims, title="理赔秘密")
    ours = library.article(author_id, library.faults, title="光猫红灯", body=f"[x]({theirs})")
    citing = library.article(author_id, library.claims, title="也引用", body=f"[x]({ours})")
    seen = [
        agent.get(f"{API}/articles/{theirs}"),
        agent.get(f"{API}/articles/{theirs}/revisions"),
        agent.get(f"{API}/articles/{theirs}/revisions/1"),
        agent.get(f"{API}/articles/{theirs}/difference", params={"from": 1, "to": 1}),
        agent.get(f"{API}/articles/{ours}"),
        agent.get(f"{API}/articles"),
        agent.get(f"{API}/articles", params={"q": theirs}),
        agent.get(f"{API}/articles", params={"category_id": library.claims}),
        agent.get(f"{API}/categories"),
        agent.get(f"{API}/shelves/changed"),
        agent.put(f"{API}/articles/{theirs}/bookmark"),
        agent.post(f"{API}/articles/{theirs}/corrections", json={"number": 1, "message": "错"}),
    ]
    assert [response.status_code for response in seen] == [
        404,
        404,
        404,
        404,
        200,
        200,
        200,
        404,
        200,
        200,
        404,
        404,
    ]
    told = "".join(response.text for response in seen)
    for secret in ("理赔", "秘密", "也引用", "保险", citing):
        assert secret not in told
    assert seen[4].json()["links"] == [{"code": theirs, "title": "", "broken": True}]
    assert seen[5].json()["total"] == 1
    # One person in both lines still sees a link across them as broken.
    people.add("both", Role.AGENT, groups=("宽带组", "保险组"))
    both = people.client("both").get(f"{API}/articles/{ours}").json()
    assert (both["links"][0]["broken"], both["cited_by"]) == (True, [])


def test_counts_cover_only_what_may_be_seen(
    agent: TestClient, people: People, library: Library, author_id: int
):
    library.article(author_id, library.faults)
    people.add("vip", Role.AGENT, groups=("宽带组", "专席"))
    library.article(author_id, library.faults, audience={"kind": "groups", "groups": ["专席"]})

    def count(client: TestClient) -> tuple[int, int]:
        line = client.get(f"{API}/categories").json()[0]
        return line["articles"], client.get(f"{API}/articles").json()["total"]

    assert count(agent) == (1, 1)
    assert count(people.client("vip")) == (2, 2)


def test_both_audiences_must_admit(
    agent: TestClient, library: Library, author_id: int, fixed_clock: TestClock
):
    code = library.article(author_id, library.faults, audience={"kind": "groups", "groups": ["专席"]})
    library.change(code, audience=["internal"])
    assert agent.get(f"{API}/articles/{code}").status_code == 404
    assert agent.get(f"{API}/articles").json()["total"] == 0


def test_what_was_never_published_looks_to_agents_like_nothing(
    agent: TestClient, author: TestClient, library: Library, author_id: int
):
    code = library.article(author_id, library.prices, title="下月新资费")
    library.change(code, 1, approval="submitted", publication="none", published_at=None)
    for path in (
        "",
        "/revisions",
        "/revisions/1",
        "/revisions/9",
        "?as_of=2026-11-25",
        "/difference?from=1&to=1",
    ):
        hidden, missing = (agent.get(f"{API}/articles/{each}{path}") for each in (code, "KB-000404"))
        assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"])
    assert agent.put(f"{API}/articles/{code}/bookmark").status_code == 404
    assert author.get(f"{API}/articles/{code}").json()["standing"] == "unpublished"


def test_a_hidden_revision_looks_like_none(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.prices, title="资费")
    library.revise(code)
    library.change(code, 2, approval="submitted", publication="none", published_at=None)
    hidden, missing = (agent.get(f"{API}/articles/{code}/revisions/{number}") for number in (2, 3))
    assert hidden.json()["detail"].replace("2", "3") == missing.json()["detail"]
