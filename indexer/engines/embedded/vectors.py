"""Vectors on disk by the content they stand for, so that no text is embedded twice.

One file of fixed records, only ever appended to: what a crash cuts short is dropped when it is opened.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.embedders.port import Vectors

KEY_BYTES = 16


class VectorStore:
    def __init__(self, path: Path, dimension: int) -> None:
        self._adding = Lock()
        self._path = path
        self._dimension = dimension
        self._record = np.dtype([("key", f"V{KEY_BYTES}"), ("vector", np.float16, (dimension,))])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        whole = path.stat().st_size // self._record.itemsize
        os.truncate(path, whole * self._record.itemsize)
        self._open()
        self._rows = {bytes(key): row for row, key in enumerate(self._records["key"])}

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Durable on return."""
        records = np.empty(len(keys), self._record)
        records["key"] = np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")
        records["vector"] = vectors
        with self._adding, self._path.open("ab") as file:
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())
            start = len(self._records)
            self._open()
            self._rows.update((key, start + at) for at, key in enumerate(keys))

    def read(self, keys: Sequence[bytes]) -> Vectors:
        rows = [self._rows[key] for key in keys]
        if not rows:
            return np.empty((0, self._dimension), np.float32)
        return np.asarray(self._records["vector"][rows], np.float32)

    def keep(self, keys: Iterable[bytes]) -> None:
        """Drop all others; worth it only when many are unused."""
        kept = sorted({self._rows[key] for key in keys if key in self._rows})
        partial = self._path.with_suffix(".partial")
        self._records[kept].tofile(partial)
        partial.replace(self._path)
        self._open()
        self._rows = {bytes(key): row for row, key in enumerate(self._records["key"])}

    def _open(self) -> None:
        self._records: NDArray[np.void]
        if self._path.stat().st_size:
            self._records = np.memmap(self._path, self._record, mode="r")
        else:
            self._records = np.empty(0, self._record)
