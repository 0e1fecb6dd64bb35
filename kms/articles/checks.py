"""Remarks on a draft that coach its author. They never block: whoever knows better submits all the same."""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice, pairwise
from typing import NamedTuple

from kms.articles.content import SUMMARY_MAX, Content, Kind
from kms.articles.markup import plain_text
from kms.privacy import KIND_LABELS, mask

QUESTIONS_MIN = 3
SPOKEN_MAX = 40
"""Characters that can be said in one breath."""
SENTENCE_MAX = 80
LONG_SENTENCES_SHOWN = 5
UNDIVIDED_MAX = 600
"""Characters of a body without any heading, list or table."""


class Level(StrEnum):
    """How much the author should mind."""

    WARNING = "warning"
    HINT = "hint"


class Remark(NamedTuple):
    """`field` is the name of a field of `Content`."""

    level: Level
    field: str
    message: str


_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
_HEADING = re.compile(r"^(#{1,6})(\s*)(\S?)", re.MULTILINE)
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^(?:#{1,6} |[-*+] |\d+[.)] |\|)", re.MULTILINE)
_EMPTY_LINK = re.compile(r"\[([^\]\n]*)\]\(\s*\)")
_TABLE = re.compile(r"(?:^\|.*\n?)+", re.MULTILINE)
_CELL_END = re.compile(r"(?<!\\)\|")


def check(content: Content) -> list[Remark]:
    """Everything worth telling, warnings first."""
    found = [
        *_summary(content),
        *_findable(content),
        *_dates(content),
        *_personal_data(content),
        *islice(_long_sentences(content), LONG_SENTENCES_SHOWN),
        *_structure(content),
    ]
    return sorted(found, key=lambda remark: remark.level is Level.HINT)


def _summary(content: Content) -> Iterator[Remark]:
    length = len(content.summary.strip())
    if not length:
        yield Remark(Level.WARNING, "summary", "还没有标准口径，坐席接通后没有可以直接说的话")
    elif length > SUMMARY_MAX:
        yield Remark(Level.WARNING, "summary", f"标准口径 {length} 字，超过 {SUMMARY_MAX} 字")


def _findable(content: Content) -> Iterator[Remark]:
    if not content.title.strip():
        yield Remark(Level.WARNING, "title", "还没有标题")
    if len(content.questions) < QUESTIONS_MIN:
        message = f"相似问法只有 {len(content.questions)} 条，建议至少 {QUESTIONS_MIN} 条，用客户的话来写"
        yield Remark(Level.HINT, "questions", message)
    if content.title.strip() in content.questions:
        yield Remark(Level.HINT, "questions", "相似问法里有一条和标题一样，不会让它更容易被找到")
    if content.kind is Kind.PROCEDURE and not content.steps:
        yield Remark(Level.WARNING, "steps", "办理流程还没有步骤")


def _dates(content: Content) -> Iterator[Remark]:
    if content.kind is Kind.POLICY and content.effective_from is None:
        yield Remark(Level.WARNING, "effective_from", "业务规则没有写生效时间，将从发布时起生效")
    start, end = content.effective_from, content.effective_to
    if start is not None and end is not None and end <= start:
        yield Remark(Level.WARNING, "effective_to", "失效时间不晚于生效时间，这一版永远不会生效")


def _personal_data(content: Content) -> Iterator[Remark]:
    for field, text in _texts(content):
        found = mask(text).found
        for kind in dict.fromkeys(finding.kind for finding in found):
            shown = next(finding.shown for finding in found if finding.kind is kind)
            yield Remark(Level.WARNING, field, f"疑似个人信息（{KIND_LABELS[kind]}）：{shown}")


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    for field in ("title", "summary", "body", "applies_when", "not_when"):
        yield field, getattr(content, field)
    yield "questions", "\n".join(content.questions)
    yield "ask_first", "\n".join(content.ask_first)
    yield "steps", "\n".join(f"{step.text}\n{step.say}" for step in content.steps)


def _long_sentences(content: Content) -> Iterator[Remark]:
    spoken = [("summary", content.summary), *(("steps", step.say) for step in content.steps)]
    written = [("body", plain_text(content.body))]
    for texts, limit, advice in (
        (spoken, SPOKEN_MAX, "一口气说不完"),
        (written, SENTENCE_MAX, "坐席来不及看"),
    ):
        for field, text in texts:
            for sentence in map(str.strip, _SENTENCE_END.split(text)):
                if len(sentence) > limit:
                    yield Remark(
                        Level.HINT, field, f"“{sentence[:12]}…”一句 {len(sentence)} 字，{advice}，建议拆开"
                    )


def _structure(content: Content) -> Iterator[Remark]:
    messages = [*_fences(content.body), *_markup(_CODE.sub("", content.body))]
    yield from (Remark(Level.HINT, "body", message) for message in messages)


def _fences(body: str) -> Iterator[str]:
    if len(_FENCE.findall(body)) % 2:
        yield "有一处 ``` 没有结束，后面的内容都会显示成代码"


def _markup(body: str) -> Iterator[str]:
    headings = [match.groups() for match in _HEADING.finditer(body)]
    if any(text and not space for _, space, text in headings):
        yield "标题的 # 后面要有空格，否则不会显示成标题"
    if any(len(after[0]) > len(before[0]) + 1 for before, after in pairwise(headings)):
        yield "标题跳了级，请逐级使用 #、##、###"
    for text in _EMPTY_LINK.findall(body):
        yield f"链接“{text}”没有地址"
    if any(_is_ragged(table) for table in _TABLE.findall(body)):
        yield "表格各行的列数不一样"
    if len(body) > UNDIVIDED_MAX and not _BLOCK.search(body):
        yield "正文较长而没有分节，建议用标题、列表或表格分开，便于坐席一眼找到"


def _is_ragged(table: str) -> bool:
    return len({len(_CELL_END.findall(line.rstrip().rstrip("|"))) for line in table.splitlines()}) > 1
