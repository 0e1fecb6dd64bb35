"""Every route asks for a permission, or is open on purpose and listed here."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from kms.accounts.dependencies import allow, public
from kms.accounts.permissions import NEVER_ON_BEHALF, PERMISSION_LABELS, ROLE_PERMISSIONS, Permission, Role

OPEN = {
    "GET /api/v1/openapi.json",  # the description of the API, the same for everyone
    "GET /login",
    "POST /login",
    "POST /logout",
    "GET /styleguide",  # answers 404 outside development
    "GET /health",  # what a load balancer asks
    "GET /api/v1/health",
    "MOUNT /static",
}
"""Routes that anybody may call."""


def walk(routes: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each route as `GET /path` with the dependant that FastAPI built for it (None for others)."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from walk([*route.effective_candidates(), *route.effective_low_priority_routes()])
        elif hasattr(route, "methods"):
            path = getattr(route, "path", None) or route.starlette_route.path
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield f"{method} {prefix}{path}", getattr(route, "dependant", None)
        else:
            yield f"MOUNT {route.path}", None


def asks(dependant: Any) -> set[Any]:
    """All permissions, or `public`, among the dependencies of a route."""
    if dependant is None:
        return set()
    found = {dependant.call} if isinstance(dependant.call, allow) or dependant.call is public else set()
    return found.union(*(asks(below) for below in dependant.dependencies))


def test_every_route_has_a_permission_or_is_open_on_purpose(app: FastAPI, client: TestClient) -> None:
    routes = dict(walk(app.routes))
    assert len(routes) > 40
    assert {"GET /users", "GET /api/v1/users", "GET /events", "POST /api/v1/inbox/read-all"} <= routes.keys()
    unguarded = {name for name, dependant in routes.items() if not asks(dependant)}
    assert unguarded <= OPEN, f"no permission: {sorted(unguarded - OPEN)}"
    declared = {name for name, dependant in routes.items() if public in asks(dependant)}
    assert declared <= OPEN, f"open, but not listed: {sorted(declared - OPEN)}"


def test_a_stranger_gets_nothing_from_any_route(app: FastAPI, client: TestClient) -> None:
    for name, _ in walk(app.routes):
        method, path = name.split(" ", 1)
        if name in OPEN or method == "MOUNT":
            continue
        filled = path.replace("{", "").replace("}", "")
        answer = client.request(method, filled.replace("_id", "1"), headers={"Accept": "application/json"})
        assert answer.status_code in (401, 422), name
        if answer.status_code == 422:
            assert answer.json()["code"] == "invalid", name


def test_each_permission_has_a_word_and_somebody_who_holds_it() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert frozenset().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_programs_never_approve_administer_export_or_reveal_in_a_person_s_name() -> None:
    words = ("approve", "manage", "export", "read_others", "audit", "replace", "grant", "urgent")
    assert {p for p in Permission if any(word in p.value for word in words)} <= NEVER_ON_BEHALF


def test_admins_see_the_table(signed_in) -> None:
    page = signed_in("1001", Role.ADMIN).get("/permissions")
    assert page.status_code == 200
    for label in PERMISSION_LABELS.values():
        assert label in page.text
    assert signed_in("3127", Role.AGENT).get("/permissions").status_code == 403
