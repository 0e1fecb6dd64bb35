"""API keys: how programs come in, and how far they get in a person's name."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms import clock
from kms.accounts.actor import SYSTEM
from kms.accounts.keys import create_key
from kms.accounts.models import ApiKey, User
from kms.accounts.permissions import Permission, Role
from kms.audit.models import AuditRecord
from kms.db.session import reading, writing

P = Permission


@pytest.fixture
def make_key(engine: Engine):
    def make(*scopes: Permission, service: str = "crm", days: int | None = None) -> dict[str, str]:
        end = clock.now() + timedelta(days=days) if days else None
        with writing(engine) as session:
            _, plain = create_key(session, SYSTEM, service, scopes, end)
        return {"Authorization": f"Bearer {plain}"}

    return make


@pytest.fixture
def program(app: FastAPI, client: TestClient) -> TestClient:
    """No cookie, no browser headers."""
    return TestClient(app, follow_redirects=False)


def test_a_program_has_the_scopes_of_its_key(program: TestClient, make_key) -> None:
    me = program.get("/api/v1/me", headers=make_key(P.SEARCH, P.ARTICLE_READ)).json()
    assert me["login"] == me["service_login"] == "crm"
    assert me["permissions"] == ["article.read", "search", "signed_in"]
    assert program.get("/api/v1/users", headers=make_key(P.SEARCH)).status_code == 403


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic abc", "", "kms_x"])
def test_a_wrong_key_is_refused_even_beside_a_good_cookie(signed_in, header: str) -> None:
    mine = signed_in("3127", Role.AGENT)
    answer = mine.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert mine.get("/api/v1/me").status_code == 200


def test_in_a_person_s_name_both_must_be_allowed(program: TestClient, make_key, people) -> None:
    people.add("3127", Role.SUPERVISOR)
    key = make_key(
        P.SEARCH, P.ARTICLE_WRITE, P.ARTICLE_RECALL, P.ARTICLE_APPROVE, P.ARTICLE_EXPORT, P.USER_MANAGE
    )
    me = program.get("/api/v1/me", headers=key | {"On-Behalf-Of": "3127"}).json()
    assert (me["login"], me["service_login"]) == ("3127", "crm")
    assert me["permissions"] == ["article.write", "search", "signed_in"]


@pytest.mark.parametrize("login", ["gone", "9999", "crm"])
def test_nobody_acts_for_who_is_disabled_unknown_or_a_program(
    program: TestClient, make_key, people, engine: Engine, login: str
) -> None:
    people.add("gone", Role.AGENT)
    with writing(engine) as session:
        session.exec(select(User).where(User.login == "gone")).one().active = False
    answer = program.get("/api/v1/me", headers=make_key(P.SEARCH) | {"On-Behalf-Of": login})
    assert answer.status_code == 403
    assert "不能代为操作" in answer.json()["detail"]


def test_the_audit_names_both(program: TestClient, make_key, people, signed_in, engine: Engine) -> None:
    admin = signed_in("1001", Role.ADMIN)
    people.add("3127", Role.AGENT)
    key = make_key(P.USER_MANAGE)
    made = program.post("/api/v1/users", headers=key, json={"login": "5001", "name": "新人"})
    assert made.status_code == 201
    assert program.post("/api/v1/users", headers=key | {"On-Behalf-Of": "1001"}, json={}).status_code == 403
    [line] = admin.get("/api/v1/audit?action=user.create&target=5001").json()["items"]
    assert (line["actor_login"], line["service_login"]) == ("crm", "crm")
    with reading(engine) as session:
        assert session.exec(select(AuditRecord).where(AuditRecord.action == "key.create")).all()


def test_a_key_ends_by_time_by_hand_and_with_its_service(
    program: TestClient, make_key, people, fixed_clock
) -> None:
    people.add("1001", Role.ADMIN)
    short, second, third = (make_key(P.SEARCH, days=1), make_key(P.SEARCH), make_key(P.SEARCH, service="ivr"))
    fixed_clock.forward(hours=23)
    assert program.get("/api/v1/me", headers=short).status_code == 200
    fixed_clock.forward(hours=1)
    assert program.get("/api/v1/me", headers=short).status_code == 401
    admin = people.client("1001")
    keys = admin.get("/api/v1/keys").json()
    [found] = [key for key in keys if key["service"] == "crm" and key["expires_at"] is None]
    assert admin.post(f"/keys/{found['id']}/revoke").status_code == 303
    assert program.get("/api/v1/me", headers=second).status_code == 401
    assert program.get("/api/v1/me", headers=third).status_code == 200
    ivr = admin.get("/api/v1/users/ivr").json()
    admin.post("/api/v1/users/ivr/deactivate", json={"version": ivr["version"]})
    assert program.get("/api/v1/me", headers=third).status_code == 401


def test_the_key_is_shown_once_and_never_stored(signed_in, engine: Engine) -> None:
    admin = signed_in("1001", Role.ADMIN)
    page = admin.post("/keys", data={"service": "crm", "scopes": ["search"], "expires_at": "2099-01-01"})
    plain = page.text.split("data-once>")[1].split("<")[0]
    assert plain.startswith("kms_")
    assert len(plain) > 40
    assert plain not in admin.get("/keys").text
    with reading(engine) as session:
        assert plain not in session.exec(select(ApiKey)).one().model_dump_json()


def test_use_is_noted_once_a_minute(program: TestClient, make_key, engine: Engine, fixed_clock) -> None:
    key = make_key(P.SEARCH)

    def used():
        with reading(engine) as session:
            return session.exec(select(ApiKey.used_at)).one()

    program.get("/api/v1/me", headers=key)
    first = used()
    fixed_clock.forward(seconds=59)
    program.get("/api/v1/me", headers=key)
    assert used() == first
    fixed_clock.forward(seconds=1)
    program.get("/api/v1/me", headers=key)
    assert used() == clock.now()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"service": "", "scopes": ["search"]}, "请填写服务名"),
        ({"service": "a b", "scopes": ["search"]}, "服务名只能用"),
        ({"service": "crm"}, "请至少选择一项权限"),
        ({"service": "crm", "scopes": ["search"], "expires_at": "2020-01-01"}, "到期时间已过"),
        ({"service": "crm", "scopes": ["search"], "expires_at": "soon"}, "到期时间写法不对"),
    ],
)
def test_a_form_that_is_wrong_comes_back_with_the_reason(signed_in, data: dict, told: str) -> None:
    answer = signed_in("1001", Role.ADMIN).post("/keys", data=data)
    assert answer.status_code == 422
    assert told in answer.text


def test_a_person_s_login_cannot_become_a_service(signed_in) -> None:
    answer = signed_in("1001", Role.ADMIN).post("/keys", data={"service": "1001", "scopes": ["search"]})
    assert answer.status_code == 409
    assert "属于一位员工" in answer.text
