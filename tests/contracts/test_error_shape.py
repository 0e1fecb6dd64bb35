"""Every error of the API has one shape: RFC 9457 with a stable code and a Chinese sentence."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kms.accounts.permissions import Role

API = "/api/v1"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def checked(answer, status: int, code: str) -> dict:
    """The problem document, after a look at everything that all of them share."""
    body = answer.json()
    assert answer.status_code == body["status"] == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["code"] == code
    assert body["type"] == f"urn:kms:problem:{code}"
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    assert CHINESE.search(body["title"])
    assert body["detail"] == "" or CHINESE.search(body["detail"]), body["detail"]
    assert len(answer.headers["x-request-id"]) == 32
    return body


@pytest.fixture
def agent(signed_in: Callable[..., TestClient]) -> TestClient:
    return signed_in("3127", Role.AGENT)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/articles/KB-000404", 404, "not_found"),
        ("GET", "/articles/%00", 404, "not_found"),
        ("PATCH", "/articles", 405, "method_not_allowed"),
        ("GET", "/users", 403, "forbidden"),
        ("GET", "/search?q=光猫&k=many", 422, "invalid"),
        ("GET", "/search?q=光猫&as_of=昨天", 422, "invalid"),
        ("POST", "/search", 422, "invalid"),
        ("POST", "/lookups/no-uuid/outcome", 422, "invalid"),
    ],
)
def test_refusals(agent: TestClient, method: str, path: str, status: int, code: str) -> None:
    checked(agent.request(method, API + path), status, code)


def test_allow_names_every_method_of_the_address(agent: TestClient) -> None:
    answer = agent.delete(f"{API}/articles")
    checked(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


def test_a_stranger_is_told_how_to_get_in(client: TestClient) -> None:
    answer = client.get(f"{API}/search", params={"q": "光猫"})
    checked(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_key_too(client: TestClient) -> None:
    answer = client.get(f"{API}/search", params={"q": "光猫"}, headers={"Authorization": "Bearer kms_wrong"})
    assert checked(answer, 401, answer.json()["code"])["detail"]


def test_another_site_is_refused(agent: TestClient) -> None:
    answer = agent.post(f"{API}/inbox/read-all", headers={"Sec-Fetch-Site": "cross-site"})
    checked(answer, 403, "forbidden")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_each_fault_of_a_body_has_its_place_and_reason(agent: TestClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    body = checked(agent.post(f"{API}/search", content=content, headers=headers), 422, "invalid")
    assert all(fault["where"] and CHINESE.search(fault["message"]) for fault in body["errors"])


def test_a_body_that_is_too_long(agent: TestClient, settings) -> None:
    answer = agent.post(f"{API}/search", content=b"x" * (settings.body_max_bytes + 1))
    checked(answer, 413, "too_large")


def test_a_conflict_carries_what_the_other_wrote(signed_in, library) -> None:
    author = signed_in("1001", Role.AUTHOR, groups=("宽带组",))
    content = {"kind": "qa", "title": "光猫红灯", "category_id": library.faults}
    code = author.post(f"{API}/articles", json=content).json()["code"]
    save = f"{API}/articles/{code}/draft"
    version = author.get(save).json()["version"]
    assert author.put(save, json={"version": version, "content": content}).status_code == 200
    late = author.put(save, json={"version": version, "content": {**content, "title": "另一个"}})
    assert checked(late, 409, "conflict")["theirs"]["title"] == "光猫红灯"


def test_a_fault_of_ours(app: FastAPI, client: TestClient) -> None:
    @app.get(f"{API}/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    answer = TestClient(app, raise_server_exceptions=False).get(f"{API}/broken")
    checked(answer, 500, "internal_error")
    assert "secret" not in answer.text
