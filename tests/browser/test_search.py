"""The search page in Chromium: typing, keys, input method, phone, no scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from kms import clock
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.permissions import Role
from kms.api.runtime import open_runtime
from kms.articles.models import ArticleView
from kms.db.session import reading, writing
from kms.search.models import Lookup, LookupOutcome
from tests.browser.conftest import shot
from tests.search.conftest import Library
from web.app import create_app

pytestmark = pytest.mark.browser
RED = "光猫 LOS 灯红色常亮的处理"
ANSWER = "请您先检查光纤接头有没有松动，再重启光猫。"
OTHER = "光猫的领取和退还"
BOX = "[data-slash]"


@pytest.fixture
def app(settings) -> FastAPI:
    """Two articles, indexed before the server starts."""
    with open_runtime(settings, worker=False) as runtime:
        with writing(runtime.engine) as session:
            person = User(login="A1", name="林晓燕", created_at=clock.now(), updated_at=clock.now())
            group = Group(name="全员")
            session.add_all([person, group])
            session.flush()
            session.add(UserRole(user_id=person.id or 0, role=Role.AGENT))
            session.add(GroupMember(group_id=group.id or 0, user_id=person.id or 0))
        runtime.prepare()
        library = Library(runtime.engine, runtime, 1)
        line = library.line("宽带业务")
        library.publish(
            line, RED, ANSWER, body="## 处理\n\n检查光猫电源。", regions=("广东",), products=("光猫",)
        )
        library.publish(line, OTHER, "您可以到营业厅领取或退还光猫。", products=("光猫",))
        library.work()
    return create_app(settings.model_copy(update={"worker": True}))


@pytest.fixture
def page(page_of, server) -> Page:
    page = page_of("A1")
    page.goto("/search")
    return page


def test_results_come_while_typing_and_nothing_moves(page, app):
    frame = ("#facets", "#results", "#opened", BOX)
    before = [page.locator(part).first.bounding_box() for part in frame]
    page.locator(BOX).first.press_sequentially("光猫红灯")
    first = page.locator("[data-list] [data-hit]").first
    expect(first.locator(".hit-title")).to_have_text(RED)
    assert [page.locator(part).first.bounding_box() for part in frame] == before
    assert page.url.endswith("/search?q=%E5%85%89%E7%8C%AB%E7%BA%A2%E7%81%AF")
    shot(page, "search-typed")
    page.keyboard.press("Enter")
    opened = page.locator("#opened")
    expect(opened.locator(".speak p")).to_have_text(ANSWER)
    shot(page, "search-opened")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.locator("#toasts")).to_contain_text("已记录")
    page.keyboard.press("c")
    expect(page.locator("#toasts")).to_contain_text("已复制标准口径")
    (outcome,) = eventually(
        page, app, LookupOutcome, lambda row: row.used_at and row.copied_at and row.opened_at
    )
    assert outcome.revision_number == 1
    assert len(eventually(page, app, Lookup, lambda row: True)) == 1


def test_digits_open_rows_and_slash_returns(page):
    page.locator(BOX).first.press_sequentially("光猫")
    page.wait_for_url("**/search?q=%E5%85%89%E7%8C%AB")
    expect(row(page, OTHER)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    second = page.locator("[data-list] [data-hit]").nth(1)
    expect(second).to_have_attribute("aria-current", "true")
    expect(page.locator("#opened h2").first).to_have_text(second.locator(".hit-title").inner_text())
    page.keyboard.press("/")
    expect(page.locator(BOX).first).to_be_focused()


def test_nothing_fires_while_an_input_method_composes(page):
    expect(page.locator("form[data-search][data-ready]")).to_be_attached()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search" in request.url else None)
    page.locator(BOX).first.focus()
    devtools = page.context.new_cdp_session(page)
    for syllables in ("g", "guang", "guangm", "guangmao"):
        devtools.send("Input.imeSetComposition", {"text": syllables, "selectionStart": 9, "selectionEnd": 9})
    composing = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **composing})
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **composing, "code": "Digit1"})
    page.wait_for_timeout(600)  # longer than the pause after typing; there is nothing to wait for
    assert asked == []
    assert page.url.endswith("/search")
    devtools.send("Input.insertText", {"text": "光猫"})
    page.wait_for_url("**/search?q=%E5%85%89%E7%8C%AB")
    expect(row(page, OTHER)).to_be_visible()
    assert len(asked) == 1


def test_a_facet_narrows_and_can_be_cleared(page):
    page.locator(BOX).first.press_sequentially("光猫")
    page.wait_for_url("**/search?q=%E5%85%89%E7%8C%AB")
    expect(row(page, OTHER)).to_be_visible()
    page.get_by_label("广东").check()
    expect(page.locator("[data-list] [data-hit]")).to_have_count(1)
    expect(page.get_by_label("广东")).to_be_checked()
    page.get_by_role("link", name="清除").click()
    expect(row(page, OTHER)).to_be_visible()


def test_a_wish_from_the_empty_page(page, app):
    page.goto("/search?q=zzyzx%20quux")
    expect(page.get_by_text("没有找到合适的知识")).to_be_visible()
    shot(page, "search-nothing")
    page.get_by_role("link", name="提知识需求").click()
    expect(page.get_by_label("缺少什么知识")).to_have_value("zzyzx quux")
    page.get_by_label("分类").select_option(label="宽带业务")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#main")).to_contain_text("待处理")


def test_on_a_phone_the_article_is_a_sheet_over_the_list(page_of, server):
    page = page_of("A1", width=390, height=844, has_touch=True)
    page.goto("/search?q=%E5%85%89%E7%8C%AB%E7%BA%A2%E7%81%AF")
    shot(page, "search-phone")
    page.locator("[data-hit]").first.click()
    expect(page.locator("#opened .speak p")).to_be_visible()
    shot(page, "search-phone-opened")
    page.get_by_role("button", name="返回结果").click()
    expect(page.locator("#opened")).to_be_hidden()
    page.get_by_role("link", name="筛选").click()
    expect(page.get_by_label("查询日期")).to_be_visible()
    page.get_by_role("link", name="看结果").click()
    expect(page.get_by_label("查询日期")).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_without_scripts_the_form_finds_and_rows_are_links(page_of, server):
    page = page_of("A1", java_script_enabled=False)
    page.goto("/search")
    page.locator(BOX).first.fill("光猫红灯")
    page.keyboard.press("Enter")
    page.locator("[data-hit]").first.click()
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    assert page.url.endswith("/articles/KB-000001")


def row(page: Page, title: str) -> Locator:
    return page.locator("[data-list] [data-hit]", has_text=title)


def eventually(page: Page, app, table, right):
    """The rows, once all are as wanted: reports of the page arrive after the act."""
    for _ in range(50):
        app.state.recorder.flush()
        with reading(app.state.engine) as session:
            rows = session.exec(select(table)).all()
        if rows and all(right(row) for row in rows):
            return rows
        page.wait_for_timeout(50)
    raise AssertionError(f"{table.__name__}: {rows}")


def test_the_best_lies_open_at_once_and_does_not_count_as_opened(page, app):
    page.goto(f"/search?q={RED}")
    expect(page.locator("#opened .speak p")).to_have_text(ANSWER)
    expect(page.locator("[data-list] [data-hit]").first).to_have_attribute("aria-current", "true")
    page.goto("/search?q=zzyzx%20quux")
    expect(page.get_by_text("没有找到合适的知识")).to_be_visible()
    expect(page.locator("#opened [data-article]")).to_have_count(0)
    with reading(app.state.engine) as session:
        assert session.exec(select(ArticleView)).all() == []
        assert session.exec(select(LookupOutcome)).all() == []
