"""Fixtures of the contracts."""

import pytest
from sqlalchemy.engine import Engine

from tests.articles.library import Library


@pytest.fixture
def library(engine: Engine) -> Library:
    """Two business lines without articles."""
    return Library(engine)
