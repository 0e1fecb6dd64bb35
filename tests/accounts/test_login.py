"""Signing in and out, expiry, throttling."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts.models import LoginAttempt, LoginSession, User
from kms.accounts.passwords import hash_password, is_right
from kms.accounts.permissions import Role
from kms.accounts.sessions import COOKIE
from kms.db.session import reading, writing

PASSWORD = "南湾-right-horse-7"
HASH = hash_password(PASSWORD)


@pytest.fixture
def ling(people, engine: Engine) -> str:
    people.add("3127", Role.AGENT, name="林晓雯")
    set_hash(engine, "3127")
    return "3127"


def set_hash(engine: Engine, *logins: str) -> None:
    with writing(engine) as session:
        for user in session.exec(select(User).where(User.login.in_(logins))):
            user.password_hash = HASH
            session.add(user)


def log_in(client: TestClient, login: str, password: str = PASSWORD, **data: str):
    return client.post("/login", data={"login": login, "password": password, **data})


def test_a_right_password_opens_a_session_and_leads_back(client: TestClient, ling: str) -> None:
    page = client.get("/login?next=/inbox")
    assert page.status_code == 200
    assert 'value="/inbox"' in page.text
    answer = log_in(client, f" {ling} ", next="/inbox")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/account").status_code == 200


def test_the_database_never_holds_the_cookie(client: TestClient, ling: str, engine: Engine) -> None:
    log_in(client, ling)
    with reading(engine) as session:
        row = session.exec(select(LoginSession)).one()
    assert client.cookies[COOKIE] not in row.model_dump_json()


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil",
        "/logout",
    ],
)
def test_after_login_nobody_is_led_elsewhere(client: TestClient, ling: str, path: str) -> None:
    assert log_in(client, ling, next=path).headers["location"] == "/"


@pytest.mark.parametrize("login", ["3127", "9999"])
def test_wrong_and_unknown_look_the_same(client: TestClient, ling: str, login: str) -> None:
    answer = log_in(client, login, "wrong")
    assert answer.status_code == 422
    assert "工号或密码不对" in answer.text
    assert "还可再试 4 次" in answer.text
    assert f'value="{login}"' in answer.text
    assert COOKIE not in client.cookies


def test_a_disabled_person_and_a_service_cannot_log_in(
    client: TestClient, people, engine: Engine, ling: str
) -> None:
    people.add("svc")
    set_hash(engine, "svc")
    with writing(engine) as session:
        for user in session.exec(select(User)):
            user.active, user.is_service = user.login != ling, user.login == "svc"
            session.add(user)
    for login in (ling, "svc"):
        assert "工号或密码不对" in log_in(client, login).text


def test_an_empty_hash_fits_no_password() -> None:
    assert not is_right("", "")
    assert not is_right("anything", "")


def test_five_wrong_passwords_lock_the_account_for_a_while(
    client: TestClient, ling: str, fixed_clock
) -> None:
    for left in (4, 3, 2, 1):
        assert f"还可再试 {left} 次" in log_in(client, ling, "wrong").text
    assert "已锁定 15 分钟" in log_in(client, ling, "wrong").text
    locked = log_in(client, ling)
    assert locked.status_code == 429
    assert locked.headers["retry-after"] == "900"
    assert "请 15 分钟后再试" in locked.text
    fixed_clock.forward(minutes=15, seconds=1)
    assert log_in(client, ling).status_code == 303


def test_guesses_sent_at_once_are_counted_before_they_are_checked(
    app: FastAPI, client: TestClient, ling: str
) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: log_in(client, ling, f"guess-{n}").status_code, range(12)))
    assert sorted(answers) == [422] * 5 + [429] * 7


def test_wrong_passwords_for_many_accounts_block_their_address_only(
    app: FastAPI, client: TestClient, ling: str, settings
) -> None:
    for n in range(settings.login_accounts_per_address):
        assert log_in(client, f"spray-{n}", "Spring2026!").status_code == 422
    assert log_in(client, ling).status_code == 429
    elsewhere = TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}, client=("10.0.0.9", 1))
    elsewhere.follow_redirects = False
    assert log_in(elsewhere, ling).status_code == 303


def test_three_hundred_people_behind_one_address_log_in(
    client: TestClient, people, engine: Engine, fixed_clock
) -> None:
    """Within five minutes, every sixth after a slip."""
    logins = [f"{4000 + n}" for n in range(300)]
    for login in logins:
        people.add(login, Role.AGENT)
    set_hash(engine, *logins)
    refused = []
    for n, login in enumerate(logins):
        client.cookies.clear()
        if n % 6 == 0:
            assert log_in(client, login, "slip").status_code == 422
        if log_in(client, login).status_code != 303:
            refused.append(login)
        fixed_clock.forward(seconds=1)
    assert refused == []
    with reading(engine) as session:
        assert session.exec(select(LoginAttempt)).all() == []


def test_log_in_from_the_expired_page_answers_json(client: TestClient, ling: str) -> None:
    headers = {"Accept": "application/json"}
    wrong = client.post("/login", data={"login": ling, "password": "x"}, headers=headers)
    assert wrong.status_code == 422
    assert wrong.json()["errors"] == {"password": "还可再试 4 次，之后锁定 15 分钟"}
    right = client.post("/login", data={"login": ling, "password": PASSWORD}, headers=headers)
    assert right.json() == {"login": ling}
    assert COOKIE in client.cookies


def test_an_idle_session_ends(people, client: TestClient, ling: str, fixed_clock, settings) -> None:
    mine = people.client(ling)
    fixed_clock.forward(minutes=settings.session_idle_minutes - 1)
    assert mine.get("/account").status_code == 200
    fixed_clock.forward(minutes=settings.session_idle_minutes - 1)
    assert mine.get("/account").status_code == 200
    fixed_clock.forward(minutes=settings.session_idle_minutes)
    gone = mine.get("/account?x=1")
    assert (gone.status_code, gone.headers["location"]) == (303, "/login?next=/account%3Fx%3D1")


def test_a_session_in_use_ends_at_its_absolute_end(
    people, client: TestClient, ling: str, fixed_clock, settings
) -> None:
    mine = people.client(ling)
    for _ in range(settings.session_absolute_hours - 1):
        fixed_clock.forward(hours=1)
        assert mine.get("/account").status_code == 200
    fixed_clock.forward(hours=1)
    assert mine.get("/account").status_code == 303


def test_an_expired_session_answers_htmx_and_forms_with_401(client: TestClient) -> None:
    part = client.get("/account", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert "<html" not in part.text
    form = client.post("/account/password", data={"current": "x"})
    assert form.status_code == 401
    assert "返回键" in form.text


def test_logout_ends_this_session_and_not_the_other(people, client: TestClient, ling: str) -> None:
    here, there = people.client(ling), people.client(ling)
    token = here.cookies[COOKIE]
    assert here.post("/logout").headers["location"] == "/login"
    here.cookies.set(COOKIE, token)
    assert here.get("/account").status_code == 303
    assert there.get("/account").status_code == 200
