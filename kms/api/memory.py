"""Give memory back to the system. glibc keeps what large batches needed once: 700 MB where 420 are in use."""

import ctypes
import time
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE = 1024 * 1024
_TRIM_EVERY = 30.0


@cache
def _libc() -> ctypes.CDLL | None:
    """The C library, if it is glibc; others have no such knobs and no such habit."""
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None


def be_frugal() -> None:
    """Few arenas for many threads, and large blocks outside the heap, so that freeing them returns them."""
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_M_TRIM_THRESHOLD, _LARGE)


class Trimmer:
    """Called when a worker has nothing left to do; gives free memory back, not more often than twice a minute."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self) -> None:
        libc = _libc()
        if libc is not None and time.monotonic() - self._last >= _TRIM_EVERY:
            libc.malloc_trim(0)
            self._last = time.monotonic()
