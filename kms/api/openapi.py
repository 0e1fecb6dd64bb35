"""The description of the API, completed with what routes cannot say: problems, keys, who acts for whom."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request

from kms.accounts.authentication import ON_BEHALF_OF
from kms.accounts.sessions import COOKIE

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable for programs, `detail` is Chinese for people.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:kms:problem:not_found"]},
        "title": {"type": "string", "examples": ["没有找到"]},
        "status": {"type": "integer", "examples": [404]},
        "code": {"type": "string", "examples": ["not_found"]},
        "detail": {"type": "string", "examples": ["没有这条知识，或您没有查看权限"]},
        "errors": {
            "description": "Where the input is wrong: by field, or a list of places.",
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "string"}},
                {"type": "array", "items": {"type": "object"}},
            ],
        },
    },
}

_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": f"An API key. With `{ON_BEHALF_OF}: <工号>` the program acts for that person: what both "
        "the key and the person may do, and never approval, administration, export or reveal.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A browser that is logged in.",
    },
}


def allowed_methods(request: Request, prefix: str) -> str:
    """For `Allow`: every method of the address, where the framework names only its first route's."""
    paths = described(request.app)["paths"]
    template = prefix + getattr(request.scope.get("route"), "path", "")
    methods = paths.get(request.url.path) or paths.get(template, ())
    return ", ".join(sorted(method.upper() for method in methods))


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, built once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = _PROBLEM
        parts["securitySchemes"] = _SCHEMES
        document["security"] = [{name: []} for name in _SCHEMES]
        app.openapi_schema = document
    return app.openapi_schema
