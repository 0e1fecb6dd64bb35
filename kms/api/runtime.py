"""The parts of a running process, opened and closed together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from kms.db.engine import make_engine
from kms.settings import Settings


@dataclass
class Runtime:
    """What a server process or a command that does the worker's job holds open."""

    settings: Settings
    engine: Engine


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """Open the database; everything is closed at the end of the block."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        yield Runtime(settings, engine)
    finally:
        engine.dispose()
