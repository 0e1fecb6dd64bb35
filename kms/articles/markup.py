"""Bodies of articles: Markdown to sanitised HTML, and what else can be read out of them.

Raw HTML is shown as text, never interpreted, except `<br>`, which tables need. The sanitiser behind it
is the second line of defence.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kms.articles.emphasis import chinese_emphasis

ImageUrl = Callable[[str], str | None]
"""From an attachment's name to its URL; `None` when the revision has no such attachment."""


class Section(NamedTuple):
    """A part of a body under one heading. The part before the first heading has an empty anchor."""

    anchor: str
    heading: str
    text: str


_ARTICLE = re.compile(r"(KB-\d{6,})(#[\w-]+)?")
_ATTACHMENT = "attachments/"
_EXTERNAL = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CELL_CLASSES = {"text-align:right": "num", "text-align:center": "align-center"}
_BLOCK_ENDS = frozenset({"paragraph_close", "heading_close", "tr_close", "hr"})


def _line_break(state: StateInline, silent: bool) -> bool:
    found = _BREAK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
    md.use(chinese_emphasis).enable(["table", "strikethrough"])
    md.inline.ruler.before("autolink", "line_break", _line_break)
    return md


_MARKDOWN = _parser()
_RENDERER = RendererHTML()
_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "em", "strong", "s", "code", "pre", "blockquote"),
        *("ul", "ol", "li", "a", "img", "span", "div", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={
        "a": {"href", "title", "rel", "target", "data-code"},
        "img": {"src", "alt", "title", "loading"},
        "ol": {"start"},
        **{f"h{level}": {"id"} for level in range(2, 7)},
    },
    allowed_classes={
        "a": {"article-link", "broken-link"},
        "div": {"table-wrap"},
        "span": {"missing-image"},
        "th": set(_CELL_CLASSES.values()),
        "td": set(_CELL_CLASSES.values()),
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def render(text: str, image_url: ImageUrl, broken: Collection[str] = ()) -> str:
    """HTML that may go into a page as it is.

    Headings begin at h2. Codes in `broken` are shown as broken links. Pictures come from attachments
    only: one from elsewhere would tell its server who reads what.
    """
    tokens = _MARKDOWN.parse(text)
    _set_headings(tokens)
    _set_cells(tokens)
    for inline in tokens:
        inline.children = list(_rewritten(inline.children or (), image_url, broken))
    html = _RENDERER.render(tokens, _MARKDOWN.options, {})
    html = html.replace("<table>", '<div class="table-wrap"><table>').replace("</table>", "</table></div>")
    return _CLEANER.clean(html)


def plain_text(text: str) -> str:
    """What a reader sees, without marks: one line a paragraph, item or table row."""
    return _plain(_MARKDOWN.parse(text))


def sections(text: str) -> list[Section]:
    """The body cut at its headings, in order; parts without heading and text are left out."""
    tokens = _MARKDOWN.parse(text)
    _set_headings(tokens)
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    found = [Section("", "", _plain(tokens[: starts[0] if starts else len(tokens)]))]
    for start, end in pairwise([*starts, len(tokens)]):
        anchor = str(tokens[start].attrGet("id"))
        found.append(Section(anchor, _plain(tokens[start + 1 : start + 2]), _plain(tokens[start + 3 : end])))
    return [section for section in found if section.heading or section.text]


def links(text: str) -> tuple[str, ...]:
    """The codes of the articles that the text links to, each once, in order."""
    targets = (str(token.attrGet("href")) for token in _inline(text) if token.type == "link_open")
    return tuple(dict.fromkeys(found[1] for found in map(_ARTICLE.fullmatch, targets) if found))


def images(text: str) -> tuple[str, ...]:
    """The names of the attachments shown as pictures, each once, in order."""
    names = (_attachment(token) for token in _inline(text) if token.type == "image")
    return tuple(dict.fromkeys(name for name in names if name))


def _inline(text: str) -> Iterator[Token]:
    for block in _MARKDOWN.parse(text):
        yield from block.children or ()


def _plain(tokens: Sequence[Token]) -> str:
    lines = "".join(_words(token) for token in tokens).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _words(token: Token) -> str:
    if token.type == "inline":
        return "".join(_words(child) for child in token.children or ())
    if token.type in ("softbreak", "hardbreak") or token.type in _BLOCK_ENDS:
        return "\n"
    if token.type in ("td_close", "th_close"):
        return " "
    return token.content


def _set_headings(tokens: Sequence[Token]) -> None:
    """One level lower, since the page's h1 is the title; ids that no id of the page can equal."""
    used: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            slug = "-".join(re.findall(r"\w+", _plain(tokens[at + 1 : at + 2]))).lower() or "section"
            used[slug] = used.get(slug, 0) + 1
            token.attrSet("id", f"s-{slug}" if used[slug] == 1 else f"s-{slug}~{used[slug]}")
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"


def _set_cells(tokens: Sequence[Token]) -> None:
    """Alignment as a class: the policy of the pages forbids style attributes."""
    for token in tokens:
        style = token.attrs.pop("style", None)
        if style in _CELL_CLASSES:
            token.attrSet("class", _CELL_CLASSES[str(style)])


def _rewritten(children: Sequence[Token], image_url: ImageUrl, broken: Collection[str]) -> Iterator[Token]:
    for token in children:
        if token.type == "link_open":
            _set_link(token, broken)
        if token.type == "image":
            yield from _picture(token, image_url)
        else:
            yield token


def _set_link(token: Token, broken: Collection[str]) -> None:
    href = str(token.attrs.pop("href", ""))
    if found := _ARTICLE.fullmatch(href):
        code, anchor = found[1], found[2] or ""
        kind = "article-link broken-link" if code in broken else "article-link"
        token.attrs |= {"href": f"/articles/{code}{anchor}", "class": kind, "data-code": code}
    elif _EXTERNAL.match(href):
        token.attrs |= {"href": href, "rel": "noopener noreferrer", "target": "_blank"}
    elif href.startswith("#"):
        token.attrSet("href", href)


def _picture(token: Token, image_url: ImageUrl) -> Iterator[Token]:
    name = _attachment(token)
    url = image_url(name) if name else None
    if url is not None:
        token.attrs |= {"src": url, "loading": "lazy"}
        yield token
        return
    yield Token("missing_open", "span", 1, attrs={"class": "missing-image"})
    yield Token("text", "", 0, content=f"[图片：{token.content or name or '无法显示'}]")
    yield Token("missing_close", "span", -1)


def _attachment(token: Token) -> str | None:
    source = unquote(str(token.attrGet("src") or ""))
    return source.removeprefix(_ATTACHMENT) if source.startswith(_ATTACHMENT) else None
