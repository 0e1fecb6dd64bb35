"""Categories over HTTP: a tree that keeps business lines apart, rules and owners that are inherited."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts.permissions import Role
from kms.articles.models import Category
from kms.db.session import reading
from tests.articles.library import Library
from tests.conftest import People

API = "/api/v1"


@pytest.fixture
def manager(people: People, library: Library) -> TestClient:
    """A supervisor of the broadband line."""
    people.add("boss", Role.SUPERVISOR, groups=("宽带组",), name="马国强")
    return people.client("boss")


@pytest.fixture
def admin(people: People, library: Library) -> TestClient:
    people.add("admin", Role.ADMIN, groups=())
    return people.client("admin")


def _tree(client: TestClient) -> list[dict[str, Any]]:
    tree: list[dict[str, Any]] = client.get(f"{API}/categories").json()
    return tree


def _version(client: TestClient, category_id: int) -> int:
    def walk(nodes: list[dict[str, Any]]) -> int:
        return max(
            (n["version"] if n["id"] == category_id else walk(n["children"]) for n in nodes), default=0
        )

    return walk(_tree(client))


def test_rule_and_owner_are_inherited(manager: TestClient, library: Library, people: People):
    person = people.add("r1", Role.REVIEWER, groups=("宽带组",))
    url = f"{API}/categories/{library.faults}/rule"
    default = manager.get(url).json()
    assert (default["own"], [stage["name"] for stage in default["rule"]["stages"]]) == (False, ["业务审核"])
    stages = [{"name": "班组审核", "people": [person]}, {"name": "业务审核", "role": "reviewer", "needed": 2}]
    put = manager.put(
        f"{API}/categories/{library.broadband}/rule", json={"version": 1, "rule": {"stages": stages}}
    )
    assert put.status_code == 200, put.text
    manager.put(f"{API}/categories/{library.broadband}/owner", json={"version": 2, "owner_id": person})
    inherited = manager.get(url).json()
    assert [stage["name"] for stage in inherited["rule"]["stages"]] == ["班组审核", "业务审核"]
    assert (inherited["own"], inherited["owner_id"]) == (False, person)


def test_a_rule_must_be_possible(manager: TestClient, library: Library, people: People):
    outsider = people.add("out", Role.REVIEWER, groups=("保险组",))
    url = f"{API}/categories/{library.faults}/rule"
    for rule in (
        {"stages": []},
        {"stages": [{"name": "x", "needed": 1}]},
        {"stages": [{"name": "", "role": "reviewer"}]},
        {"stages": [{"name": "x", "role": "king"}]},
        {"stages": [{"name": "x", "people": [outsider]}]},
        {"stages": [{"name": "x", "role": "reviewer", "needed": 0}]},
    ):
        assert manager.put(url, json={"version": 1, "rule": rule}).status_code == 422, rule


def test_names_places_and_versions(manager: TestClient, library: Library):
    made = manager.post(f"{API}/categories", json={"parent_id": library.faults, "name": " 光猫 "}).json()
    assert made["name"] == "光猫"
    url = f"{API}/categories/{made['id']}"
    for name in ("光猫", "", "a/b", "长" * 65):
        assert (
            manager.post(f"{API}/categories", json={"parent_id": library.faults, "name": name}).status_code
            == 422
        )
    assert manager.post(f"{url}/rename", json={"version": 9, "name": "终端"}).status_code == 409
    assert manager.post(f"{url}/rename", json={"version": 1, "name": "终端"}).json()["version"] == 2
    assert manager.post(f"{url}/move", json={"version": 2, "parent_id": library.prices}).status_code == 200
    below = {
        node["name"]: [child["name"] for child in node["children"]] for node in _tree(manager)[0]["children"]
    }
    assert below == {"故障处理": [], "资费": ["终端"]}


def test_a_subtree_moves_with_its_articles(manager: TestClient, library: Library, people: People):
    owner = people.add("w", Role.AUTHOR, groups=("宽带组",))
    low = manager.post(f"{API}/categories", json={"parent_id": library.faults, "name": "光猫"}).json()["id"]
    code = library.article(owner, low)
    moved = manager.post(
        f"{API}/categories/{library.faults}/move", json={"version": 1, "parent_id": library.prices}
    )
    assert moved.status_code == 200
    found = manager.get(f"{API}/articles", params={"category_id": library.prices}).json()["items"]
    assert [item["code"] for item in found] == [code]
    assert manager.get(f"{API}/articles/{code}").json()["category"] == ["宽带", "资费", "故障处理", "光猫"]
    own = manager.post(f"{API}/categories/{library.prices}/move", json={"version": 1, "parent_id": low})
    assert own.status_code == 422


def test_nothing_moves_across_business_lines(people: People, library: Library):
    people.add("both", Role.SUPERVISOR, groups=("宽带组", "保险组"))
    both = people.client("both")
    refused = both.post(
        f"{API}/categories/{library.faults}/move", json={"version": 1, "parent_id": library.claims}
    )
    assert refused.status_code == 409
    assert "复制" in refused.json()["detail"]
    top = both.post(
        f"{API}/categories/{library.broadband}/move", json={"version": 1, "parent_id": library.claims}
    )
    assert top.status_code == 409


def test_only_empty_ones_are_retired(manager: TestClient, library: Library, people: People):
    owner = people.add("w", Role.AUTHOR, groups=("宽带组",))
    code = library.article(owner, library.faults)
    url = f"{API}/categories/{library.faults}/retire"
    assert manager.post(url, json={"version": 1}).status_code == 409
    library.change(code, category_id=library.prices)
    assert manager.post(url, json={"version": 1}).status_code == 200
    assert [node["name"] for node in _tree(manager)[0]["children"]] == ["资费"]
    writer = people.client("w")
    assert writer.post(f"{API}/articles", json={"category_id": library.faults}).status_code == 422
    assert (
        manager.post(f"{API}/categories", json={"parent_id": library.faults, "name": "x"}).status_code == 409
    )


def test_lines_and_members_are_for_user_managers(
    manager: TestClient, admin: TestClient, agent: TestClient, library: Library
):
    new = {"name": "银行", "groups": ["宽带组"]}
    assert manager.post(f"{API}/business-lines", json=new).status_code == 403
    made = admin.post(f"{API}/business-lines", json=new)
    assert made.status_code == 201
    assert [node["name"] for node in _tree(agent)] == ["宽带", "银行"]
    members = {"version": 1, "groups": ["没有的组"]}
    url = f"{API}/categories/{made.json()['id']}/members"
    assert admin.put(url, json=members).status_code == 422
    assert admin.put(url, json={"version": 1, "groups": []}).status_code == 200
    assert [node["name"] for node in _tree(agent)] == ["宽带"]
    below = f"{API}/categories/{library.faults}/members"
    assert admin.put(below, json={"version": 1, "groups": []}).status_code == 409


def test_who_may_not(agent: TestClient, stranger: TestClient, library: Library):
    new = {"parent_id": library.faults, "name": "x"}
    assert agent.post(f"{API}/categories", json=new).status_code == 403
    assert stranger.post(f"{API}/categories", json=new).status_code == 404
    assert stranger.get(f"{API}/categories/{library.faults}/rule").status_code == 404
    rename = {"version": 1, "name": "x"}
    assert stranger.post(f"{API}/categories/{library.faults}/rename", json=rename).status_code == 404


def test_regions_and_products(manager: TestClient, agent: TestClient):
    assert manager.post(f"{API}/regions", json={"path": "四川"}).status_code == 201
    assert manager.post(f"{API}/regions", json={"path": "四川/成都"}).status_code == 201
    assert manager.post(f"{API}/regions", json={"path": "四川"}).status_code == 409
    for path in ("", "/", "云南/昆明", "四川/成都/武侯"):
        assert manager.post(f"{API}/regions", json={"path": path}).status_code == 422
    assert agent.get(f"{API}/regions").json() == ["四川", "四川/成都", "广东", "广东/广州"]
    assert manager.post(f"{API}/products", json={"name": "5G 畅享", "aliases": ["畅享"]}).status_code == 201
    assert manager.post(f"{API}/products", json={"name": "5G 畅享"}).status_code == 409
    assert agent.post(f"{API}/products", json={"name": "x"}).status_code == 403


def test_pages(manager: TestClient, admin: TestClient, library: Library):
    page = manager.get("/categories")
    assert page.status_code == 200
    assert "故障处理" in page.text
    assert "理赔" not in page.text
    assert "理赔" in admin.get("/categories").text
    form = {
        "version": "1",
        "name-0": "一审",
        "role-0": "reviewer",
        "needed-0": "1",
        "name-1": "",
        "needed-1": "1",
    }
    assert manager.post(f"/categories/{library.faults}/rule", data=form).status_code == 303
    shown = manager.get(f"/categories/{library.faults}").text
    assert "一审" in shown
    bad = manager.post(
        f"/categories/{library.faults}/rule", data={"version": "2", "name-0": "二审", "needed-0": "1"}
    )
    assert bad.status_code == 422
    assert "二审" in bad.text
    assert (
        manager.post("/categories", data={"parent_id": str(library.faults), "name": "光猫"}).status_code
        == 303
    )
    assert manager.post("/categories", data={"parent_id": "x", "name": "光猫"}).status_code == 422
    assert manager.get("/categories/vocabulary").status_code == 200
    assert manager.post("/categories/regions", data={"path": "火星/北"}).status_code == 422


def test_a_refused_business_line_is_not_made(admin: TestClient, engine: Engine):
    form = {"name": "新项目", "groups": ["没有的组"]}
    assert admin.post("/categories", data=form).status_code == 422
    with reading(engine) as session:
        assert session.exec(select(Category).where(Category.name == "新项目")).all() == []
