"""The web application: JSON API, pages, static files and the worker of the one-process form."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kms.api import problems
from kms.api.openapi import allowed_methods, described
from kms.api.routes import PREFIX, api_router
from kms.api.runtime import open_runtime
from kms.errors import KmsError
from kms.settings import Settings, get_settings
from web.assets import MOUNT, HashedStatic
from web.errors import page_error, wants_problem
from web.routes import page_router
from web.security import add_security
from web.views import styleguide


def create_app(settings: Settings | None = None) -> FastAPI:
    """Assemble the application; its lifespan opens and closes database, index and worker."""
    settings = settings or get_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_runtime(settings) as runtime:
            app.state.engine = runtime.engine
            app.state.runtime = runtime
            app.state.search = runtime.search
            app.state.recorder = runtime.recorder
            yield

    app = FastAPI(
        title="kms",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # as FastAPI's manual has it
    app.state.settings = settings
    app.include_router(api_router())
    app.include_router(page_router())
    if settings.development:
        app.include_router(styleguide.router, include_in_schema=False)
    app.mount(MOUNT, HashedStatic(), name="static")
    for kind in (KmsError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _on_error)
    add_security(app, settings, _on_error)
    return app


def _on_error(request: Request, error: Exception) -> Response:
    if not wants_problem(request):
        return page_error(request, error)
    if isinstance(error, KmsError):
        return problems.from_error(error)
    if isinstance(error, RequestValidationError):
        return problems.from_validation(error)
    if isinstance(error, HTTPException):
        allow = allowed_methods(request, PREFIX) if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else ""
        return problems.from_http(error, allow)
    return problems.from_bug()
