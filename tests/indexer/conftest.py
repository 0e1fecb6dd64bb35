from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.models import Schema

SCHEMA = Schema(keywords=("category", "audience", "tag"), numbers=("visible_from", "visible_until"))

Opener = Callable[..., EmbeddedEngine]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def embedder(models: Path) -> E5Embedder:
    return E5Embedder(models)


@pytest.fixture(scope="session")
def analyser(models: Path) -> Analyser:
    return Analyser(models / "words")


@pytest.fixture
def open_at(embedder: E5Embedder, analyser: Analyser) -> Iterator[Opener]:
    opened = []

    def open_at(root: Path, schema: Schema = SCHEMA) -> EmbeddedEngine:
        engine = EmbeddedEngine(root, schema, analyser, embedder)
        opened.append(engine)
        return engine

    yield open_at
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_at: Opener, tmp_path: Path) -> EmbeddedEngine:
    return open_at(tmp_path / "index")
