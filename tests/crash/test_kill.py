"""`kms serve` is killed at random points while articles are published, recalled and retired."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from indexer.models import ArticleDocuments
from kms import clock
from kms.accounts.models import User
from kms.api.runtime import check, open_runtime
from kms.db.engine import make_engine
from kms.db.session import reading, writing
from kms.search.indexes import load
from tests.search.conftest import Library

KILLS = 4
SUBJECTS = ["宽带", "光猫", "话费", "套餐", "流量", "携号转网", "电视", "路由器", "发票", "投诉"]


@pytest.mark.slow
def test_index_and_database_agree_after_every_kill(settings):
    engine = make_engine(settings.database)
    chance = random.Random(20261125)
    with writing(engine) as session:
        session.add(User(login="owner", name="owner", created_at=clock.now(), updated_at=clock.now()))
    burst = Burst(Library(engine, None, 1), random.Random(7))  # type: ignore[arg-type]
    with burst.running():
        for _ in range(KILLS):
            server = started(settings)
            time.sleep(chance.uniform(0.05, 1.2))
            server.send_signal(signal.SIGKILL)
            server.wait(20)
    engine.dispose()
    assert len(burst.codes) > 10
    with open_runtime(settings, worker=False) as runtime:
        runtime.prepare()
        runtime.drain()
        assert check(runtime) == []
    with open_runtime(settings, worker=False) as runtime:  # as it lies on the disk
        with reading(runtime.engine) as session:
            articles = load(
                session, [str(number + 1) for number in range(len(burst.codes))], timedelta(days=90)
            )
        assert stored(runtime.search.indexes.live) == named(article.live for article in articles)
        assert stored(runtime.search.indexes.history) == named(article.history for article in articles)


def stored(engine) -> list[tuple[str, str]]:
    """Every document, twice if it is there twice; the port has no way to list them."""
    return sorted((entry.article, entry.document) for entry in engine._current.view().catalogue.entries)


def named(articles: Iterable[ArticleDocuments]) -> list[tuple[str, str]]:
    return sorted((article.article, document.id) for article in articles for document in article.documents)


class Burst:
    """Publishes, revises, recalls and retires without a pause; each act is one transaction."""

    def __init__(self, library: Library, chance: random.Random) -> None:
        self._library, self._chance = library, chance
        self._stop = threading.Event()
        self._line = library.line("业务线")
        self.codes: list[str] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.04):
            self._act()

    def _act(self) -> None:
        kind = self._chance.random()
        if kind < 0.5 or not self.codes:
            subject = self._chance.choice(SUBJECTS)
            title = f"{subject}问题 {len(self.codes)} 的办理"
            self.codes.append(self._library.publish(self._line, title, f"您的{subject}可以这样办理。"))
            return
        code = self._chance.choice(self.codes)
        if kind < 0.8:
            starts = clock.now() + timedelta(milliseconds=self._chance.choice([0, 0, 300]))
            self._library.revise(code, summary=f"第 {self._chance.randrange(1000)} 种口径。", starts=starts)
        elif kind < 0.9:
            self._library.recall(code, 1)
        else:
            self._library.change(code, retired_at=clock.now())


def started(settings) -> "subprocess.Popen[bytes]":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = os.environ | {
        "KMS_DATA_DIR": str(settings.data_dir),
        "KMS_PORT": str(port),
        "KMS_SECRET_KEY": "test",
    }
    command = [sys.executable, "-c", "from kms.cli import app; app()", "serve"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=variables, stderr=quiet, stdout=quiet)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=5).close()
        except OSError:
            assert server.poll() is None, "the server ended by itself"
            time.sleep(0.05)
        else:
            return server
    raise AssertionError("the server did not start")
