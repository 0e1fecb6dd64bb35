"""The editor in Chromium: it saves by itself, takes files, lays two texts beside each other, leads to submission."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from kms.accounts.permissions import Role
from kms.settings import Settings
from tests.articles.library import Library
from tests.conftest import People

pytestmark = pytest.mark.browser

PASTE = """() => {
  const bytes = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0]);
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector(".cm-content").dispatchEvent(event);
}"""


@pytest.fixture
def author(app: FastAPI, server: str, settings: Settings, page_of: Callable[..., Page]) -> Page:
    engine: Engine = app.state.engine
    Library(engine)
    People(app, engine, settings).add("A1", Role.AUTHOR, groups=("宽带组",), name="林晓雯")
    return page_of("A1")


def _begin(page: Page) -> None:
    page.goto("/drafts/new")
    page.get_by_label("分类").select_option(label="宽带/故障处理")
    page.get_by_label("标题").fill("光猫红灯")
    page.get_by_role("button", name="开始写").click()
    page.wait_for_url("**/drafts/KB-*")


def test_saves_itself_takes_files_and_submits(author: Page):
    _begin(author)
    author.locator(".cm-content").click()
    author.keyboard.type("## 看灯\n")
    expect(author.locator("[data-save-state]")).to_contain_text("已自动保存")
    author.evaluate(PASTE)
    expect(author.locator("[data-files]")).to_contain_text("image.png")
    expect(author.locator("#panels img")).to_have_count(1)
    expect(author.locator("[name=version]")).to_have_value("4")  # text, file, text with the file in it
    author.reload()
    expect(author.locator("[name=body]")).to_have_value("## 看灯\n![image.png](attachments/image.png)")
    author.get_by_role("button", name="提交审批").click()
    author.wait_for_url("**/submit")


def test_second_window_decides_between_two_texts(author: Page):
    _begin(author)
    second = author.context.new_page()
    second.goto(author.url)
    second.get_by_label("标题", exact=False).first.fill("第二个窗口")
    expect(second.locator("[data-save-state]")).to_contain_text("已自动保存")
    author.locator("#f-title").fill("第一个窗口")
    dialog = author.locator("dialog[open]")
    expect(dialog).to_contain_text("标题")
    expect(dialog).not_to_contain_text("步骤")
    author.get_by_role("button", name="按右边保存").click()
    expect(author.locator("[data-save-state]")).to_contain_text("已自动保存")
    second.reload()
    expect(second.locator("#f-title")).to_have_value("第一个窗口")


def test_works_without_script(author: Page, page_of: Callable[..., Page]):
    page = page_of("A1", java_script_enabled=False)
    _begin(page)
    page.locator("[name=body]").fill("没有脚本也能写")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".toast")).to_contain_text("草稿已保存")
    expect(page.locator("#panels")).to_contain_text("没有脚本也能写")
    page.locator("label[for=p-checks]").click()
    expect(page.locator(".panel-checks")).to_be_visible()
