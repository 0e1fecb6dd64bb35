"""The style guide in a browser: no policy violation, no horizontal scrolling, nothing that axe objects to."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page

from kms.settings import Settings
from tests.browser.conftest import shot
from web.app import create_app

pytestmark = pytest.mark.browser
SIZES = [(1440, 900), (390, 844)]


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"development": True}))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_styleguide(new_page: Callable[..., Page], theme: str, width: int, height: int) -> None:
    page = new_page(width, height, color_scheme=theme, reduced_motion="reduce")
    page.goto("/styleguide")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    shot(page, f"styleguide-{width}-{theme}")


def test_the_style_guide_is_for_development_only(settings: Settings) -> None:
    paths = {getattr(route, "path", "") for route in create_app(settings).routes}
    assert "/styleguide" not in paths


def test_theme_is_kept(new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme="light")
    page.goto("/styleguide")
    page.evaluate("localStorage.setItem('kms.theme', 'dark')")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
