"""Input that nobody means, and moments that nobody plans: a sentence in Chinese or a problem document, never a 500."""

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kms.accounts.permissions import Role
from kms.settings import Settings
from tests.articles.desk import API, GOOD, GROUP
from tests.articles.library import Library
from tests.conftest import People

QUERIES = {
    "empty": "",
    "blank": " \u3000\n\t",
    "10,000 characters": "光los" * 2500,
    "emoji": "👨‍👩‍👧‍👦🔴光猫🔴" * 20,
    "control": "光\x00猫\x07\x1b[31m\u202e\ufeff",
    "sql": "'; DROP TABLE article; -- ' OR 1=1 \" UNION SELECT * FROM user_account",
    "lucene": 'title:光猫 AND (红灯 OR [a TO z]) -x +y "a b"~3 c^2 d* e? {!func} /re[g/ \\',
    "unclosed": '"光猫 ((( [[[ {{{ ~~~ ^^^ \\',
    "html": "<script>alert(1)</script>&lt;%27",
    "digits": "9" * 400,
}
LISTS = ("/articles", "/requests", "/users", "/audit", "/reviews", "/corrections", "/keys", "/inbox")
ENDS_OF_TIME = ("0001-01-02", "9999-12-30")
NO_MOMENTS = ("昨天", "2026-13-45", "2026-02-30T25:61:00", "-1", "9" * 40, "\x00")
CODES = ("KB-999999", "KB-", "kb-1", "9" * 200, "%00", "..%2F..%2Fetc", "😀")
BY_CODE = (
    "/articles/{}", "/articles/{}/history", "/articles/{}/difference?from=1&to=2", "/articles/{}/submit",
    "/drafts/{}", "/reviews/{}/1", f"{API}/articles/{{}}", f"{API}/articles/{{}}/revisions/1",
    f"{API}/articles/{{}}/revisions/1/review", f"{API}/articles/{{}}/draft",
)  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
FILES = {
    "exe as png": ("灯.png", b"MZ\x90" + bytes(100), "image/png"),
    "html as txt": ("a.html", b"<script>alert(1)</script>", "text/plain"),
    "svg": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    "png as pdf": ("a.pdf", PNG, "application/pdf"),
    "torn xlsx": ("a.xlsx", b"PK\x03\x04" + bytes(40), "application/zip"),
    "empty": ("空.png", b"", "image/png"),
    "no name": (".", PNG, "image/png"),
    "path as name": ("../../etc/passwd", PNG, "image/png"),
}


@pytest.fixture
def person(people: People, library: Library) -> TestClient:
    """All roles, in the broadband line, where another one reviews."""
    people.add("1001", *Role, groups=GROUP)
    people.add("1002", Role.REVIEWER, groups=GROUP)
    return people.client("1001")


@pytest.fixture
def code(person: TestClient, library: Library) -> str:
    """A draft of theirs."""
    made = person.post(f"{API}/articles", json={**GOOD, "category_id": library.faults})
    return str(made.json()["code"])


def told(answer, *statuses: int) -> str:
    """What a refusal says on either surface: always something in Chinese."""
    assert answer.status_code in statuses, f"{answer.url}: {answer.status_code} {answer.text[:300]}"
    text = re.sub(r"<[^>]+>", " ", answer.text)
    if answer.url.path.startswith(API):
        assert answer.headers["content-type"] == "application/problem+json"
        text = str(answer.json()["detail"])
    assert CHINESE.search(text), text
    return text


@pytest.mark.parametrize("name", QUERIES)
def test_any_query_is_answered(person: TestClient, name: str) -> None:
    query = QUERIES[name]
    page = person.get("/search", params={"q": query})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    for answer in (
        person.get(f"{API}/search", params={"q": query}),
        person.post(f"{API}/search", json={"q": query}),
        person.get(f"{API}/complete", params={"q": query}),
    ):
        if answer.status_code != 200:
            told(answer, 422)
    for path in LISTS:
        answer = person.get(
            path, params={"q": query} | dict.fromkeys(("kind", "region", "actor"), query[:500])
        )
        if answer.status_code != 200:
            told(answer, 422)


def test_malformed_dates(person: TestClient, code: str) -> None:
    for moment in NO_MOMENTS + ENDS_OF_TIME:
        asked = {"q": "光猫", "as_of": moment, "known_at": moment, "start": moment, "end": moment}
        for path in ("/search", "/audit", f"/articles/{code}", f"{API}/articles/{code}"):
            answer = person.get(path, params=asked)
            if answer.status_code != 200:
                told(answer, 404, 422)
        for path in (f"{API}/search", f"{API}/audit"):
            answer = person.get(path, params=asked)
            if moment in NO_MOMENTS or answer.status_code != 200:
                told(answer, 422)


def test_dates_in_a_draft(person: TestClient, code: str) -> None:
    draft = f"{API}/articles/{code}/draft"
    for moment in NO_MOMENTS:
        content = {**GOOD, "effective_from": moment, "review_by": moment}
        told(person.put(draft, json={"version": 1, "content": content}), 422)
        page = person.post(
            f"/drafts/{code}", data={"version": "1", "effective_from": moment, "body": "留住的字"}
        )
        told(page, 422)
        assert "留住的字" in page.text


