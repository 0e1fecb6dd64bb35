"""The text under review for the page: changes marked, quoted passages numbered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape
from sqlmodel import Session

from kms.articles.annotating import Passage, annotated
from kms.articles.comparing import lines_of
from kms.articles.content import Content
from kms.articles.field_errors import LABELS
from kms.articles.links import Target, broken_codes
from kms.articles.marking import DELETED, END, INSERTED, woven_markdown, woven_text
from kms.articles.markup import render
from web.views.articles.presenting import image_urls

PLAIN_FACTS = ("kind", "category_id", "regions", "products", "audience", "owner_id")
"""Short fields that say what they are without a label."""
FACTS = (
    *PLAIN_FACTS,
    *("effective_from", "effective_to", "review_by", "tags", "source", "attachments", "major"),
)
"""Short fields: shown as old and new, not letter by letter."""
BLOCKS = ("applies_when", "not_when", "ask_first", "steps")
AFTER = ("questions",)
_SILENT = {"major": "否", "effective_to": "长期"}
"""Values that are not worth a line."""


@dataclass(frozen=True, slots=True)
class Block:
    """A field of several lines."""

    field: str
    label: str
    html: Markup


@dataclass(frozen=True, slots=True)
class ShownText:
    """Ready for the template; `missing` are the numbers of passages that the text does not hold any more."""

    title: Markup
    summary: Markup
    summary_length: int
    facts: Sequence[tuple[str, Markup]]
    unchanged: str
    """The plain facts that stay, in one line."""
    blocks: Sequence[Block]
    body: Markup
    after: Sequence[Block]
    changed: frozenset[str]
    missing: frozenset[int]


@dataclass
class _Marker:
    """Collects over the fields of one text which passages were found."""

    old: Mapping[str, str] | None
    new: Mapping[str, str]
    passages: Mapping[str, Sequence[Passage]]
    found: set[int] = field(default_factory=set)

    def plain(self, name: str) -> Markup:
        before = self.new[name] if self.old is None else self.old[name]
        return self._html(name, str(escape(woven_text(before, self.new[name]))))

    def fact(self, name: str) -> Markup:
        old, new = None if self.old is None else self.old[name], self.new[name]
        if old is None or old == new:
            return self._html(name, str(escape(new)))
        return self._html(name, str(escape(f"{DELETED}{old}{END} {INSERTED}{new}{END}")))

    def body(self, base: str, content: Content, links: Sequence[Target]) -> Markup:
        old = self.new["body"] if self.old is None else self.old["body"]
        woven = woven_markdown(old, self.new["body"])
        return self._html("body", render(woven, image_urls(content, base), broken_codes(links)))

    def _html(self, name: str, html: str) -> Markup:
        text, found = annotated(html, self.passages.get(name, ()))
        self.found |= found
        return Markup(text)  # noqa: S704 - escaped, or sanitised by render; annotated adds its own elements only


def shown_text(
    session: Session,
    base: str,
    old: Content | None,
    new: Content,
    links: Sequence[Target],
    passages: Mapping[str, Sequence[Passage]],
) -> ShownText:
    """`old` None: the text as it will be, without marks. Files come from below `base`."""
    before = None if old is None else _joined(session, old)
    marker = _Marker(before, _joined(session, new), passages)
    changed = frozenset(
        name for name in marker.new if before is not None and before[name] != marker.new[name]
    )
    asked = {each.number for several in passages.values() for each in several}
    return ShownText(
        title=marker.plain("title"),
        summary=marker.plain("summary"),
        summary_length=len(new.summary),
        facts=[(LABELS[name], marker.fact(name)) for name in FACTS if _has_line(name, marker, changed)],
        unchanged=" · ".join(marker.new[name] for name in PLAIN_FACTS if _stays(name, marker, changed)),
        blocks=_blocks(BLOCKS, marker, changed),
        body=marker.body(base, new, links),
        after=_blocks(AFTER, marker, changed),
        changed=changed - {"change_note"},
        # Last, since the fields above have looked for the passages.
        missing=frozenset(asked - marker.found),
    )


def _blocks(names: Sequence[str], marker: _Marker, changed: frozenset[str]) -> list[Block]:
    shown = [name for name in names if marker.new[name] or name in changed]
    return [Block(name, LABELS[name], marker.plain(name)) for name in shown]


def _has_line(name: str, marker: _Marker, changed: frozenset[str]) -> bool:
    if name in changed:
        return True
    return not _stays(name, marker, changed) and marker.new[name] not in ("", _SILENT.get(name))


def _stays(name: str, marker: _Marker, changed: frozenset[str]) -> bool:
    compared = marker.old is not None and name in PLAIN_FACTS
    return compared and name not in changed and bool(marker.new[name])


def _joined(session: Session, content: Content) -> dict[str, str]:
    lines = lines_of(session, content)
    return {
        name: value if isinstance(value, str) else _list(name, value or ()) for name, value in lines.items()
    }


def _list(name: str, values: Sequence[str]) -> str:
    return ("\n" if name in (*BLOCKS, *AFTER) else "、").join(values)
