"""Rendered text with the marks of `marking` as <ins> and <del>, and with quoted passages numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple

from kms.articles.marking import DELETED, END, INSERTED

_TAGS = {INSERTED: "ins", DELETED: "del", END: ""}


class Passage(NamedTuple):
    """A quoted run of the text and the number of the remark on it."""

    number: int
    quote: str


@dataclass
class _Piece:
    """A tag as it is, or text with the element that its mark asks for."""

    text: str
    is_tag: bool = False
    mark: str = ""
    passages: list[tuple[int, int, int]] = field(default_factory=list)
    """Start and end within the text, and the number to be shown behind it; 0: none."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[_Piece] = []
        self._mark = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the signature of the parser
        text = (self.get_starttag_text() or "").translate(dict.fromkeys(map(ord, _TAGS)))
        self.pieces.append(_Piece(text, is_tag=True))

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(_Piece(f"</{tag}>", is_tag=True))

    def handle_data(self, data: str) -> None:
        run = ""
        for character in data:
            if character not in _TAGS:
                run += character
                continue
            self._add(run)
            run, self._mark = "", _TAGS[character]
        self._add(run)

    def _add(self, run: str) -> None:
        if run:
            self.pieces.append(_Piece(run, mark=self._mark))


def annotated(html: str, passages: Sequence[Passage] = ()) -> tuple[str, frozenset[int]]:
    """Sanitised HTML whose text may hold marks, as HTML for the page; and the numbers of the passages found.

    A passage is looked for in what is left after the deletions, whatever the spaces and line breaks between.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = frozenset(each.number for each in passages if _place(reader.pieces, each))
    return "".join(_html(piece) for piece in reader.pieces), found


def _place(pieces: Sequence[_Piece], passage: Passage) -> bool:
    spots = [
        (at, offset, character)
        for at, piece in enumerate(pieces)
        if not piece.is_tag and piece.mark != "del"
        for offset, character in enumerate(piece.text)
        if not character.isspace()
    ]
    quote = "".join(passage.quote.split())
    start = "".join(character for _, _, character in spots).find(quote) if quote else -1
    if start < 0:
        return False
    ranges: dict[int, tuple[int, int]] = {}
    for at, offset, _ in spots[start : start + len(quote)]:
        ranges[at] = (ranges[at][0] if at in ranges else offset, offset + 1)
    last = max(ranges)
    for at, (first, end) in ranges.items():
        pieces[at].passages.append((first, end, passage.number if at == last else 0))
    return True


def _html(piece: _Piece) -> str:
    if piece.is_tag:
        return piece.text
    parts, at = [], 0
    for start, end, number in _apart(piece.passages):
        shown = f"<sup>{number}</sup>" if number else ""
        parts += [escape(piece.text[at:start], quote=False)]
        parts += [f'<span class="passage">{escape(piece.text[start:end], quote=False)}{shown}</span>']
        at = end
    inner = "".join([*parts, escape(piece.text[at:], quote=False)])
    return f"<{piece.mark}>{inner}</{piece.mark}>" if piece.mark else inner


def _apart(ranges: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Ranges in order, each beginning where the one before has ended."""
    apart: list[tuple[int, int, int]] = []
    for start, end, number in sorted(ranges):
        begin = max(start, apart[-1][1]) if apart else start
        if begin < end:
            apart.append((begin, end, number))
        elif apart and number:
            before = apart[-1]
            apart[-1] = (before[0], before[1], before[2] or number)
    return apart
