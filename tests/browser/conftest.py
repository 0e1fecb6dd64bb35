"""A real server on loopback and Chromium."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlmodel import select

from kms.accounts.models import User
from kms.accounts.sessions import COOKIE, open_session
from kms.db.session import writing
from kms.settings import Settings
from web.app import create_app

# Shared machines are slow at times; a condition that holds ends the wait at once.
expect.set_options(timeout=20_000)

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """With the worker running, as a user would have it."""
    return create_app(settings.model_copy(update={"worker": True}))


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    """The address of the running application."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
        thread.start()
        while thread.is_alive() and not running.started:
            thread.join(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(20)


@pytest.fixture
def new_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """`new_page()` or `new_page(width=390, height=844)`: a page of a browser of its own, with the console watched."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(width: int = 1440, height: int = 900, **options: object) -> Page:
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(message, page, faults))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults, "the browser's console has errors"


def _note(message, page: Page, faults: list[str]) -> None:
    # A refused request (409, 422 …) is noted by the browser as an error; it is no fault of the page.
    if message.type == "error" and "Failed to load resource" not in message.text:
        faults.append(f"{page.url}: {message.text}")


@pytest.fixture
def page_of(
    app: FastAPI, server: str, new_page: Callable[..., Page], settings: Settings
) -> Callable[..., Page]:
    """`page_of("A1")`: a page that is signed in as an existing person."""

    def make(login: str, **options: object) -> Page:
        with writing(app.state.engine) as session:
            user = session.exec(select(User).where(User.login == login)).one()
            token = open_session(session, user, settings, "127.0.0.1", "chromium")
        page = new_page(**options)
        page.context.add_cookies([{"name": COOKIE, "value": token, "url": server}])
        return page

    return make


SHOTS = Path(__file__).parents[2] / "build" / "shots"


def shot(page: Page, name: str) -> None:
    """Keep a screenshot for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
