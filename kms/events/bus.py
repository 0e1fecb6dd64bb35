"""In-process events: small messages to people's open pages."""

import queue
import threading
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """A message for one person's pages: `name` is the SSE event, `data` a short JSON-able value."""

    name: str
    data: dict[str, object] = field(default_factory=dict)


class Bus:
    """Fan-out to open streams. A slow stream loses its oldest messages, never blocks a sender."""

    def __init__(self, size: int = 100) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._streams: dict[int, set[queue.Queue[Event]]] = defaultdict(set)

    def subscribe(self, user_id: int) -> "queue.Queue[Event]":
        """Open a stream of this person's events."""
        stream: queue.Queue[Event] = queue.Queue(self._size)
        with self._lock:
            self._streams[user_id].add(stream)
        return stream

    def unsubscribe(self, user_id: int, stream: "queue.Queue[Event]") -> None:
        with self._lock:
            self._streams[user_id].discard(stream)
            if not self._streams[user_id]:
                del self._streams[user_id]

    def publish(self, user_id: int, event: Event) -> None:
        """Send to all open streams of a person."""
        with self._lock:
            streams = list(self._streams.get(user_id, ()))
        for stream in streams:
            _put(stream, event)


def _put(stream: "queue.Queue[Event]", event: Event) -> None:
    while True:
        try:
            stream.put_nowait(event)
        except queue.Full:
            try:
                stream.get_nowait()
            except queue.Empty:
                continue
        else:
            return


people = Bus()
