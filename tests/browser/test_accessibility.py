"""Main pages with axe, at both widths and in both themes: nothing serious or critical."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from kms.settings import Settings
from tests.browser.place import furnish

pytestmark = pytest.mark.browser
SIZES = [(1440, 900), (390, 844)]
PAGES = ("search", "article", "editor", "submit", "reviews", "inbox", "users", "categories")
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_main_pages(
    app: FastAPI,
    server: str,
    settings: Settings,
    page_of: Callable[..., Page],
    new_page: Callable[..., Page],
    width: int,
    height: int,
    theme: str,
) -> None:
    place = furnish(app, settings)
    look = {"width": width, "height": height, "color_scheme": theme, "reduced_motion": "reduce"}
    stranger, page = new_page(**look), page_of(place.reader, **look)
    stranger.goto("/login")
    found = _grave(stranger, "login")
    for name in PAGES:
        page.goto(place.pages()[name])
        if name == "search":
            expect(page.locator("[data-hit]").first).to_be_visible()
        found += _grave(page, name)
    assert found == []


def _grave(page: Page, name: str) -> list[str]:
    """In words, what axe finds serious or critical on the page."""
    return [
        f"{name}: {fault['id']}: {[(node['target'], node['failureSummary'][:200]) for node in fault['nodes'][:3]]}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in GRAVE
    ]
