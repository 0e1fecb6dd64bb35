import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from indexer.models import ArticleDocuments, Query, Schema
from tests.indexer import writer
from tests.indexer.conftest import Opener

KILLS = 6
REPOSITORY = Path(__file__).parents[2]


def run_and_kill(arguments: list[str], notes: Path, wanted: int) -> None:
    """Waits for a number of notes, so that the process is surely at work, then kills it mid-write."""
    before = len(notes.read_text().splitlines()) if notes.exists() else 0
    process = subprocess.Popen([sys.executable, "-m", "tests.indexer.writer", *arguments], cwd=REPOSITORY)
    pause = threading.Event()
    while (
        process.poll() is None
        and len(notes.read_text().splitlines() if notes.exists() else []) < before + wanted
    ):
        pause.wait(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def noted(notes: Path, what: str) -> int:
    turns = [line.split() for line in notes.read_text().splitlines()]
    return max(int(turn) for kind, turn in turns if kind == what)


def expected(last: int) -> dict[str, ArticleDocuments]:
    return {one.article: one for turn in range(1, last + 1) for one in writer.batch(turn)}


@pytest.mark.slow
def test_killed_at_any_point_nothing_is_lost_or_doubled(
    models: Path, open_at: Opener, tmp_path: Path
) -> None:
    root, notes, chance = tmp_path / "index", tmp_path / "notes", random.Random(20261125)
    for _ in range(KILLS):
        first = noted(notes, "applied") + 1 if notes.exists() else 1
        run_and_kill([str(root), str(models), str(notes), str(first)], notes, chance.randint(1, 40))
        engine = open_at(root, Schema())
        last = noted(notes, "applied")
        engine.apply(writer.batch(last))  # as the outbox does with what it could not delete
        engine.embed(writer.batch(last))
        check(engine.versions(), last)
        for one in expected(last).values():
            held = engine.search(Query("规定 内容", k=100))
            found = [hit.document for hit in (*held.hits, *held.nearest) if hit.article == one.article]
            newer = engine.versions()[one.article].text > one.version
            assert newer or found == [document.id for document in one.documents]
        engine.close()


def check(versions: object, last: int) -> None:
    assert isinstance(versions, dict)
    for article, one in expected(last).items():
        held = versions[article].text
        assert held in (one.version, last + 1), "acknowledged writes are there; one more may be"
