"""Emphasis beside Chinese text.

CommonMark leaves `**标准口径：**请您` as it is, because a closing mark after punctuation must be followed
by a space; Chinese has no spaces. Beside a CJK character a mark opens and closes wherever no space forbids it.
"""

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

# Kana, Han and their punctuation, full-width forms, and the quotes, dashes and dots that Chinese shares.
_CJK = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))
_SHARED = frozenset("“”‘’—…·℃①②③④⑤⑥⑦⑧⑨⑩")


def _is_cjk(char: str) -> bool:
    return char in _SHARED or any(first <= ord(char) <= last for first, last in _CJK if char)


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - the library's names
        scanned = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1 : start]
        after = self.src[start + scanned.length : start + scanned.length + 1]
        if self.src[start] == "_" or not (_is_cjk(before) or _is_cjk(after)):
            return scanned
        return Scanned(
            scanned.can_open or bool(after.strip()),
            scanned.can_close or bool(before.strip()),
            scanned.length,
        )


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def chinese_emphasis(md: MarkdownIt) -> None:
    """Plugin: `md.use(chinese_emphasis)`. Keeps the rules that are switched on."""
    inline = _Inline()
    inline.ruler, inline.ruler2 = md.inline.ruler, md.inline.ruler2
    md.inline = inline
