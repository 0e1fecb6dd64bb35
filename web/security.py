"""The edge: request ids and access log, security headers, cross-site requests, size of bodies."""

import re
import secrets
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kms.errors import Forbidden
from kms.settings import Settings
from web.assets import MOUNT as STATIC

log = structlog.get_logger(__name__)
access = structlog.get_logger("access")

ErrorResponse = Callable[[Request, Exception], Response]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[\w.-]{1,64}")


def add_security(app: FastAPI, settings: Settings, on_error: ErrorResponse) -> None:
    """Put the middlewares around `app`; the last one added is the outermost."""
    app.add_middleware(BodyLimit, limit=settings.body_max_bytes)
    app.add_middleware(SameSite, public_url=settings.public_url, on_error=on_error)
    app.add_middleware(SecurityHeaders, https=settings.public_url.startswith("https://"))
    app.add_middleware(RequestLog, on_error=on_error)


def csp_nonce(request: Request) -> str:
    """Allow style elements with this nonce in the page being rendered; only the editor needs one."""
    nonce = secrets.token_urlsafe(16)
    request.state.csp_nonce = nonce
    return nonce


class RequestLog:
    """Gives each request an id, writes one line about it, and turns a bug into an error page.

    The line has no query string: what people search for stays out of logs.
    """

    def __init__(self, app: ASGIApp, on_error: ErrorResponse) -> None:
        self._app, self._on_error = app, on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        begun, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            except Exception as error:
                log.exception("request.failed", path=scope["path"])
                if not status:
                    await self._on_error(Request(scope), error)(scope, receive, _secured(sending))
                raise
            finally:
                if not scope["path"].startswith(f"{STATIC}/"):
                    _log_access(scope, status, begun)


class SecurityHeaders:
    """Headers of every answer; a route that sets one of them itself keeps its own."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app, self._https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, scope.get("state", {}).get("csp_nonce", ""), https=self._https)
            await send(message)

        await self._app(scope, receive, sending)


class SameSite:
    """Refuses requests that change something and come from another site's page.

    Browsers say so in Sec-Fetch-Site; on plain HTTP they leave it out, then Origin decides. With neither,
    a cookie is refused. A program with a key carries no cookie that a foreign page could misuse.
    """

    def __init__(self, app: ASGIApp, public_url: str, on_error: ErrorResponse) -> None:
        self._app, self._on_error = app, on_error
        self._public_host = urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._accepts(scope["method"], Headers(scope=scope)):
            error = Forbidden("请求来自其他网站，已拒绝；请从本系统的页面操作")
            await self._on_error(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _accepts(self, method: str, headers: Headers) -> bool:
        if method in _SAFE or ("Authorization" in headers and "Cookie" not in headers):
            return True
        if (site := headers.get("Sec-Fetch-Site")) is not None:
            return site in {"same-origin", "none"}
        if (origin := headers.get("Origin")) is not None:
            host = self._public_host or headers.get("Host", "").lower()
            return urlsplit(origin).netloc.lower() == host
        return "Cookie" not in headers


class BodyLimit:
    """Stops reading a request body that is longer than `limit` bytes, announced or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("Content-Length", "")
        too_long = announced.isdecimal() and (len(announced) > 18 or int(announced) > self._limit)
        size = 0

        async def receiving() -> Message:
            nonlocal size
            # The framework passes its own exception kind through form and JSON parsing, others it swallows.
            if too_long:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._told())
            message = await receive()
            # Counted even when a length was announced: a chunked body may be longer than that.
            size += len(message.get("body", b""))
            if size > self._limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._told())
            return message

        await self._app(scope, receiving, send)

    def _told(self) -> str:
        return f"上传内容超过 {self._limit // (1024 * 1024)} MB 的限制，请缩小后再试"


def _request_id(headers: Headers) -> str:
    given = headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _log_access(scope: Scope, status: int, begun: float) -> None:
    actor = scope["state"].get("actor")
    access.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status or 500,
        ms=round((time.perf_counter() - begun) * 1000, 1),
        login=actor.login if actor else None,
        service=actor.service_login if actor else None,
    )


def _secured(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            _add_headers(message, "", https=False)
        await send(message)

    return sending


def _add_headers(message: Message, nonce: str, *, https: bool) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _policy(nonce))
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _policy(nonce: str) -> str:
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return _POLICY.format(styles=styles)


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
