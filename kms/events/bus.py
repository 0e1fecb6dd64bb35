"""In-process events: small messages to people's open pages. Sent from any thread, read in the event loop."""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """A message for one person's pages: `name` is the SSE event, `data` a short JSON-able value."""

    name: str
    data: dict[str, object] = field(default_factory=dict)


class Stream:
    """One open page. When it is slow the oldest messages are lost; a sender never waits."""

    def __init__(self, size: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: deque[Event] = deque(maxlen=size)
        self._news = asyncio.Event()
        self._closed = False

    def put(self, event: Event) -> None:
        """Send; from any thread."""
        self._in_loop(lambda: self._events.append(event))

    def close(self) -> None:
        """Let the reader end after what was sent before; from any thread."""
        self._in_loop(lambda: setattr(self, "_closed", True))

    async def next(self, seconds: float) -> Event | None:
        """The next event; None when none came within `seconds`. Raises StreamClosed once closed and empty."""
        if not self._events and not self._closed:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return None
        if self._events:
            return self._events.popleft()
        raise StreamClosed

    def _in_loop(self, change: Callable[[], object]) -> None:
        def apply() -> None:
            change()
            self._news.set()

        # A loop that has stopped has no readers left.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(apply)


class StreamClosed(Exception):
    """The stream was closed: the person signed out, or the server stops."""


class Bus:
    """Fan-out to open streams."""

    def __init__(self, size: int = 100) -> None:
        self._size = size
        # Reentrant, since a signal handler may close streams in the middle of one being opened.
        self._lock = threading.RLock()
        self._streams: dict[int, set[Stream]] = defaultdict(set)

    def subscribe(self, user_id: int) -> Stream:
        """Open a stream of this person's events; call it within the event loop."""
        stream = Stream(self._size)
        with self._lock:
            self._streams[user_id].add(stream)
        return stream

    def unsubscribe(self, user_id: int, stream: Stream) -> None:
        with self._lock:
            self._streams[user_id].discard(stream)
            if not self._streams[user_id]:
                del self._streams[user_id]

    def publish(self, user_id: int, event: Event) -> None:
        """Send to all open streams of a person."""
        for stream in self._of(user_id):
            stream.put(event)

    def close(self, user_id: int) -> None:
        """End a person's streams (signed out somewhere); pages that are still signed in come back."""
        for stream in self._of(user_id):
            stream.close()

    def close_all(self) -> None:
        """End every stream, so that a stopping server does not wait for browsers to leave."""
        with self._lock:
            streams = [stream for mine in self._streams.values() for stream in mine]
        for stream in streams:
            stream.close()

    def _of(self, user_id: int) -> list[Stream]:
        with self._lock:
            return list(self._streams.get(user_id, ()))


people = Bus()


def close_all() -> None:
    """What a server calls when it is told to stop, before it waits for open connections."""
    people.close_all()
