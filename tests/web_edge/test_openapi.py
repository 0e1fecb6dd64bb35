"""The description of the API is whole: every reference leads somewhere, every route says what it does."""

import json
import re

from fastapi.testclient import TestClient


def test_every_reference_leads_somewhere(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    for reference in set(re.findall(r'"#/([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_every_route_says_what_it_does_and_how_one_gets_in(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}
    silent = [
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        if not route.get("summary") or not route.get("description") or not route.get("tags")
    ]
    assert silent == []
    assert all(path.startswith("/api/v1/") for path in document["paths"])
