"""One rule: where personal data stands in a text and how it is shown instead."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kms.privacy.kinds import Kind


class Hit(NamedTuple):
    """`shown` replaces text[start:end]."""

    start: int
    end: int
    shown: str


class Rule(NamedTuple):
    """`find` yields hits from left to right that do not overlap."""

    kind: Kind
    find: Callable[[str], Iterator[Hit]]


def by_pattern(kind: Kind, pattern: str, show: Callable[[re.Match[str]], str | None]) -> Rule:
    """The pattern proposes; `show` gives the masked form of its match, or `None` when it is no such data."""
    compiled = re.compile(pattern)

    def find(text: str) -> Iterator[Hit]:
        for match in compiled.finditer(text):
            shown = show(match)
            if shown is not None:
                yield Hit(match.start(), match.end(), shown)

    return Rule(kind, find)


def digits_of(text: str) -> str:
    """The digits alone, full-width and spoken ones as 0-9, and a final X."""
    return "".join(_DIGITS.get(char, char) for char in text if char in _DIGITS or char in "0123456789")


def starred(text: str, first: int, last: int) -> str:
    """The digits of `text` with all but the `first` and `last` ones hidden; what separates them goes."""
    kept = [char for char in text if char in _DIGITS or char in "0123456789"]
    hidden = len(kept) - first - last
    return "".join(kept[:first]) + "*" * hidden + "".join(kept[len(kept) - last :])


SPOKEN = "零〇一二三四五六七八九幺"
_DIGITS = {
    **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
    **dict(zip(SPOKEN, "001234567891", strict=True)),
    **dict.fromkeys("xXｘＸ", "X"),
}
