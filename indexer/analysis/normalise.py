"""One form for everything that is compared: NFKC, lower case, Simplified, no control characters."""

import re
import unicodedata
from collections.abc import Sequence

from opencc import OpenCC

_simplified = OpenCC("t2s")  # keeps the length of every text; tw2sp would not
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Control characters and lone surrogates become spaces; the length stays."""
    return _UNPRINTABLE.sub(" ", text)


def normalise(text: str) -> str:
    return str(_simplified.convert(unicodedata.normalize("NFKC", printable(text)).lower()))


def aligned(text: str) -> tuple[str, Sequence[int]]:
    """The normalised text, and for each of its characters the offset of the original one."""
    normalised = normalise(text)
    # Composed text can only grow under NFKC and lower(): the same length means character by character.
    if len(normalised) == len(text) and unicodedata.is_normalized("NFC", text):
        return normalised, range(len(text))
    pieces = [unicodedata.normalize("NFKC", character).lower() for character in printable(text)]
    origins = [at for at, piece in enumerate(pieces) for _ in piece]
    return str(_simplified.convert("".join(pieces))), origins
