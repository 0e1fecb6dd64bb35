"""An application with one row of everything, which each test of the fuzzer finds as it was."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from schemathesis.python import asgi
from sqlalchemy.engine import Engine
from sqlmodel import select
from starlette.types import Receive, Scope, Send

from kms.accounts.permissions import Role
from kms.articles.models import Article
from kms.db.session import writing
from kms.settings import Settings
from tests.articles.desk import API, GOOD, GROUP
from tests.articles.library import Library
from tests.conftest import People
from web.app import create_app

CODE, LOGIN = "KB-000123", "10023"
"""What the examples of the API's description name."""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


class Stage:
    """Forwards to the application of the running test; the fuzzer's schema is read before there is one."""

    app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    @contextmanager
    def playing(self, settings: Settings) -> Iterator["Scene"]:
        """The application runs during the block, with the scene set."""
        self.app = create_app(settings)
        with asgi.get_client(self):
            try:
                yield Scene(self.app, settings)
            finally:
                asgi.shutdown_lifespans()


class Scene:
    """The rows, who asks, and the way back to how it was."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        engine: Engine = app.state.engine
        people = People(app, engine, settings)
        library = Library(engine)
        owner = people.add(LOGIN, *Role, groups=GROUP, name="全能")
        people.add("10024", Role.AUTHOR, groups=GROUP, name="林晓雯")
        library.article(owner, library.faults, **GOOD)
        with writing(engine) as session:
            session.exec(select(Article)).one().code = CODE
        self._person = people.client(LOGIN)
        _fill(self._person, people.client("10024"), library.faults)
        app.state.runtime.prepare()
        app.state.runtime.drain()
        self.headers = {
            "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._person.cookies.items()),
        }
        self._database, self._as_set = settings.data_dir / "kms.sqlite3", settings.data_dir / "as-set.sqlite3"
        _copy(self._database, self._as_set)

    def reset(self) -> None:
        """Every row as it was set."""
        _copy(self._as_set, self._database)


def _fill(person: TestClient, author: TestClient, category: int) -> None:
    """A revision in review with a remark, a draft with a file, a correction, a wish, a licence, a key."""
    article = f"{API}/articles/{CODE}"
    saved = author.post(f"{article}/draft").json()
    body = {"version": saved["version"], "content": {**saved["content"], **GOOD, "change_note": "改了"}}
    steps = [
        author.put(f"{article}/draft", json=body),
        author.post(f"{article}/draft/submit", json={}),
        person.post(f"{article}/revisions/2/comments", json={"text": "写清时限"}),
        person.post(f"{API}/articles", json={**GOOD, "title": "另一条", "category_id": category}),
        person.post(f"{article}/draft"),
        person.post(f"{article}/draft/attachments", files={"file": ("灯.png", PICTURE, "image/png")}),
        author.post(f"{article}/corrections", json={"number": 1, "message": "时限有误"}),
        author.post(f"{API}/requests", json={"category_id": category, "text": "老年机怎么开通"}),
        person.post(
            f"{API}/licences", json={"login": "10024", "category_id": category, "until": "2099-01-01"}
        ),
        person.post(f"{API}/keys", json={"service": "crm", "scopes": ["search"]}),
    ]
    told = [f"{step.request.url.path}: {step.status_code} {step.text}" for step in steps if step.is_error]
    assert not told, told


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


def installed(folder: Path, migrated: Path, models: Path) -> Settings:
    """Settings of an installation in `folder`, as the fixture `settings` has it for one test."""
    shutil.copy(migrated, folder / "kms.sqlite3")
    (folder / "models").symlink_to(models)
    return Settings(data_dir=folder, secret_key="test-secret-key", worker=False)  # type: ignore[arg-type]
