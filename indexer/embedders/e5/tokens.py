"""The model's tokenizer, cut down to the pieces that Chinese service texts use."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

from indexer.embedders.e5.weights import Vocabulary

SPECIALS = 4  # <s>, <pad>, </s>, <unk> come first
START, PAD, END, UNKNOWN = range(SPECIALS)

# ASCII, symbols, CJK punctuation, Han and full-width forms; no other script.
_KEPT = re.compile(
    r"[\u0020-\u007e\u2000-\u2bff\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]+"
)
_LATIN_FLOOR = -11.6
"""Latin pieces rarer than this (log probability) fall apart into shorter ones; abbreviations stay."""
LIMIT = 512
_proto: Any = sentencepiece_model_pb2  # generated code, untyped
_SPACES = re.compile(" {2,}")
_PREFIXES = ("▁query", "▁passage")


def kept_pieces(vocabulary: Vocabulary) -> list[int]:
    """Indices into the full vocabulary, the specials first, in the old order."""
    kept = list(range(SPECIALS))
    for index in range(SPECIALS, len(vocabulary.pieces)):
        piece = vocabulary.pieces[index]
        if piece in _PREFIXES or _wanted(piece.replace("▁", " "), float(vocabulary.scores[index])):
            kept.append(index)
    return kept


def _wanted(piece: str, score: float) -> bool:
    if piece.isascii() and any(character.isalpha() for character in piece):
        return len(piece) == 1 or piece.isupper() or score >= _LATIN_FLOOR
    return (len(piece) == 1 and piece < "\u2000") or bool(_KEPT.fullmatch(piece))


def write_model(vocabulary: Vocabulary, kept: Sequence[int], path: Path) -> None:
    model = _proto.ModelProto()
    kinds = {START: 3, PAD: 3, END: 3, UNKNOWN: 2}  # control, control, control, unknown; 1 is normal
    for new, old in enumerate(kept):
        model.pieces.add(
            piece=vocabulary.pieces[old], score=float(vocabulary.scores[old]), type=kinds.get(new, 1)
        )
    model.trainer_spec.model_type = _proto.TrainerSpec.UNIGRAM
    model.trainer_spec.bos_id, model.trainer_spec.pad_id = START, PAD
    model.trainer_spec.eos_id, model.trainer_spec.unk_id = END, UNKNOWN
    model.trainer_spec.vocab_size = len(kept)
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    path.write_bytes(model.SerializeToString())
    path.with_suffix(".json").write_text(json.dumps(dict(vocabulary.normalisation)))


class Tokens:
    """The normalisation map lies beside the model."""

    def __init__(self, model: Path) -> None:
        self._processor = SentencePieceProcessor(model_file=str(model))
        self._normalisation = str.maketrans(json.loads(model.with_suffix(".json").read_text()))

    def encode(self, text: str) -> list[int]:
        """Token ids with the specials around them, cut at the model's limit."""
        # The longest pieces have few characters; what lies far beyond the limit can't be read anyway.
        valid = text[: LIMIT * 8].encode(errors="replace").decode()
        clean = _SPACES.sub(" ", valid.translate(self._normalisation))
        ids: list[int] = self._processor.encode(clean)
        return [START, *ids[: LIMIT - 2], END]
