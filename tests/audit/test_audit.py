"""The audit record: append-only, searchable, exported only with a trace."""

import csv
import io

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from kms.accounts.actor import SYSTEM, Actor
from kms.accounts.permissions import Role
from kms.audit.service import record
from kms.db.session import writing


@pytest.fixture
def admin(signed_in) -> TestClient:
    return signed_in("1001", Role.ADMIN)


@pytest.fixture
def history(engine: Engine, fixed_clock) -> None:
    """Three days, three acts."""
    for actor, action, target in [("3127", "article.update", "KB-000001"), ("3128", "user.update", "3127")]:
        with writing(engine) as session:
            record(session, Actor(1, actor, actor), action, action.split(".")[0], target, {"n": 1}, {"n": 2})
        fixed_clock.forward(days=1)
    with writing(engine) as session:
        person = Actor(1, "3127", "林", service_login="crm")
        record(session, person, "article.export", "article", "KB-000001", after={"rows": 3})


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_record SET actor_login = 'nobody'", "DELETE FROM audit_record"]
)
def test_the_database_refuses_to_change_or_delete(engine: Engine, history, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), writing(engine) as session:
        session.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("", ["article.export", "user.update", "article.update"]),
        ("actor=3127", ["article.export", "article.update"]),
        ("actor=crm", ["article.export"]),
        ("action=article", ["article.export", "article.update"]),
        ("action=user.update", ["user.update"]),
        ("action=us", []),
        ("target=KB-000001", ["article.export", "article.update"]),
        ("target=user:3127", ["user.update"]),
        ("start=2026-11-26&end=2026-11-26", ["user.update"]),
        ("start=2026-11-26 10:00", ["article.export", "user.update"]),
        ("start=2026-11-26 10:01&end=2026-11-28", ["article.export"]),
    ],
)
def test_records_are_found(history, people, query: str, actions: list[str]) -> None:
    people.add("1001", Role.ADMIN)
    found = people.client("1001").get(f"/api/v1/audit?{query}").json()["items"]
    assert [line["action"] for line in found] == actions


def test_pages_go_on_where_the_last_one_ended(history, people) -> None:
    people.add("1001", Role.ADMIN)
    admin = people.client("1001")
    first = admin.get("/api/v1/audit?limit=2").json()
    second = admin.get(f"/api/v1/audit?limit=2&before={first['before']}").json()
    assert [line["action"] for line in first["items"] + second["items"]] == [
        "article.export",
        "user.update",
        "article.update",
    ]
    assert second["before"] is None


def test_the_page_tells_before_and_after_in_words(history, people) -> None:
    people.add("1001", Role.ADMIN)
    page = people.client("1001").get("/audit?action=article").text
    assert "修改知识" in page
    assert "由 crm 代为操作" in page
    assert "<del>1</del> <ins>2</ins>" in page
    assert "修改人员" not in page.split("<tbody>")[1]


@pytest.mark.parametrize("query", ["start=yesterday", "end=2026-13-01", "start=99999-01-01"])
def test_a_time_nobody_understands_is_said_so(admin: TestClient, query: str) -> None:
    page = admin.get(f"/audit?{query}")
    assert page.status_code == 422
    assert "时间写作 2026-11-25" in page.text
    assert admin.get(f"/api/v1/audit?{query}").json()["code"] == "invalid"


def test_the_export_holds_the_search_result_and_is_itself_recorded(history, people) -> None:
    people.add("1001", Role.ADMIN)
    admin = people.client("1001")
    answer = admin.get("/audit/export.csv?action=article")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["article.export", "article.update"]
    assert rows[2][7:9] == ['{"n": 1}', '{"n": 2}']
    [line] = admin.get("/api/v1/audit?action=audit.export").json()["items"]
    assert line["after"] == {"rows": 2, "complete": True, "action": "article"}
    assert line["actor_login"] == "1001"


def test_only_admins_read_it(signed_in) -> None:
    for role in set(Role) - {Role.ADMIN}:
        mine = signed_in(f"r-{role}", role)
        assert [mine.get(path).status_code for path in ("/audit", "/audit/export.csv", "/api/v1/audit")] == [
            403
        ] * 3


def test_the_system_is_an_actor_too(engine: Engine, admin: TestClient) -> None:
    with writing(engine) as session:
        record(session, SYSTEM, "user.import", after={"create": 2})
    [line] = admin.get("/api/v1/audit?actor=system").json()["items"]
    assert line["after"] == {"create": 2}
