"""Templates: one environment, one `render` for whole pages and for the block that htmx asks for."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.runtime import Macro
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.templating import Jinja2Templates

from kms import clock
from web import flash
from web.assets import asset, sprite
from web.filters import FILTERS
from web.nav import nav_for

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TEMPLATES = Path(__file__).parent / "templates"


def with_query(request: Request, **changes: str | int | None) -> str:
    """This page's address with some query parameters changed; None removes one."""
    kept = {name: str(value) for name, value in changes.items() if value is not None}
    url = request.url.remove_query_params(list(changes)).include_query_params(**kept)
    return f"{url.path}?{url.query}" if url.query else url.path


def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.globals.update(asset=asset, sprite=sprite, now=clock.now, timedelta=timedelta, with_query=with_query)
    _load_macros(env)
    return env


def _load_macros(env: jinja2.Environment) -> None:
    """Put every macro of components/*.html under one name: `ui.button(…)` in any template and any block."""
    ui: dict[str, Macro] = {}
    env.globals["ui"] = ui
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        module = env.get_template(f"components/{path.name}").module
        found = {name: value for name, value in vars(module).items() if isinstance(value, Macro)}
        if twice := found.keys() & ui.keys():
            raise ValueError(f"macro defined twice: {sorted(twice)}")
        ui.update(found)


def _every_page(request: Request) -> dict[str, Any]:
    """What each template may count on, signed in or not."""
    state = request.state
    actor, badges = getattr(state, "actor", None), getattr(state, "badges", {})
    return {
        "actor": actor,
        "nav": nav_for(actor, badges, request.url.path),
        "badges": badges,
        "csp_nonce": getattr(state, "csp_nonce", ""),
        "flash": flash.read(request),
    }


templates = Jinja2Templates(env=_environment(), context_processors=[_every_page])


def render(
    request: Request,
    template: str,
    context: "Mapping[str, Any] | DataclassInstance | None" = None,
    *,
    block: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The whole page or, when htmx asks and `block` is named, only that block."""
    fragment = block if is_htmx(request) else None
    values, headers = _mapping(context), {"Vary": "HX-Request", **(headers or {})}
    if fragment:
        return HTMLResponse(_block(request, template, fragment, values), status, headers)
    response: Response = templates.TemplateResponse(
        request, template, values, status_code=status, headers=headers
    )
    if flash.COOKIE in request.cookies:
        response.delete_cookie(flash.COOKIE, httponly=True, samesite="lax")
    return response


def _block(request: Request, name: str, block: str, values: Mapping[str, Any]) -> str:
    """One block, wherever in the template's line of parents it is defined."""
    template = templates.env.get_template(name)
    context = template.new_context({"request": request, **values, **_every_page(request)})
    # Running up to the first piece of output links the blocks of all parents.
    next(template.root_render_func(context), None)
    return "".join(context.blocks[block][0](context))


def is_htmx(request: Request) -> bool:
    """Whether a part of the page is wanted; a page restored from history is always whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def _mapping(context: "Mapping[str, Any] | DataclassInstance | None") -> dict[str, Any]:
    if context is None:
        return {}
    if is_dataclass(context):
        return {field.name: getattr(context, field.name) for field in fields(context)}
    assert isinstance(context, Mapping)  # noqa: S101 - narrows the union
    return dict(context)
