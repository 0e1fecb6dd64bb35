"""Attachments over HTTP: what may come in, who gets it out, and how."""

import io
import zipfile

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from kms.settings import Settings
from tests.articles.library import Library

API = "/api/v1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
PDF = b"%PDF-1.7\n%%EOF"


def _office(folder: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return buffer.getvalue()


@pytest.fixture
def code(author: TestClient, library: Library) -> str:
    made = author.post(f"{API}/articles", json={"category_id": library.faults, "title": "光猫红灯"})
    return str(made.json()["code"])


def _upload(client: TestClient, code: str, name: str, data: bytes, **form: str) -> Response:
    return client.post(f"{API}/articles/{code}/draft/attachments", files={"file": (name, data)}, data=form)


def test_comes_in_and_out_again(author: TestClient, code: str):
    made = _upload(author, code, "红灯 截图.png", PNG).json()
    assert made["markdown"] == "![红灯_截图.png](attachments/红灯_截图.png)"
    assert made["version"] == 2
    got = author.get(f"{API}/articles/{code}/draft/attachments/红灯_截图.png")
    assert got.content == PNG
    assert got.headers["Content-Type"] == "image/png"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", PDF),
        ("a.docx", _office("word")),
        ("a.xlsx", _office("xl")),
        ("a.csv", "名称,价格\n宽带,69".encode("gb18030")),
        ("a.txt", "说明".encode()),
        ("A.JPG", b"\xff\xd8\xff\xe0"),
    ],
)
def test_allowed_kinds_are_downloads_unless_pictures(author: TestClient, code: str, name: str, data: bytes):
    made = _upload(author, code, name, data)
    assert made.status_code == 201, made.text
    stored = made.json()["attachment"]["name"]
    got = author.get(f"{API}/articles/{code}/draft/attachments/{stored}")
    kind = "inline" if stored.endswith("JPG") else "attachment"
    assert got.headers["Content-Disposition"].startswith(kind)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", PDF),
        ("a.pdf", b"<script>alert(1)</script>"),
        ("a.docx", _office("xl")),
        ("a.docx", b"PK\x03\x04broken"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.html", b"<p>"),
        ("a.exe", b"MZ"),
        ("a.txt", b"MZ\0\0"),
        ("name-without-suffix", b"x"),
    ],
)
def test_mislabelled_and_foreign_kinds_are_refused(author: TestClient, code: str, name: str, data: bytes):
    refused = _upload(author, code, name, data)
    assert refused.status_code == 415
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_empty_and_too_large(author: TestClient, code: str, settings: Settings):
    assert _upload(author, code, "a.png", b"").status_code == 422
    settings.attachment_max_bytes = 1024
    assert _upload(author, code, "a.png", PNG + b"\0" * 2048).status_code == 413
    assert not [path for path in settings.attachments_dir.rglob("*") if path.is_file()]


def test_same_bytes_are_kept_once_and_names_stay_apart(author: TestClient, code: str, settings: Settings):
    names = [
        _upload(author, code, name, data).json()["attachment"]["name"]
        for name, data in [("image.png", PNG), ("image.png", PNG), ("image.png", PNG + b"1"), ("b.png", PNG)]
    ]
    assert names == ["image.png", "image.png", "image-2.png", "b.png"]
    assert len([path for path in settings.attachments_dir.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "..\\x.png", "a/b.png", "<b>.png", "a\x00b.png", ".png"]
)
def test_names_never_leave_the_folder(author: TestClient, code: str, name: str):
    made = _upload(author, code, name, PNG)
    if made.status_code == 201:
        stored = made.json()["attachment"]["name"]
        assert not set(stored) & set('/\\<>\x00"')
    else:
        assert made.status_code in (415, 422)


def test_version_of_a_stale_tab_is_refused(author: TestClient, code: str):
    assert _upload(author, code, "a.png", PNG, version="1").status_code == 201
    assert _upload(author, code, "b.png", PNG, version="1").status_code == 409


def test_only_readers_of_the_revision_get_the_file(
    author: TestClient, agent: TestClient, stranger: TestClient, code: str, library: Library, author_id: int
):
    _upload(author, code, "a.png", PNG)
    ref = author.get(f"{API}/articles/{code}/draft").json()["content"]["attachments"][0]
    assert agent.get(f"{API}/articles/{code}/draft/attachments/a.png").status_code == 403
    assert stranger.get(f"{API}/articles/{code}/draft/attachments/a.png").status_code == 404
    published = library.article(author_id, library.faults, attachments=[ref])
    url = f"/articles/{published}/revisions/1/attachments/a.png"
    assert agent.get(API + url).content == agent.get(url).content == PNG
    assert stranger.get(API + url).status_code == stranger.get(url).status_code == 404
    assert agent.get(f"{API}/articles/{published}/revisions/1/attachments/b.png").status_code == 404
    assert agent.get(f"{API}/articles/{published}/revisions/2/attachments/a.png").status_code == 404


def test_removed_from_the_draft_only(author: TestClient, code: str):
    _upload(author, code, "a.png", PNG)
    assert author.delete(f"{API}/articles/{code}/draft/attachments/a.png").json() == {"version": 3}
    assert author.delete(f"{API}/articles/{code}/draft/attachments/a.png").status_code == 404
    assert author.get(f"{API}/articles/{code}/draft").json()["content"]["attachments"] == []
