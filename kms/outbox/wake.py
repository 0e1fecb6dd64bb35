"""Tell the workers of this process that work was written."""

import threading

_changed = threading.Condition()
_announced = 0


def wake_worker() -> None:
    """Something was put into the outbox."""
    global _announced
    with _changed:
        _announced += 1
        _changed.notify_all()


def announced() -> int:
    """How often work was announced; read it before looking for work, so that nothing slips in between."""
    return _announced


def await_work(since: int, seconds: float) -> None:
    """Wait until work is announced that `since` does not count, `seconds` at most."""
    with _changed:
        _changed.wait_for(lambda: _announced != since, seconds)
