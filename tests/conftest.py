"""Fixtures: a migrated database per test, people, a signed-in client, a clock that tests move."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

# One BLAS thread, as in the server: must be set before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from kms import clock
from kms.accounts.authentication import person_actor
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.permissions import Role
from kms.accounts.sessions import COOKIE, open_session
from kms.cli.migrate import migrate
from kms.db.engine import make_engine
from kms.db.session import reading, writing
from kms.settings import Settings
from web.app import create_app

# The default would render every traceback with its local variables, for many seconds.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

ALL_LINES = "全员"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the real migrations applied, copied for each test."""
    path = tmp_path_factory.mktemp("db") / "kms.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def models(pytestconfig: pytest.Config) -> Path:
    """The converted model, built once for all runs of the tests."""
    return pytestconfig.cache.mkdir("models")


@pytest.fixture
def settings(tmp_path: Path, migrated: Path, models: Path) -> Settings:
    """Settings of an installation of its own in a temporary folder."""
    shutil.copy(migrated, tmp_path / "kms.sqlite3")
    (tmp_path / "models").symlink_to(models)
    return Settings(data_dir=tmp_path, secret_key=SecretStr("test-secret-key"), worker=False)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser without a session; `people` signs others in."""
    with TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def engine(client: TestClient) -> Engine:
    """The running application's database."""
    return client.app.state.engine  # type: ignore[attr-defined,no-any-return]


class TestClock:
    """Time that stands still until a test moves it."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        """`forward(hours=3)`."""
        self.time += timedelta(**span)


@pytest.fixture
def fixed_clock() -> Iterator[TestClock]:
    """2026-11-25 10:00 in Shanghai."""
    time = TestClock()
    with clock.using(time):
        yield time


class People:
    """Makes people and clients that are signed in as them."""

    def __init__(self, app: FastAPI, engine: Engine, settings: Settings) -> None:
        self._app, self._engine, self._settings = app, engine, settings

    def add(self, login: str, *roles: Role, groups: tuple[str, ...] = (ALL_LINES,), name: str = "") -> int:
        """A person with these roles, in these groups (made when missing); returns the id."""
        with writing(self._engine) as session:
            user = User(login=login, name=name or login, created_at=clock.now(), updated_at=clock.now())
            session.add(user)
            session.flush()
            assert user.id is not None
            session.add_all(UserRole(user_id=user.id, role=role) for role in roles)
            for group in groups:
                session.add(GroupMember(group_id=group_id(session, group), user_id=user.id))
            return user.id

    def client(self, login: str) -> TestClient:
        """A browser that is signed in as `login`."""
        with writing(self._engine) as session:
            user = session.exec(select(User).where(User.login == login)).one()
            token = open_session(session, user, self._settings, "testclient", "pytest")
        client = TestClient(self._app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)
        client.cookies.set(COOKIE, token)
        return client

    def actor(self, login: str):
        with reading(self._engine) as session:
            return person_actor(session, session.exec(select(User).where(User.login == login)).one())


def group_id(session: Session, name: str) -> int:
    group = session.exec(select(Group).where(Group.name == name)).first()
    if group is None:
        group = Group(name=name)
        session.add(group)
        session.flush()
    assert group.id is not None
    return group.id


@pytest.fixture
def people(app: FastAPI, engine: Engine, settings: Settings) -> People:
    return People(app, engine, settings)


@pytest.fixture
def signed_in(people: People) -> Callable[..., TestClient]:
    """`signed_in("A1", Role.AUTHOR)`: make the person and give a client of theirs."""

    def make(login: str, *roles: Role, groups: tuple[str, ...] = (ALL_LINES,)) -> TestClient:
        people.add(login, *roles, groups=groups)
        return people.client(login)

    return make
