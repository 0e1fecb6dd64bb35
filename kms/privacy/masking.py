"""Find personal data and hide it, keeping a shape that can still be read: 138****8000, 张**."""

from typing import NamedTuple

from kms.privacy.kinds import Kind
from kms.privacy.numbers import NUMBER_RULES
from kms.privacy.rules import Rule
from kms.privacy.words import WORD_RULES


class Finding(NamedTuple):
    """One piece of personal data; `shown` is its masked form, the data itself is not kept."""

    kind: Kind
    shown: str


class Masked(NamedTuple):
    text: str
    found: tuple[Finding, ...]


# Numbers first: what they hide cannot be mistaken for a house number.
_RULES = (*NUMBER_RULES, *WORD_RULES)


def mask(text: str) -> Masked:
    """The text without personal data, and what was found. Masking twice changes nothing."""
    found: list[Finding] = []
    before = None
    while text != before:
        before = text
        for rule in _RULES:
            text = _apply(rule, text, found)
    return Masked(text, tuple(found))


def mask_text(text: str) -> str:
    """The text without personal data."""
    return mask(text).text


def _apply(rule: Rule, text: str, found: list[Finding]) -> str:
    parts, at = [], 0
    for hit in rule.find(text):
        parts += [text[at : hit.start], hit.shown]
        found.append(Finding(rule.kind, hit.shown))
        at = hit.end
    return "".join([*parts, text[at:]]) if parts else text
