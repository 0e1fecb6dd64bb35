"""Sign in and out."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.authentication import client_address
from kms.accounts.dependencies import public
from kms.accounts.login import log_in
from kms.accounts.sessions import COOKIE, close_session
from kms.db.dependencies import WriteSession
from kms.errors import Invalid, KmsError, TooMany
from kms.events.bus import people
from kms.settings import Settings
from web.paths import local_path
from web.templating import render

router = APIRouter()


@dataclass
class LoginPage:
    next: str = "/"
    login: str = ""
    error: str = ""
    detail: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/login")
def login_page(
    request: Request,
    actor: Annotated[Actor | None, Depends(public)],
    next: str = "/",  # noqa: A002 - the word in the address
) -> Response:
    if actor is not None:
        return RedirectResponse(local_path(next), 303)
    return render(request, "accounts/login.html", LoginPage(next=local_path(next)))


@router.post("/login", dependencies=[Depends(public)])
def sign_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the word in the form
) -> Response:
    """Open a session. A page whose session has expired asks for JSON and stays where it is."""
    state = request.app.state
    address, browser = client_address(request), request.headers.get("User-Agent", "")
    try:
        token = log_in(state.engine, state.settings, login, password, address=address, browser=browser)
    except (Invalid, TooMany) as error:
        if _wants_json(request):
            raise
        return _refused(request, login, next, error)
    if _wants_json(request):
        response: Response = JSONResponse({"login": login.strip()})
    else:
        response = RedirectResponse(local_path(next), 303)
    set_cookie(request, response, token, state.settings)
    return response


@router.post("/logout")
def sign_out(session: WriteSession, actor: Annotated[Actor | None, Depends(public)]) -> Response:
    if actor is not None and actor.session_id is not None:
        close_session(session, actor.session_id)
        people.close(actor.id)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def set_cookie(request: Request, response: Response, token: str, settings: Settings) -> None:
    """Give the browser its session. Without an age it ends with the browser; the server's limits hold anyway."""
    https = request.url.scheme == "https" or settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=https)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _refused(request: Request, login: str, next_path: str, error: KmsError) -> Response:
    errors = error.errors if isinstance(error, Invalid) else {}
    title = error.message if isinstance(error, Invalid) else error.title
    detail = errors.get("password", "") if isinstance(error, Invalid) else error.message
    page = LoginPage(local_path(next_path), login, title, detail, errors)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
    return render(request, "accounts/login.html", page, status=error.status, headers=headers)
