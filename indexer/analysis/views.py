"""Three ways to read a normalised text: character bigrams, single characters, words.

A run of letters and digits is one character in all three, so that 199元 gives the bigram 199元
and F-8820 is found whole, by its parts and without its hyphen.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import jieba

VIEWS = ("bigrams", "characters", "words")

_LONGEST = 64
_RUN = re.compile(
    r"(?P<code>[a-z0-9]+(?:[-._/][a-z0-9]+)*)"
    r"|(?P<han>[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    r"|(?P<other>[^\W_]+)"
)


@dataclass(frozen=True, slots=True)
class Views:
    bigrams: list[str]
    characters: list[str]
    words: list[str]

    def view(self, name: str) -> list[str]:
        return {"bigrams": self.bigrams, "characters": self.characters, "words": self.words}[name]


class Analyser:
    """`cache` receives jieba's compiled dictionary, which would otherwise lie in a shared folder."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        self._jieba.tmp_dir = str(cache)
        self._jieba.initialize()
        self.stamp = f"views-1-jieba-{jieba.__version__}"

    def views(self, text: str) -> Views:
        found = Views([], [], [])
        units: list[str] = []
        previous = 0
        for run in _RUN.finditer(text):
            if run.start() > previous:
                self._close(found, units)
                units = []
            previous = run.end()
            units += self._read(run, found)
        self._close(found, units)
        return found

    def _read(self, run: re.Match[str], found: Views) -> list[str]:
        text = run.group()
        if run.lastgroup == "han":
            found.words.extend(self._jieba.lcut(text))
            return list(text)
        forms = list(_forms(text)) if run.lastgroup == "code" else [text[:_LONGEST]]
        found.words.extend(forms)
        found.bigrams.extend(forms)
        found.characters.extend(forms[1:])
        return forms[:1]

    @staticmethod
    def _close(found: Views, units: list[str]) -> None:
        """Units that touch one another form bigrams."""
        found.characters.extend(units)
        if len(units) == 1 and len(units[0]) == 1 and not units[0].isascii():
            found.bigrams.append(units[0])
        found.bigrams.extend(first + second for first, second in pairwise(units))


def _forms(code: str) -> Iterator[str]:
    """f-8820 → f-8820, f8820, f, 8820; a decimal number stays as it is."""
    code = code[:_LONGEST]
    yield code
    parts = re.split(r"[-/]", code)
    if len(parts) > 1:
        if not code[0].isdigit():
            yield "".join(parts)
        yield from parts
