"""The frame that all pages stand on: templates, filters, assets, navigation, flash."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Role, permissions_of
from web import filters
from web.assets import MOUNT, STATIC, HashedStatic, asset, icon_names
from web.flash import flash
from web.nav import nav_for
from web.templating import TEMPLATES, render, templates

PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai

SECTIONS = {
    "Icon": "icon", "Button": "button", "Keycap": "key", "Badge": "badge", "Chip": "chip", "State pill": "state",
    "Strength bar": "strength", "Avatar": "avatar", "Card": "card", "Key-value list": "kv", "Field": "field",
    "Search box": "searchbox", "Segmented control": "seg", "Tabs": "tabs", "Filter bar": "filterbar", "Facet": "facet",
    "Result row": "hit", "Speakable answer (标准口径)": "speak", "Alert": "alert", "Table": "table", "Pager": "pager",
    "Progress": "progress", "Stat tile": "stat", "Steps": "steps", "Timeline": "timeline", "Diff": "diff",
    "Comment on a passage": "comment", "Menu, tooltip, dialog, toast": "menu dialog toast",
    "Empty state and skeleton": "empty", "Effective window": "window",
}  # fmt: skip
FRAME = {
    "Base",
    "App bar",
    "Side nav (rail); a bottom bar below 720 px",
    "Reading text",
    "Phones",
    "Action bar",
}
LATER = {"Transcript", "Chart"}  # live calls and figures
OF_PAGES = {"crumbs", "task", "editor", "time"}  # drawn in pages.css


def actor(*roles: Role) -> Actor:
    found = frozenset(roles)
    return Actor(user_id=1, login="3127", name="林晓雯", roles=found, permissions=permissions_of(found))


@pytest.mark.parametrize("name", PAGES)
def test_every_template_compiles(name: str) -> None:
    templates.env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_templates_keep_the_content_security_policy(name: str) -> None:
    source = (TEMPLATES / name).read_text("utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    assert not re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|\bjs:", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


def test_components_are_the_sections_of_the_style_sheet() -> None:
    sheet = (STATIC / "css/components.css").read_text("utf-8")
    titles = {re.split(r"[:,](?= (?:a |how |where |from|two|the |stages|by |larger|title))", title)[0].strip()
              for title in re.findall(r"^/\* ([^=\n]+?) -{3,} \*/$", sheet, flags=re.MULTILINE)}  # fmt: skip
    assert titles - FRAME - LATER == set(SECTIONS)
    files = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert files == set(" ".join(SECTIONS.values()).split()) | OF_PAGES


def test_every_icon_that_is_used_exists() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *(STATIC / "js").glob("*.js")]
    used = {name for path in sources for name in _icons(path)}
    assert used - set(icon_names()) == set()


def _icons(path: Path) -> list[str]:
    source = path.read_text("utf-8")
    return re.findall(r"(?:ui\.icon\(|icon(?:_end)?=|icon\()\"([a-z][a-z0-9-]+)\"", source)


def test_scripts_import_files_that_exist() -> None:
    for path in (STATIC / "js").glob("*.js"):
        for target in re.findall(r"(?:from|import\(?) ?\"(\.[^\"]+)\"", path.read_text("utf-8")):
            assert (path.parent / target).is_file(), f"{path.name}: {target}"


def test_vendored_files_are_the_pinned_versions() -> None:
    assert 'version:"2.0.11"' in (STATIC / "vendor/htmx/htmx.min.js").read_text("utf-8")
    for folder in ("htmx", "idiomorph", "codemirror"):
        assert (STATIC / "vendor" / folder / "LICENSE").stat().st_size > 300


# -- Rendering -------------------------------------------------------------------------------


def _client(*roles: Role) -> TestClient:
    def page(request: Request) -> Response:
        request.state.actor = actor(*roles) if roles else None
        request.state.badges = {"reviews": 7}
        context = {"status": 404, "title": "没有找到", "message": "<b>可能已移动</b>"}
        return render(request, "errors/error.html", context, block="error", status=404)

    def act(_request: Request) -> Response:
        response = RedirectResponse("/page", 303)
        flash(response, "已提交 <审批>")
        return response

    routes = [Route("/page", page), Route("/act", act), Mount(MOUNT, HashedStatic())]
    return TestClient(Starlette(routes=routes))


def test_htmx_gets_the_block_and_everybody_else_the_page() -> None:
    client = _client(Role.AGENT)
    page = client.get("/page")
    block = client.get("/page", headers={"HX-Request": "true"})
    restored = client.get("/page", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in page.text
    assert "<html" in restored.text
    assert "<html" not in block.text
    assert "&lt;b&gt;可能已移动" in block.text
    assert {page.status_code, block.status_code} == {404}
    assert page.headers["Vary"] == block.headers["Vary"] == "HX-Request"


def test_flash_is_shown_by_one_page() -> None:
    client = _client(Role.AGENT)
    assert "已提交 &lt;审批&gt;" in client.get("/act").text
    assert "已提交" not in client.get("/page").text


@pytest.mark.parametrize("cookie", ["nonsense", "%7B%22tone%22%3A1%7D", "%5B%5D", "%22x%22"])
def test_a_foreign_flash_cookie_is_ignored(cookie: str) -> None:
    client = _client()
    client.cookies.set("kms_flash", cookie)
    assert client.get("/page").status_code == 404


def test_the_first_page_is_small() -> None:
    page = _client(Role.SUPERVISOR).get("/page").text
    paths = re.findall(rf"{MOUNT}/[0-9a-f]+/([^\"]+)", page) + [
        f"js/{path.name}" for path in (STATIC / "js").glob("*.js")
    ]
    files = [(STATIC / path).read_bytes() for path in dict.fromkeys(paths)]
    assert len(files) > 20
    total = sum(len(gzip.compress(content)) for content in [*files, page.encode()])
    assert total <= 100 * 1024


def test_hashed_assets_are_kept_for_good_and_plain_ones_are_asked_again() -> None:
    client = _client()
    hashed = client.get(asset("css/app.css"))
    assert "immutable" in hashed.headers["Cache-Control"]
    plain = client.get(f"{MOUNT}/css/app.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.content == hashed.content
    assert client.get(f"{MOUNT}/000000000000/css/app.css").status_code == 404
    with pytest.raises(FileNotFoundError):
        asset("css/none.css")


def test_the_rail_shows_only_where_one_may_go() -> None:
    agent = [item.key for item in nav_for(actor(Role.AGENT), {}, "/")]
    assert agent == ["search", "articles", "inbox", "requests", "corrections"]
    both = nav_for(actor(Role.REVIEWER, Role.ADMIN), {"reviews": 7}, "/reviews/KB-000001")
    assert {item.key for item in both} >= {"reviews", "users", "keys", "audit"}
    assert [(item.key, item.badge) for item in both if item.current] == [("reviews", 7)]
    assert nav_for(None, {}, "/") == []


# -- Filters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=8), "8 分钟前"),
        (timedelta(hours=2), "2 小时前"),
        (timedelta(hours=20, minutes=20), "昨天 17:40"),
        (timedelta(hours=45, minutes=30), "前天 16:30"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=65), "2 个月前"),
        (timedelta(days=900), "2024-06-07"),
    ],
)
def test_ages(before: timedelta, words: str) -> None:
    with clock.using(lambda: NOW):
        assert filters.ago(NOW - before) == words


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(minutes=12), "剩 12 分", "warn"),
        (timedelta(minutes=100), "剩 1 小时 40 分", "warn"),
        (timedelta(hours=5), "剩 5 小时", ""),
        (timedelta(hours=22), "明天 12:00", ""),
        (timedelta(hours=44), "后天 10:00", ""),
        (timedelta(days=9, hours=4), "12-03 18:00", ""),
        (timedelta(hours=-2), "已超时 2 小时", "bad"),
        (timedelta(days=-3), "已超时 3 天", "bad"),
    ],
)
def test_due(left: timedelta, words: str, tone: str) -> None:
    with clock.using(lambda: NOW):
        assert (filters.due(NOW + left), filters.due_tone(NOW + left)) == (words, tone)


def test_moments_are_shown_on_a_shanghai_clock() -> None:
    late = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)
    assert filters.datetime_(late) == "2026-11-25 01:05"
    assert filters.date_(late) == "2026-11-25"
    assert filters.field_datetime(late) == "2026-11-25T01:05"
    assert filters.datetime_(None) == "—"


@pytest.mark.parametrize(
    ("offsets", "html"),
    [
        ([], "光猫&lt;红&gt;灯"),
        ([(2, 5)], "光猫<mark>&lt;红&gt;</mark>灯"),
        ([(4, 9), (0, 1), (3, 5)], "<mark>光</mark>猫&lt;<mark>红&gt;灯</mark>"),
        ([(-3, 1), (3, 3), (8, 12)], "<mark>光</mark>猫&lt;红&gt;灯"),
    ],
)
def test_highlights_are_escaped_merged_and_clipped(offsets: list[tuple[int, int]], html: str) -> None:
    assert filters.highlight("光猫<红>灯", offsets) == Markup(html)


def test_differences_are_escaped() -> None:
    segments = [("equal", "上门 "), ("delete", "<48>"), ("insert", "24 小时")]
    assert filters.marked(segments) == "上门 <del>&lt;48&gt;</del><ins>24 小时</ins>"


@pytest.mark.parametrize(("characters", "seconds"), [(69, 17), (57, 14), (78, 20), (0, 0)])
def test_length_of_speech(characters: int, seconds: int) -> None:
    assert filters.speech_seconds(characters) == seconds
