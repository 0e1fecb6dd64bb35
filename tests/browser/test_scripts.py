"""The scripts of the frame: keys and input methods, search while typing, the editor that loses nothing."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from sqlmodel import select

from kms import clock
from kms.accounts.models import User, UserRole
from kms.accounts.passwords import hash_password
from kms.accounts.permissions import Role
from kms.accounts.sessions import COOKIE
from kms.db.session import writing
from kms.settings import Settings
from tests.browser.conftest import shot
from tests.browser.workbench import Bench
from web.app import create_app

pytestmark = pytest.mark.browser
PASSWORD = "Guangmao-2026"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def app(settings: Settings, bench: Bench) -> FastAPI:
    app = create_app(settings.model_copy(update={"development": True}))
    app.include_router(bench.router())
    return app


@pytest.fixture
def author(app: FastAPI, server: str, page_of: Callable[..., Page]) -> Page:
    """A page of somebody who may write."""
    with writing(app.state.engine) as session:
        if session.exec(select(User).where(User.login == "A1")).first() is None:
            user = User(
                login="A1",
                name="林晓雯",
                password_hash=hash_password(PASSWORD),
                created_at=clock.now(),
                updated_at=clock.now(),
            )
            session.add(user)
            session.flush()
            session.add(UserRole(user_id=user.id, role=Role.AUTHOR))
    return page_of("A1")


def _until(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page go on until the server has seen something."""
    for _ in range(400):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen within twenty seconds")


# -- Search ------------------------------------------------------------------------------------


def test_search_while_typing_settles_once_after_a_pause(author: Page, bench: Bench) -> None:
    author.goto("/bench/search?q=")
    author.keyboard.press("/")
    author.keyboard.type("los", delay=30)
    expect(author.locator("#results .hit").first).to_contain_text("los 的第 1 条")
    assert bench.searched[-1] == "los"
    assert author.evaluate("location.search") == "?q=los"
    _until(author, lambda: bool(bench.settled))
    author.wait_for_timeout(200)
    assert [(event["event"], event["lookup_id"]) for event in bench.settled] == [("pause", "los")]


def test_rows_are_walked_opened_and_copied_with_keys(author: Page, bench: Bench) -> None:
    author.goto("/bench/search?q=guangmao")
    expect(author.locator("form[data-search][data-ready]")).to_be_attached()
    box = author.locator("input[data-slash]")
    box.focus()
    author.keyboard.press("ArrowDown")
    author.keyboard.press("ArrowDown")
    expect(author.locator(".hit").nth(1)).to_be_focused()
    author.keyboard.press("Enter")
    _until(author, lambda: any(event["event"] == "opened" for event in bench.settled))
    assert bench.settled[0] | {} == {
        "lookup_id": "guangmao", "token": "signed", "event": "opened", "code": "KB-000002", "rank": 2,
    }  # fmt: skip
    expect(author.locator(".hit").nth(1)).to_have_attribute("aria-current", "true")
    author.keyboard.press("c")
    expect(author.locator("#toasts")).to_contain_text("已复制标准口径")
    author.keyboard.press("Escape")
    expect(box).to_be_focused()
    author.keyboard.press("Alt+c")
    _until(author, lambda: [event["event"] for event in bench.settled].count("copied") == 2)


def test_single_letters_can_be_switched_off(author: Page) -> None:
    author.goto("/bench/search?q=x")
    author.evaluate("document.getElementById('wrong').addEventListener('click', () => document.title += '!')")
    author.keyboard.press("Shift+Slash")
    dialog = author.get_by_role("dialog", name="快捷键")
    dialog.get_by_text("启用单字母快捷键").click()
    author.keyboard.press("Escape")
    author.keyboard.press("r")
    assert "!" not in author.title()
    author.keyboard.press("Alt+r")
    assert author.title().endswith("!")


def test_nothing_fires_while_an_input_method_composes(author: Page, bench: Bench) -> None:
    author.goto("/bench/search?q=x")
    expect(author.locator("form[data-search][data-ready]")).to_be_attached()
    author.locator("input[data-slash]").fill("")
    _until(author, lambda: bench.searched == [""])
    ime = author.context.new_cdp_session(author)
    for text in ("g", "gu", "guang"):
        ime.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    for key, code in (("c", "KeyC"), ("Enter", "Enter"), ("ArrowDown", "ArrowDown")):
        ime.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "code": code, "windowsVirtualKeyCode": 229},
        )
    author.wait_for_timeout(2000)  # longer than typing and settling take
    assert bench.searched == [""]
    assert [event for event in bench.settled if event["lookup_id"]] == []
    ime.send("Input.insertText", {"text": "光猫"})
    _until(author, lambda: bench.searched == ["", "光猫"])
    expect(author.locator(".hit").first).to_contain_text("光猫 的第 1 条")


def test_the_last_good_results_stay_when_the_server_fails(author: Page) -> None:
    author.goto("/bench/search?q=abc")
    before = author.locator("#results").inner_text()
    author.route("**/bench/search?*", lambda route: route.fulfill(status=503, body=""))
    author.locator("input[data-slash]").fill("abcd")
    expect(author.locator("#toasts")).to_contain_text("列表仍是上一次的结果")
    assert author.locator("#results").inner_text() == before


