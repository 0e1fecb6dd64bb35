"""A body with its changes marked in place, as a reviewer reads it.

Changes travel through the renderer as private-use characters, so that headings, lists and tables stay what they are.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from kms.articles.difference import Op, difference
from kms.articles.side_by_side import Row, RowOp, rows

INSERTED, DELETED, END = "\ue000", "\ue001", "\ue002"
_OPENING = {Op.INSERT: INSERTED, Op.DELETE: DELETED}
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_WHOLE_MAX = 0xF000 - 0xE010
_WHOLE = re.compile(r"!?\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]+`")
"""A link, a picture, code: cut in the middle it would be none any more."""
_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+|#{1,6}[ \t]+)?")
_FRAME = re.compile(r"\s*(?:\|?[\s:|-]*-[\s:|-]*\|?|`{3,}.*|~{3,}.*|[*_\s]{3,})?")
"""Lines that give a shape and say nothing: empty ones, fences, rules, the second line of a table."""
_CELLS = re.compile(r"(?<!\\)\|")


def without_marks(text: str) -> str:
    """The text without characters that would be taken for marks."""
    return _PRIVATE.sub("", text)


def woven_text(old: str, new: str) -> str:
    """One line or a plain text, changes between marks."""
    return _woven(without_marks(old), without_marks(new))


def woven_markdown(old: str, new: str) -> str:
    """Markdown that renders to the text with its changes between marks."""
    lines = (line for row in rows(without_marks(old), without_marks(new)) for line in _line(row))
    return "\n".join(lines)


def _line(row: Row) -> Iterator[str]:
    old, new = (("".join(part.text for part in side)) for side in (row.old, row.new))
    if row.op is RowOp.EQUAL or _FRAME.fullmatch(new if row.new_line else old):
        yield new if row.new_line else old
    elif row.op is RowOp.CHANGE and _shape(old) == _shape(new):
        yield _changed(old, new)
    else:
        if row.old_line:
            yield _marked(old, lambda text: DELETED + text + END)
        if row.new_line:
            yield _marked(new, lambda text: INSERTED + text + END)


def _shape(line: str) -> str:
    """What kind of block a line begins, and of a table row how many cells."""
    if _is_row(line):
        return f"|{len(_CELLS.findall(line))}"
    return re.sub(r"\d+", "1", _prefix(line).strip())


def _changed(old: str, new: str) -> str:
    if _is_row(new):
        pairs = zip(_CELLS.split(old), _CELLS.split(new), strict=True)
        return "|".join(_woven(before, after) for before, after in pairs)
    before, after = _prefix(old), _prefix(new)
    return after + _woven(old[len(before) :], new[len(after) :])


def _marked(line: str, mark: Callable[[str], str]) -> str:
    if _is_row(line):
        return "|".join(mark(cell) if cell.strip() else cell for cell in _CELLS.split(line))
    prefix = _prefix(line)
    return prefix + mark(line[len(prefix) :])


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _prefix(line: str) -> str:
    found = _PREFIX.match(line)
    return found[0] if found else ""


def _woven(old: str, new: str) -> str:
    wholes = list(dict.fromkeys([*_WHOLE.findall(old), *_WHOLE.findall(new)]))[:_WHOLE_MAX]
    segments = difference(_folded(old, wholes), _folded(new, wholes))
    parts = (f"{_OPENING[op]}{text}{END}" if op in _OPENING else text for op, text in segments)
    return _unfolded("".join(parts), wholes)


def _folded(text: str, wholes: Sequence[str]) -> str:
    """Each link as one character, so that it changes as a whole."""
    return _WHOLE.sub(
        lambda found: chr(0xE010 + wholes.index(found[0])) if found[0] in wholes else found[0], text
    )


def _unfolded(text: str, wholes: Sequence[str]) -> str:
    for at, whole in enumerate(wholes):
        text = text.replace(chr(0xE010 + at), whole)
    return text