def test_unknown_codes_and_numbers(person: TestClient, code: str) -> None:
    for unknown in CODES:
        for path in BY_CODE:
            told(person.get(path.format(unknown)), 404, 422)
    for number in ("0", "-1", "2147483648", "1e3", "一"):
        for path in (
            f"{API}/articles/{code}/revisions/{number}",
            f"{API}/articles/{code}/difference?from={number}&to={number}",
            f"/articles/{code}/difference?from={number}&to={number}",
            f"/requests/{number}",
            f"/corrections/{number}",
        ):
            told(person.get(path), 404, 422)


def test_mislabelled_files_are_refused(person: TestClient, code: str) -> None:
    for file in FILES.values():
        told(person.post(f"{API}/articles/{code}/draft/attachments", files={"file": file}), 415, 422)
        script = person.post(
            f"/drafts/{code}/attachments", files={"file": file}, headers={"HX-Request": "true"}
        )
        assert CHINESE.search(script.json()["detail"])
        assert script.status_code in (415, 422)
        plain = person.post(f"/drafts/{code}/attachments", files={"file": file}, follow_redirects=True)
        assert 'data-tone="bad"' in plain.text
    assert person.get(f"{API}/articles/{code}/draft").json()["content"]["attachments"] == []


def test_people_are_read_from_tables_only(person: TestClient) -> None:
    for file in (FILES["exe as png"], FILES["torn xlsx"], FILES["empty"], ("人.xlsx", _bomb(), "")):
        for path in (f"{API}/users/import", "/users/import"):
            told(person.post(path, files={"file": file}), 413, 415, 422)


def _bomb() -> bytes:
    """A spreadsheet of few bytes that unpacks to many."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (100 * 1024 * 1024))
    return packed.getvalue()


@pytest.fixture
def strict(settings: Settings) -> Iterator[None]:
    """Files end at 1 kB, requests at 1 MB."""
    settings.attachment_max_bytes, settings.body_max_bytes = 1000, 1024 * 1024


def test_huge_uploads(strict, person: TestClient, code: str) -> None:
    for size in (2000, 2 * 1024 * 1024):
        file = {"file": ("灯.png", PNG + bytes(size), "image/png")}
        told(person.post(f"{API}/articles/{code}/draft/attachments", files=file), 413)
        answer = person.post(f"/drafts/{code}/attachments", files=file, headers={"HX-Request": "true"})
        assert answer.status_code == 413
        assert CHINESE.search(answer.text)


def test_a_session_that_ends_in_the_middle_of_an_edit(
    person: TestClient, code: str, people: People, library: Library
) -> None:
    person.post("/logout")
    form = {
        "version": "1",
        "category_id": str(library.faults),
        "title": "改了的标题",
        "body": "写了很久的正文",
    }
    script = {"HX-Request": "true", "Accept": "application/json"}
    late = person.post(f"/drafts/{code}/autosave", data=form, headers=script)
    assert late.status_code == 401
    assert late.json()["code"] == "not_signed_in"
    assert "返回键" in told(person.post(f"/drafts/{code}", data=form), 401)
    told(person.put(f"{API}/articles/{code}/draft", json={"version": 1, "content": GOOD}), 401)
    # Logged in again, the same form is taken: the draft has waited.
    again = people.client("1001").post(f"/drafts/{code}/autosave", data=form, headers=script)
    assert again.json() == {"version": 2}


def test_two_tabs(person: TestClient, code: str, library: Library) -> None:
    first = {"version": "1", "category_id": str(library.faults), "title": "第一个窗口", "body": "先存的正文"}
    assert person.post(f"/drafts/{code}/autosave", data=first).json() == {"version": 2}
    second = {**first, "title": "第二个窗口", "body": "后存的正文"}
    clash = person.post(f"/drafts/{code}/autosave", data=second)
    assert clash.status_code == 409
    assert clash.json()["theirs"]["body"] == "先存的正文"
    page = person.post(f"/drafts/{code}", data=second)
    assert page.status_code == 409
    assert "先存的正文" in page.text
    assert "后存的正文" in page.text
    kept = person.get(f"{API}/articles/{code}/draft").json()
    assert (kept["version"], kept["content"]["body"]) == (2, "先存的正文")


def test_a_tab_whose_draft_is_gone_shows_the_text_again(person: TestClient, code: str) -> None:
    assert person.delete(f"{API}/articles/{code}/draft").status_code == 204
    page = person.post(f"/drafts/{code}", data={"version": "1", "title": "题", "body": "还想要的正文"})
    told(page, 404)
    assert "还想要的正文" in page.text


def test_two_tabs_decide_only_once(person: TestClient, code: str) -> None:
    assert person.post(f"{API}/articles/{code}/draft/submit", json={}).status_code == 201
    told(person.post(f"{API}/articles/{code}/draft/submit", json={}), 404, 409)
    withdraw = f"{API}/articles/{code}/revisions/1/withdraw"
    assert person.post(withdraw).status_code == 200
    told(person.post(withdraw), 409)