# -- Editor ------------------------------------------------------------------------------------


def _typed(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def test_the_editor_saves_itself_and_shows_a_preview(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    _typed(author, "\n- 第二行\n第三行")
    expect(author.locator("#preview")).to_contain_text("第三行")
    expect(author.locator("[data-save-state]")).to_contain_text("已自动保存")
    assert bench.fields["body"] == "第一行\n- 第二行\n- 第三行"
    shot(author, "scripts-editor")
    author.get_by_label("相似问法").fill("灯一直红")
    author.keyboard.press("Enter")
    author.get_by_label("标准口径", exact=False).first.fill("请您稍等，我来查。")
    expect(author.locator(".field .hint", has_text="/ 120")).to_have_text("9 / 120")
    _until(author, lambda: bench.fields["questions"] == ["红灯闪", "灯一直红"])


def test_composed_syllables_are_neither_saved_nor_shown(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    author.locator(".cm-content").click()
    author.keyboard.press("Control+End")
    ime = author.context.new_cdp_session(author)
    for text in ("h", "hong"):
        ime.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    author.wait_for_timeout(2500)  # longer than saving waits
    assert bench.saves == []
    assert author.locator("textarea[name=body]").input_value() == "第一行"
    ime.send("Input.insertText", {"text": "红灯"})
    _until(author, lambda: bench.fields["body"] == "第一行红灯")
    assert all("hong" not in saved["body"][0] for saved in bench.saves)


def test_two_people_both_texts_are_shown_and_nothing_is_lost(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    bench.fields |= {"body": "对方的正文", "title": "对方的标题"}
    bench.version = 5
    author.get_by_label("标题").first.fill("我的标题")
    dialog = author.get_by_role("dialog").filter(has_text="周志强 刚刚保存过这份草稿")
    expect(dialog).to_be_visible()
    expect(dialog.locator("section h3")).to_have_text(["标题", "正文"])
    expect(dialog.locator("textarea").nth(0)).to_have_value("对方的标题")
    expect(dialog.locator("textarea").nth(1)).to_have_value("我的标题")
    shot(author, "scripts-conflict")
    dialog.locator("section", has_text="正文").get_by_role("button", name="用对方的").click()
    dialog.get_by_role("button", name="按右边保存").click()
    _until(author, lambda: bench.version == 6)
    assert (bench.fields["title"], bench.fields["body"]) == ("我的标题", "对方的正文")
    expect(author.locator(".cm-content")).to_have_text("对方的正文")


def test_text_typed_before_the_script_is_there_is_saved_too(author: Page, bench: Bench) -> None:
    late = []
    author.route("**/js/editor.js", lambda route: late.append(route))
    author.goto("/bench/editor", wait_until="commit")
    author.get_by_label("标题").first.fill("写得比脚本快")
    _until(author, lambda: bool(late))
    late[0].continue_()
    _until(author, lambda: bench.fields["title"] == "写得比脚本快")


def test_an_expired_session_keeps_page_and_text(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    author.context.clear_cookies(name=COOKIE)
    author.get_by_label("标题").first.fill("光猫红灯常亮")
    dialog = author.get_by_role("dialog", name="登录已过期")
    expect(dialog).to_be_visible()
    assert "光猫红灯常亮" in author.evaluate("localStorage.getItem('kms.draft.A1.7')")
    dialog.get_by_label("密码").fill("wrong-password")
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录", exact=True).click()
    _until(author, lambda: bench.fields["title"] == "光猫红灯常亮")
    expect(dialog).not_to_be_visible()
    expect(author.locator("[data-save-state]")).to_contain_text("已自动保存")
    assert author.evaluate("localStorage.getItem('kms.draft.A1.7')") is None


def test_text_that_never_reached_the_server_is_offered_again(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    author.route("**/bench/save", lambda route: route.abort())
    _typed(author, "，没存上")
    expect(author.locator("[data-save-state]")).to_contain_text("内容已留在本机")
    author.unroute("**/bench/save")
    author.goto("/bench/search?q=x")
    author.goto("/bench/editor")
    author.get_by_role("button", name="恢复").click()
    expect(author.locator(".cm-content")).to_have_text("第一行，没存上")
    _until(author, lambda: bench.fields["body"] == "第一行，没存上")


def test_submitting_saves_first(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    author.get_by_label("标题").first.fill("新标题")
    author.get_by_role("button", name="提交审批").click()
    expect(author.get_by_role("heading", name="已提交")).to_be_visible()
    assert (bench.fields["title"], bench.submitted) == ("新标题", 1)


def test_steps_are_added_moved_and_removed(author: Page, bench: Bench) -> None:
    author.goto("/bench/editor")
    expect(author.locator("form[data-ready]")).to_be_visible()
    for text in ("先看灯", "再重启", "派单"):
        author.get_by_role("button", name="加一步").click()
        author.keyboard.type(text)
    author.get_by_role("button", name="上移").nth(2).click()
    author.get_by_role("button", name="删除这一步").nth(0).click()
    _until(author, lambda: bool(bench.saves) and bench.saves[-1].get("step_text") == ["派单", "再重启"])
