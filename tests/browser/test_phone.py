"""390 px: no page is wider than the screen."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from kms.settings import Settings
from tests.browser.conftest import shot
from tests.browser.place import furnish

pytestmark = pytest.mark.browser

# The widest element that sticks out without a scrolling parent, to be told in the failure.
CULPRIT = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility())
  .map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`).slice(0, 3)"""


def test_no_page_scrolls_sideways(
    app: FastAPI, server: str, settings: Settings, page_of: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    place = furnish(app, settings)
    page = page_of(place.reader, width=390, height=844, has_touch=True)
    wide = {}
    for name, path in place.pages().items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        expect(page.locator("#main, main").first).to_be_visible()
        shot(page, f"phone-{name}")
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide[name] = page.evaluate(CULPRIT)
    assert wide == {}
    stranger = new_page(width=390, height=844)
    stranger.goto("/login")
    assert stranger.evaluate("document.documentElement.scrollWidth") <= 390
