"""Input that nobody means gets an answer in words, never a fault of ours."""

import pytest

from kms.accounts.permissions import Role

LONG = "9" * 5000


@pytest.mark.parametrize(
    "path",
    [
        f"/users?q={'%25' * 4000}",
        f"/users?after={LONG}",
        "/users?role=%00&group=%F0%9F%98%80",
        f"/api/v1/users?after={2**40}",
        f"/audit?action={'a' * 6000}&target={'b' * 6000}",
        "/audit?start=0001-01-01&end=9999-12-31",
        f"/inbox/{LONG}",
        f"/groups/{2**63}",
        "/users/%00",
        "/users/x'; DROP TABLE user_account;--",
        "/login?next=%00//evil",
    ],
)
def test_addresses(signed_in, path: str) -> None:
    assert signed_in("1001", Role.ADMIN).get(path).status_code < 500


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/login", {"login": "\x00" * 70, "password": "密" * 5000}),
        ("/users/1001", {"login": "1001", "name": "管", "version": LONG}),
        ("/users/new", {"login": "a" * 5000, "name": "😀" * 100, "extensions": ":" * 100}),
        ("/users/new", {"login": "5000", "name": "名", "groups": [f"g{n}" for n in range(500)]}),
        ("/groups", {"name": "\u202e\x07"}),
        ("/groups/1", {"members": " ".join(map(str, range(20_000)))}),
        ("/keys", {"service": "x", "scopes": ["search"], "expires_at": "0001-01-01"}),
        (f"/keys/{2**63}/revoke", {}),
        ("/users/import/take", {"content": "[[1,2],[3]]"}),
        ("/users/import/take", {"content": '[[1,["工号","姓名"]],[2,["a"]]]'}),
        ("/users/import/take", {"content": "[" * 3000}),
    ],
)
def test_forms(signed_in, path: str, data: dict) -> None:
    answer = signed_in("1001", Role.ADMIN).post(path, data=data)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"login": "\\ud800", "name": "x"}', b"\xff\xfe"]
)
def test_json(signed_in, body: bytes) -> None:
    answer = signed_in("1001", Role.ADMIN).post(
        "/api/v1/users", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
