"""What of a document becomes a vector: the whole, its windows, its title and its similar questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from indexer.models import Document, Span

WINDOW = 160
"""Characters; several sentences that fit together make one window."""
WHOLE, WINDOWED, TITLE, QUESTION = "whole", "window", "title", "question"

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+[”’」』）)\s]*|[^。！？!?；;\n]+")
_PAUSE = re.compile(r"[，,、：:\s]")


@dataclass(frozen=True, slots=True)
class Unit:
    """`anchor` is that of the passage it lies in, "" in summary and body."""

    kind: str
    anchor: str
    text: str


def units(document: Document) -> list[Unit]:
    """The whole comes first. The order is the same each time, since vectors are kept in it."""
    sections = [("", document.summary), ("", document.body), *((p.anchor, p.text) for p in document.passages)]
    written = [(anchor, text) for anchor, text in sections if text.strip()]
    whole = "\n".join(text for _, text in written) or document.title
    found = [Unit(WHOLE, "", whole)]
    for anchor, text in written:
        found += [Unit(WINDOWED, anchor, text[start:end]) for start, end in windows(text)]
    if document.title.strip():
        found.append(Unit(TITLE, "", document.title))
    return found + [Unit(QUESTION, "", question) for question in document.questions if question.strip()]


def windows(text: str) -> list[Span]:
    """Runs of sentences of at most WINDOW characters, without overlap."""
    found: list[Span] = []
    for start, end in _sentences(text):
        if found and end - found[-1][0] <= WINDOW:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [(start, end) for start, end in found if text[start:end].strip()]


def sentences_of(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in _sentences(text) if text[start:end].strip()]


def _sentences(text: str) -> Iterator[Span]:
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        while end - start > WINDOW:
            cut = _last_pause(text, start + WINDOW // 2, start + WINDOW)
            yield start, cut
            start = cut
        yield start, end


def _last_pause(text: str, low: int, high: int) -> int:
    pauses = list(_PAUSE.finditer(text, low, high))
    return pauses[-1].end() if pauses else high


def content_key(kind: str, text: str) -> bytes:
    """16 bytes that stand for a text under one prefix of the embedder."""
    return blake2b(f"{kind}\0{text}".encode(errors="surrogatepass"), digest_size=16).digest()
