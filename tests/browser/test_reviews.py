"""The review page in Chromium: decided by keys without leaving, remarks from a selection, phone, no scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from kms.settings import Settings
from tests.articles.desk import Desk
from tests.articles.library import Library
from tests.browser.conftest import shot
from tests.conftest import People
from web.app import create_app

pytestmark = pytest.mark.browser
CHANGED, FRESH = "光猫 LOS 灯红色常亮", "宽带断网自助排查"


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def desk(app: FastAPI, settings: Settings, server: str) -> Desk:
    """A second revision and a new article wait for the reviewer; `server` runs the same application."""
    engine = app.state.engine
    desk = Desk(engine, People(app, engine, settings), Library(engine))
    code = desk.published(title=CHANGED, body="1. 拔插光纤，等 10 秒。\n2. 看 **LOS** 灯。")
    desk.edit(code, body="1. 轻拔光纤，等 15 秒。\n2. 看 **LOS** 灯。\n3. 报修")
    desk.submit(code)
    desk.submit(desk.draft(title=FRESH))
    return desk


@pytest.fixture
def page(page_of, desk: Desk) -> Page:
    page = page_of("judge")
    page.goto("/reviews")
    return page


def _heading(page: Page):
    return page.locator("h1.h2")


def _press(page: Page, key: str) -> None:
    """Once htmx has taken in what came before; nobody types within those 20 ms."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    page.keyboard.press(key)


def test_keys_walk_and_decide_without_leaving(page: Page, desk: Desk):
    page.evaluate("window.stayed = true")
    expect(_heading(page)).to_have_text(CHANGED)
    _press(page, "j")
    expect(_heading(page)).to_have_text(FRESH)
    _press(page, "k")
    expect(_heading(page)).to_have_text(CHANGED)
    _press(page, "a")
    expect(page.locator("#toasts")).to_contain_text("已通过 KB-000001 r2")
    expect(_heading(page)).to_have_text(FRESH)
    _press(page, "b")
    reason = page.locator("#return-comment")
    expect(reason).to_be_focused()
    # Letters typed into a reason are no shortcuts.
    reason.press_sequentially("ajk 缺少收费说明")
    page.get_by_role("dialog").get_by_role("button", name="退回修改").click()
    expect(page.locator("#queue")).to_contain_text("没有等您审批的内容")
    expect(page.locator("#toasts")).to_contain_text("已退回 KB-000002 r1")
    assert page.evaluate("window.stayed")
    assert desk["writer"].get("/api/v1/articles/KB-000002/draft").status_code == 200


def test_the_decision_is_on_what_is_shown(page: Page, desk: Desk):
    _press(page, "j")
    expect(_heading(page)).to_have_text(FRESH)
    _press(page, "a")
    expect(page.locator("#toasts")).to_contain_text("已通过 KB-000002 r1")
    assert desk.queue("judge") == ["KB-000001"]


def test_a_selection_becomes_a_numbered_remark(page: Page):
    shot(page, "review")
    page.evaluate(
        """() => {
            const list = document.querySelector('.rev-text [data-field=body] li');
            getSelection().selectAllChildren(list);
        }"""
    )
    expect(page.locator("#remark-quote")).to_have_value("轻拔光纤，等 15 秒。")
    expect(page.locator("#remark-field")).to_have_value("body")
    page.locator("#remark-text").fill("手册写的是 10 秒")
    page.get_by_role("button", name="批注", exact=True).click()
    note = page.locator(".rev-notes article.comment")
    expect(note).to_contain_text("① 轻拔光纤，等 15 秒。")
    expect(page.locator(".rev-text .passage sup")).to_have_text("1")
    note.get_by_role("button", name="解决").click()
    expect(note).to_contain_text("已解决")
    expect(page.locator(".rev-text .passage")).to_have_count(0)


def test_numbered_items_keep_their_text_in_one_flow(page: Page):
    """Bold words and changes within an item must not become columns of their own."""
    item = page.locator(".rev-text [data-field=body] li").first
    box = item.bounding_box()
    assert box is not None
    assert box["height"] < 60


def test_list_first_on_a_phone(page_of, desk: Desk):
    phone = page_of("judge", width=390, height=844)
    phone.goto("/reviews")
    expect(phone.locator(".rev-doc")).to_be_hidden()
    phone.get_by_role("link", name=CHANGED).click()
    expect(_heading(phone)).to_be_visible()
    expect(phone.locator("#queue")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(phone, "review-phone")
    phone.get_by_role("button", name="通过").click()
    expect(_heading(phone)).to_have_text(FRESH)


def test_without_scripts(page_of, desk: Desk):
    plain = page_of("judge", java_script_enabled=False)
    plain.goto("/reviews")
    plain.get_by_role("link", name="并排").click()
    expect(plain.locator(".diff")).to_be_visible()
    plain.get_by_role("button", name="通过").click()
    expect(plain.locator("#toasts")).to_contain_text("已通过")
    plain.goto("/reviews?tab=done")
    expect(plain.locator("#queue")).to_contain_text(CHANGED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_objects_to_nothing(page_of, desk: Desk, scheme: str):
    page = page_of("judge", color_scheme=scheme)
    for address in ("/reviews", "/reviews/KB-000001/2?view=side"):
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []


def test_a_decision_by_another_is_told(page: Page, desk: Desk):
    assert desk.approve("KB-000001", 2, "other").status_code == 200
    _press(page, "a")
    expect(page.get_by_role("alert").filter(has_text="审批已经结束")).to_be_visible()

    assert desk.audited("KB-000001").count("revision.approve") == 2
