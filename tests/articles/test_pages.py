"""Pages of articles as a browser without script gets them."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms import clock
from kms.accounts.permissions import Role
from kms.audit.models import AuditRecord
from kms.db.session import reading
from tests.articles.library import Library
from tests.conftest import People, TestClock

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(author: TestClient, library: Library) -> str:
    """A draft begun through the page; its code."""
    form = {"kind": "procedure", "category_id": str(library.faults), "title": "光猫红灯"}
    location = author.post("/drafts/new", data=form).headers["Location"]
    return location.removeprefix("/drafts/")


def _form(library: Library, **fields: Any) -> dict[str, Any]:
    return {
        "version": "1",
        "kind": "procedure",
        "title": "光猫红灯",
        "category_id": str(library.faults),
        "audience": "internal",
        **fields,
    }


def test_a_form_becomes_content(author: TestClient, library: Library, draft: str):
    form = _form(
        library,
        summary="请您断电重启",
        body="## 看灯\r\n红灯",
        questions=["光猫亮红灯", "  ", "红灯一直闪"],
        step_text=["断电 30 秒", "派单", ""],
        step_say=["请您断电", "", ""],
        step_figures=["30 秒\n5 分钟", "", ""],
        step_branches=["仍红 → 第 2 步\n企业 -> KB-000655\n好了 → 结束", "", ""],
        effective_from="2026-12-01T00:00",
        regions=["广东"],
        major="1",
    )
    assert author.post(f"/drafts/{draft}", data=form).headers["Location"] == f"/drafts/{draft}"
    content = author.get(f"/api/v1/articles/{draft}/draft").json()["content"]
    assert content["questions"] == ["光猫亮红灯", "红灯一直闪"]
    assert content["body"] == "## 看灯\n红灯"
    assert [step["text"] for step in content["steps"]] == ["断电 30 秒", "派单"]
    assert content["steps"][0]["figures"] == ["30 秒", "5 分钟"]
    assert content["steps"][0]["branches"] == [
        {"when": "仍红", "go": "2"},
        {"when": "企业", "go": "KB-000655"},
        {"when": "好了", "go": "end"},
    ]
    assert (content["effective_from"], content["regions"], content["major"]) == (
        "2026-11-30T16:00:00Z",
        ["广东"],
        True,
    )
    shown = author.get(f"/drafts/{draft}").text
    assert "仍红 → 2" in shown
    assert 'value="2026-12-01T00:00"' in shown


def test_errors_keep_what_was_typed(author: TestClient, library: Library, draft: str):
    refused = author.post(f"/drafts/{draft}", data=_form(library, summary="长" * 121, body="写了很久的正文"))
    assert refused.status_code == 422
    assert "标准口径：最多 120 个字" in refused.text
    assert "写了很久的正文" in refused.text


def test_second_tab_sees_both_texts(author: TestClient, library: Library, draft: str):
    author.post(f"/drafts/{draft}", data=_form(library, body="第一个窗口"))
    refused = author.post(f"/drafts/{draft}", data=_form(library, body="第二个窗口"))
    assert refused.status_code == 409
    assert "第一个窗口" in refused.text
    assert "第二个窗口" in refused.text
    version = re.search(r'name="version" value="(\d+)"', refused.text)
    assert version is not None
    merged = author.post(f"/drafts/{draft}", data=_form(library, body="合并", version=version[1]))
    assert merged.status_code == 303


def test_autosave_tells_the_script(author: TestClient, library: Library, draft: str):
    url = f"/drafts/{draft}/autosave"
    assert author.post(url, data=_form(library, body="一"), headers=HTMX).json() == {"version": 2}
    refused = author.post(url, data=_form(library, body="二", questions=["问"]), headers=HTMX)
    assert refused.status_code == 409
    assert (refused.json()["version"], refused.json()["theirs"]["body"]) == (2, "一")
    assert refused.json()["theirs"]["questions"] == []
    long = author.post(url, data=_form(library, title="长" * 81, version="2"), headers=HTMX)
    assert (long.status_code, long.json()["errors"]) == (422, {"title": "标题：最多 80 个字"})
    assert author.post(url, data={"version": "x" * 99}, headers=HTMX).status_code in (409, 422)


def test_text_survives_a_draft_that_is_gone(author: TestClient, library: Library, draft: str):
    library.drop_draft(draft)
    gone = author.post(f"/drafts/{draft}", data=_form(library, body="写了很久的正文"))
    assert gone.status_code == 404
    assert "写了很久的正文" in gone.text


def test_submitting_leads_on(author: TestClient, library: Library, draft: str):
    sent = author.post(f"/drafts/{draft}", data=_form(library, then="submit"))
    assert sent.headers["Location"] == f"/articles/{draft}/submit"


def test_panels_show_preview_difference_and_checks(author: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, body="24 小时", summary="24 小时内上门")
    author.post(f"/articles/{code}/draft")
    form = _form(library, kind="qa", body="电话 13800138000，见[旧](KB-999999)", summary="48 小时内上门")
    panels = author.post(f"/drafts/{code}/preview", data=form, headers=HTMX).text
    assert "<ins>48</ins>" in panels
    assert "138****8000" in panels
    assert "KB-999999 打不开" in panels
    assert "请写明这次改了什么" in panels
    assert "<html" not in panels
    assert author.get(f"/api/v1/articles/{code}/draft").json()["content"]["body"] == "24 小时"


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](https://evil.example/a.png)",
        "<svg/onload=alert(1)>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="x" onclick="alert(1)">x</a>',
        "<iframe src=//evil.example></iframe>",
        '<p style="position:fixed">x</p>',
    ],
)
def test_markup_of_authors_does_nothing(agent: TestClient, library: Library, author_id: int, body: str):
    title = "<b>标题</b>"
    code = library.article(
        author_id, library.faults, title=title, body=body, summary=body[:100], questions=[body[:100]]
    )
    for url in (f"/articles/{code}", f"/articles/{code}/pane", "/articles", f"/articles/{code}/history"):
        page = agent.get(url).text
        assert "<b>标题</b>" not in page
        assert _dangers(page) == []


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _dangers(page: str) -> list[str]:
    """Elements of a page that could run or load what an author wrote."""
    parser = _Elements()
    parser.feed(page)
    return [
        f"{tag} {attrs}"
        for tag, attrs in parser.found
        if tag in ("iframe", "object", "embed", "base")
        or (tag == "script" and not (attrs.get("src") or "").startswith("/static/"))
        or "style" in attrs
        or any(name.startswith("on") for name in attrs)
        or (tag == "img" and not (attrs.get("src") or "").startswith("/"))
        or re.match(r"\s*(javascript|data|vbscript):", attrs.get("href") or "", re.IGNORECASE)
    ]


def test_policy_of_the_editor_allows_only_its_own_styles(author: TestClient, draft: str):
    editor = author.get(f"/drafts/{draft}")
    nonce = re.search(r'data-nonce="([^"]+)"', editor.text)
    assert nonce is not None
    assert nonce[1] in editor.headers["Content-Security-Policy"]
    assert "nonce" not in author.get("/drafts").headers["Content-Security-Policy"]


def test_reading_page(agent: TestClient, library: Library, author_id: int, fixed_clock: TestClock):
    code = library.article(
        author_id,
        library.faults,
        summary="请您断电重启",
        effective_to="2026-11-25 12:00",
        steps=[{"text": "看灯", "branches": [{"when": "仍红", "go": "2"}]}, {"text": "派单"}],
        ask_first=["是不是全家都不行"],
    )
    page = agent.get(f"/articles/{code}").text
    assert 'data-copy="请您断电重启"' in page
    assert 'id="step-2"' in page
    assert 'href="#step-2"' in page
    fixed_clock.forward(hours=3)
    page = agent.get(f"/articles/{code}").text
    assert "请您断电重启" not in page
    assert "已失效" in page
    then = agent.get(f"/articles/{code}", params={"as_of": "2026-11-25 11:00"}).text
    assert "2026-11-25 11:00 的口径" in then
    assert "请您断电重启" in then


def test_pane_is_a_fragment_for_htmx(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults)
    assert "<html" not in agent.get(f"/articles/{code}/pane", headers=HTMX).text
    assert "<html" in agent.get(f"/articles/{code}/pane").text


def test_opening_is_remembered(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, title="看过的")
    agent.get(f"/articles/{code}")
    agent.get(f"/articles/{code}/pane", headers=HTMX)
    assert "看过的" in agent.get("/articles", params={"view": "recent"}).text
    assert agent.get("/api/v1/shelves/popular").json()[0]["popularity"] == 2


def test_bookmarks(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, title="常用的")
    assert agent.post(f"/articles/{code}/bookmark").status_code == 303
    assert "常用的" in agent.get("/articles?view=bookmarks").text
    swapped = agent.post(f"/articles/{code}/bookmark?on=false", headers=HTMX)
    assert 'aria-pressed="false"' in swapped.text
    assert "还没有收藏" in agent.get("/articles?view=bookmarks").text


def test_csv_runs_no_formulas(agent: TestClient, library: Library, author_id: int):
    library.article(author_id, library.faults, title="=HYPERLINK(1)")
    file = agent.get("/articles/list.csv")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in file.text


def test_taking_a_list_out_is_recorded(agent: TestClient, library: Library, author_id: int, engine: Engine):
    library.article(author_id, library.faults)
    agent.get("/articles/list.csv")
    with reading(engine) as session:
        found = session.exec(select(AuditRecord).where(AuditRecord.action == "article.export")).all()
    assert [(each.actor_login, each.after) for each in found] == [("agent", {"rows": 1})]


def test_two_clients_never_meet_on_pages(
    agent: TestClient, author: TestClient, library: Library, author_id: int
):
    theirs = library.article(author_id, library.claims, title="理赔秘密")
    ours = library.article(author_id, library.faults, title="光猫红灯", body=f"[旧]({theirs})")
    library.article(author_id, library.claims, title="也引用秘密", body=f"[x]({ours})")
    pages = [
        "/articles",
        f"/articles/{ours}",
        f"/articles/{ours}/pane",
        "/articles?view=changed",
        "/articles/list.csv",
    ]
    told = "".join(agent.get(url).text for url in pages)
    told += "".join(author.get(url).text for url in ("/drafts", "/drafts/new", f"/drafts/copy?code={ours}"))
    for secret in ("理赔", "秘密", "保险"):
        assert secret not in told
    for url in (
        f"/articles/{theirs}",
        f"/articles/{theirs}/history",
        f"/articles?category_id={library.claims}",
    ):
        assert agent.get(url).status_code == 404


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/articles/KB-404404", 404),
        ("/articles?category_id=x", 422),
        ("/articles?sort=size", 422),
        ("/articles?after=zz", 422),
        ("/articles/KB-1/difference?from=0", 422),
        ("/articles/KB-404404/difference", 404),
        ("/articles/KB-404404?as_of=gestern", 422),
        ("/drafts/KB-404404", 404),
        ("/drafts/copy?code=KB-404404", 404),
        ("/corrections/1", 404),
        ("/corrections/new?code=KB-1&number=1", 404),
    ],
)
def test_bad_addresses_get_chinese_pages(author: TestClient, url: str, status: int):
    page = author.get(url)
    assert page.status_code == status
    assert "<html" in page.text


def test_history_and_difference(author: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, summary="48 小时")
    library.revise(code, summary="24 小时", change_note="时限缩短")
    page = author.get(f"/articles/{code}/difference").text
    assert "<del>48</del>" in page
    assert "<ins>24</ins>" in page
    assert "时限缩短" in author.get(f"/articles/{code}/history").text
    old = author.get(f"/articles/{code}/revisions/1").text
    assert "历史版本" in old
    assert 'data-copy="48 小时"' not in old


def test_agents_see_no_writing(agent: TestClient, people: People, library: Library, author_id: int):
    code = library.article(author_id, library.faults)
    page = agent.get(f"/articles/{code}").text
    assert f"/articles/{code}/draft" not in page
    assert agent.get("/drafts").status_code == 403
    assert agent.post(f"/articles/{code}/draft").status_code == 403
    library.change(code, retired_at=clock.now())
    people.add("lead", Role.SUPERVISOR, groups=("宽带组",))
    assert people.client("lead").post(f"/articles/{code}/draft").status_code == 409


def test_a_provisional_answer_is_listed_with_its_words(agent: TestClient, library: Library, author_id: int):
    code = library.article(author_id, library.faults, summary="先断电再重启。")
    until = clock.now() + timedelta(hours=3)
    library.change(
        code, 1, approval="submitted", route="provisional", provisional_until=until, recalled_at=until
    )
    assert "先断电再重启。" in agent.get("/articles").text


def test_what_was_recalled_since_is_not_for_reading_out(
    agent: TestClient, people: People, library: Library, author_id: int, fixed_clock: TestClock
):
    code = library.article(author_id, library.faults, summary="先断电再重启。")
    fixed_clock.forward(minutes=1)
    then = fixed_clock().isoformat()
    fixed_clock.forward(minutes=1)
    address = f"/articles/{code}?known_at={quote(then)}"
    agent = people.client("agent")
    assert "不可宣读" not in agent.get(address).text
    library.change(code, 1, publication="recalled", recalled_at=fixed_clock())
    page = agent.get(address).text
    assert "不可宣读" in page
