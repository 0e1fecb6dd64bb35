"""The live line: begins with the count, brings what is sent, ends with the session and with the server."""

import json
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts.models import LoginSession
from kms.accounts.permissions import Role
from kms.accounts.sessions import COOKIE
from kms.db.session import reading, writing
from kms.events import bus
from kms.inbox.service import Message, send, settle
from web.views import events


class Server(uvicorn.Server):
    """A server of its own for one test, since a stream has to be read while others write."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        while not self.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        bus.close_all()
        self.should_exit = True
        self.thread.join(5)


@pytest.fixture
def server(app: FastAPI, engine: Engine) -> Iterator[Server]:
    server = Server(app)
    yield server
    server.stop()


@pytest.fixture
def ling(people) -> int:
    return people.add("3127", Role.AGENT)


class Line:
    """One open stream, read event by event."""

    def __init__(self, server: Server, cookie: str, **headers: str) -> None:
        headers = {"Cookie": f"{COOKIE}={cookie}", "Accept": "text/event-stream", **headers}
        self._opened = httpx2.stream("GET", f"{server.url}/events", headers=headers, timeout=10)
        self.response = self._opened.__enter__()
        self._lines = self.response.iter_lines()

    def next(self) -> tuple[str, dict]:
        name, data = "", ""
        for line in self._lines:
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                data = line.removeprefix("data:").strip()
            elif not line and name:
                return name, json.loads(data)
        raise EOFError

    def close(self) -> None:
        self._opened.__exit__(None, None, None)


@pytest.fixture
def open_line(server: Server, people, ling: int) -> Iterator:
    lines: list[Line] = []

    def open_line(**headers: str) -> Line:
        lines.append(Line(server, people.client("3127").cookies[COOKIE], **headers))
        return lines[-1]

    yield open_line
    for line in lines:
        line.close()


def put(engine: Engine, user_id: int, key: str = "correction:1") -> None:
    with writing(engine) as session:
        send(session, [user_id], Message(key, "correction", "请答复纠错", href="/inbox", is_task=True))


@pytest.mark.parametrize("headers", [{}, {"Last-Event-ID": "7"}])
def test_the_count_comes_first_whatever_was_seen_before(
    open_line, engine: Engine, ling: int, headers
) -> None:
    put(engine, ling)
    line = open_line(**headers)
    assert line.response.headers["content-type"].startswith("text/event-stream")
    assert line.next() == ("inbox.count", {"count": 1})


def test_what_is_sent_arrives_with_the_new_count(open_line, engine: Engine, ling: int, people) -> None:
    line = open_line()
    line.next()
    put(engine, people.add("3128", Role.AGENT))
    put(engine, ling)
    assert line.next() == ("inbox.new", {"title": "请答复纠错", "href": "/inbox", "count": 1})
    with writing(engine) as session:
        settle(session, "correction:1")
    assert line.next() == ("inbox.changed", {"count": 0})


def _send_and_fail(engine: Engine, user_id: int) -> None:
    with writing(engine) as session:
        send(session, [user_id], Message("k", "correction", "不算"))
        session.flush()
        raise ZeroDivisionError


def test_nothing_is_told_before_the_commit(open_line, engine: Engine, ling: int) -> None:
    line = open_line()
    line.next()
    with pytest.raises(ZeroDivisionError):
        _send_and_fail(engine, ling)
    put(engine, ling, "correction:2")
    assert line.next()[1]["title"] == "请答复纠错"


def test_signing_out_elsewhere_ends_only_the_lines_of_that_session(open_line, people) -> None:
    mine = people.client("3127")
    line = open_line()
    line.next()
    mine.post("/account/sessions/close-others")
    with pytest.raises(EOFError):
        line.next()


def test_a_session_that_is_over_ends_its_line(open_line, engine: Engine, people, monkeypatch) -> None:
    monkeypatch.setattr(events, "RECHECK_SECONDS", 0.05)
    line = open_line()
    line.next()
    people.add("1001", Role.ADMIN)
    people.client("1001").post("/api/v1/users/3127/deactivate", json={"version": 1})
    with pytest.raises(EOFError):
        line.next()


def test_without_a_session_there_is_no_line(server: Server) -> None:
    answer = httpx2.get(f"{server.url}/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


def test_an_open_line_does_not_hold_the_stop_of_the_server(server: Server, open_line) -> None:
    line = open_line()
    line.next()
    begun = time.monotonic()
    server.stop()
    assert not server.thread.is_alive()
    assert time.monotonic() - begun < 3


def test_a_line_does_not_keep_a_session_alive(
    open_line, engine: Engine, people, fixed_clock, settings
) -> None:
    line = open_line()
    line.next()
    fixed_clock.forward(minutes=settings.session_idle_minutes - 1)
    again = open_line()
    again.next()
    with reading(engine) as session:
        first = session.exec(select(LoginSession).order_by(LoginSession.created_at)).first()
    assert first is not None
    assert first.seen_at == first.created_at
