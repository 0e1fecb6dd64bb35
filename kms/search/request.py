"""What may be asked of a search, and how it is read."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kms.articles.content import Kind
from kms.articles.workflow import Confidence
from kms.errors import Invalid
from kms.search.validity import Validity

TEXT_MAX = 500
"""Characters that are searched for; what comes after them is left out."""
K_MAX = 50

_BLANK = re.compile(r"\s+")


class Sort(StrEnum):
    MATCH = "match"
    UPDATED = "updated"
    USED = "used"


SORT_LABELS = {Sort.MATCH: "匹配", Sort.UPDATED: "最近更新", Sort.USED: "使用最多"}


@dataclass(frozen=True, slots=True)
class Filters:
    """Values of one facet are alternatives, the facets together must all hold. Lines and categories are ids."""

    line: frozenset[str] = frozenset()
    category: frozenset[str] = frozenset()
    product: frozenset[str] = frozenset()
    region: frozenset[str] = frozenset()
    kind: frozenset[Kind] = frozenset()
    confidence: frozenset[Confidence] = frozenset()
    validity: frozenset[Validity] = frozenset()

    def chosen(self) -> dict[str, frozenset[str]]:
        """The facets with a choice, `validity` included."""
        named = {name: frozenset[str](getattr(self, name)) for name in self.__dataclass_fields__}
        return {name: values for name, values in named.items() if values}


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`as_of`: the rule that holds then, as known today; `known_at`: what was shown then."""

    text: str
    k: int = 10
    filters: Filters = field(default_factory=Filters)
    as_of: datetime | None = None
    known_at: datetime | None = None
    sort: Sort = Sort.MATCH
    call_id: str | None = None
    facets: bool = True


def cleaned(text: str) -> str:
    """The words to search for, without control characters, at most `TEXT_MAX` of them."""
    visible = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
    return _BLANK.sub(" ", visible).strip()[:TEXT_MAX]


def clean(text: str) -> str:
    """As `cleaned`; raises Invalid when nothing is left."""
    words = cleaned(text)
    if not words:
        raise Invalid("请输入要检索的内容", {"q": "请输入要检索的内容"})
    return words
