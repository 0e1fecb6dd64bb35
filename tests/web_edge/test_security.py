"""What every answer carries and which requests are refused before any route sees them."""

import json
import subprocess
import sys

import pytest
import structlog
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from kms.accounts.permissions import Role
from web.security import csp_nonce
from web.templating import render


@pytest.fixture
def bare(app: FastAPI, client: TestClient) -> TestClient:
    """A client that says nothing of its own about where a request comes from."""
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "none"}, 422),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer x", "Cookie": "kms_session=x"}, 403),
        ({"Origin": "http://testserver"}, 422),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Cookie": "kms_session=x"}, 403),
        ({}, 422),
    ],
)
def test_changing_requests_from_other_sites_are_refused(
    bare: TestClient, headers: dict[str, str], status: int
) -> None:
    answer = bare.post("/login", data={"login": "1", "password": "x"}, headers=headers)
    assert answer.status_code == status
    assert ("其他网站" in answer.text) == (status == 403)


def test_reading_needs_no_origin(bare: TestClient) -> None:
    assert bare.get("/login", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_an_api_refusal_is_a_problem_document(bare: TestClient) -> None:
    answer = bare.post("/api/v1/inbox/read-all", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("path", ["/login", "/nothing", "/api/v1/nothing", "/account"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert len(headers["x-request-id"]) == 32


def test_a_nonce_only_where_a_page_asked_for_one(app: FastAPI, client: TestClient) -> None:
    @app.get("/with-nonce")
    def page(request: Request):
        return render(
            request, "errors/error.html", {"status": 200, "title": csp_nonce(request), "message": ""}
        )

    answer = client.get("/with-nonce")
    nonce = answer.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
    assert nonce in answer.text
    assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers["content-security-policy"]
    assert "script-src 'self';" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_long_is_refused_in_the_surface_s_words(settings, announced: bool) -> None:
    from web.app import create_app

    settings.body_max_bytes = 2 * 1024 * 1024
    app = create_app(settings)
    body = b"login=1&password=" + b"x" * (3 * 1024 * 1024)
    content = body if announced else iter([body[: len(body) // 2], body[len(body) // 2 :]])
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    with TestClient(app) as client:
        answer = client.post("/login", content=content, headers=headers)
        assert answer.status_code == 413
        assert "超过 2 MB" in answer.text
        problem = client.post("/login", content=body, headers=headers | {"Accept": "application/json"})
    assert problem.status_code == 413
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "too_large"


def test_a_body_longer_than_announced_is_refused_too(settings) -> None:
    from web.app import create_app

    settings.body_max_bytes = 1024
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    with TestClient(create_app(settings)) as client:
        answer = client.post("/login", content=iter([b"x" * 4096]), headers=headers | {"Content-Length": "1"})
    assert answer.status_code == 413


def test_a_bug_is_logged_with_its_request_and_told_without_its_trace(
    app: FastAPI, client: TestClient
) -> None:
    @app.get("/broken")
    @app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    quiet = TestClient(app, raise_server_exceptions=False)
    with structlog.testing.capture_logs() as logs:
        page, problem = quiet.get("/broken"), quiet.get("/api/v1/broken")
    assert page.status_code == problem.status_code == 500
    assert "系统出错了" in page.text
    assert problem.json()["code"] == "internal_error"
    assert "secret detail" not in page.text + problem.text
    assert "content-security-policy" in page.headers
    failed = [line for line in logs if line["event"] == "request.failed"]
    assert len(failed) == 2


def test_the_access_log_has_no_query_string(client: TestClient, signed_in) -> None:
    mine = signed_in("3127", Role.AGENT)
    with structlog.testing.capture_logs() as logs:
        mine.get("/account?q=13800138000", headers={"X-Request-ID": "call-7"})
    [line] = [line for line in logs if line["event"] == "request"]
    assert "13800138000" not in json.dumps(line, default=str)
    assert (line["path"], line["status"], line["login"]) == ("/account", 200, "3127")


def test_a_request_id_is_taken_over_only_when_it_is_harmless(client: TestClient) -> None:
    assert client.get("/login", headers={"X-Request-ID": "call-7"}).headers["x-request-id"] == "call-7"
    assert client.get("/login", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_logs_are_json_lines_in_readable_chinese() -> None:
    code = (
        "import logging, structlog; from kms.api import logs; logs.configure(json=True);"
        "structlog.contextvars.bind_contextvars(request_id='r1');"
        "structlog.get_logger('a').info('登录', login='林');"
        "logging.getLogger('uvicorn.error').warning('端口被占用');"
        "logging.getLogger('uvicorn.access').info('/?q=secret')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert (first["event"], first["login"], first["request_id"]) == ("登录", "林", "r1")
    assert second["event"] == "端口被占用"
    assert "登录" in done.stderr
