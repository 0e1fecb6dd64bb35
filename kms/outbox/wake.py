"""Tell the worker of this process that work was written."""

import threading

_work = threading.Event()


def wake_worker() -> None:
    """Something was put into the outbox."""
    _work.set()


def await_work(seconds: float) -> None:
    """Wait until work is announced, `seconds` at most."""
    _work.wait(seconds)
    _work.clear()
