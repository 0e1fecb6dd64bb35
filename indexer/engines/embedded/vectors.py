"""Vectors on disk by the content they stand for, so that no text is embedded twice.

One file of fixed records, only ever appended to: what a crash cuts short is dropped when it is opened.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.embedders.port import Vectors

KEY_BYTES = 16


class VectorStore:
    """May be shared by several engines of one process."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._adding = Lock()
        self._path = path
        self._dimension = dimension
        self._record = np.dtype([("key", f"V{KEY_BYTES}"), ("vector", np.float16, (dimension,))])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        whole = path.stat().st_size // self._record.itemsize
        os.truncate(path, whole * self._record.itemsize)
        self._rows = self._index()

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Durable on return."""
        records = np.empty(len(keys), self._record)
        records["key"] = np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")
        records["vector"] = vectors
        with self._adding, self._path.open("ab") as file:
            start = file.tell() // self._record.itemsize
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())
            self._rows.update((key, start + at) for at, key in enumerate(keys))

    def read(self, keys: Sequence[bytes]) -> Vectors:
        if not keys:
            return np.empty((0, self._dimension), np.float32)
        rows = [self._rows[key] for key in keys]
        return np.asarray(self._records()["vector"][rows], np.float32)

    def _records(self) -> NDArray[np.void]:
        """Mapped for a moment only, so that the pages do not count as the process's memory."""
        if not self._path.stat().st_size:
            return np.empty(0, self._record)
        return np.memmap(self._path, self._record, mode="r")

    def _index(self) -> dict[bytes, int]:
        return {bytes(key): row for row, key in enumerate(self._records()["key"])}
