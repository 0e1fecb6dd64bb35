"""Fixtures of the article tests."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from kms.accounts.permissions import Role
from tests.articles.desk import Desk
from tests.articles.library import Library
from tests.conftest import People

BROADBAND, INSURANCE = ("宽带组",), ("保险组",)


@pytest.fixture
def library(engine: Engine) -> Library:
    """Two business lines without articles."""
    return Library(engine)


@pytest.fixture
def author_id(people: People, library: Library) -> int:
    """An author of the broadband line."""
    return people.add("author", Role.AUTHOR, groups=BROADBAND, name="林晓雯")


@pytest.fixture
def author(people: People, author_id: int) -> TestClient:
    return people.client("author")


@pytest.fixture
def agent(people: People, library: Library) -> TestClient:
    """An agent of the broadband line."""
    people.add("agent", Role.AGENT, groups=BROADBAND, name="坐席甲")
    return people.client("agent")


@pytest.fixture
def stranger(people: People, library: Library) -> TestClient:
    """An author of the other client."""
    people.add("stranger", Role.AUTHOR, Role.SUPERVISOR, groups=INSURANCE, name="外人")
    return people.client("stranger")


@pytest.fixture
def desk(engine: Engine, people: People, library: Library) -> Desk:
    """People of the broadband line and the steps of the loop."""
    return Desk(engine, people, library)
