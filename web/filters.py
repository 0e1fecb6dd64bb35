"""What templates do to values: Shanghai dates, ages, highlights, lengths of speech. Pure but for `kms.clock`."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import Markup, escape

from kms import clock

NOTHING = "—"
CHARACTERS_PER_SECOND = 4  # an agent's reading pace


def date_(value: datetime | date | None) -> str:
    """2026-11-24"""
    if value is None:
        return NOTHING
    day = clock.local(value) if isinstance(value, datetime) else value
    return f"{day:%Y-%m-%d}"


def datetime_(value: datetime | None) -> str:
    """2026-11-24 14:02"""
    return NOTHING if value is None else f"{clock.local(value):%Y-%m-%d %H:%M}"


def clock_(value: datetime | None) -> str:
    """14:02"""
    return NOTHING if value is None else f"{clock.local(value):%H:%M}"


def field_datetime(value: datetime | None) -> str:
    """The value of `<input type="datetime-local">`."""
    return "" if value is None else f"{clock.local(value):%Y-%m-%dT%H:%M}"


def iso(value: datetime) -> str:
    """For the `datetime` attribute of <time>."""
    return clock.local(value).isoformat(timespec="seconds")


def ago(value: datetime | None) -> str:
    """刚刚, 8 分钟前, 2 小时前, 昨天 17:40, 3 天前, 2 个月前, 2024-05-06"""
    if value is None:
        return NOTHING
    then, now = clock.local(value), clock.local(clock.now())
    minutes = int((now - then).total_seconds() // 60)
    days = (now.date() - then.date()).days
    steps: list[tuple[bool, str]] = [
        (minutes < 1, "刚刚"),
        (minutes < 60, f"{minutes} 分钟前"),
        (days < 1, f"{minutes // 60} 小时前"),
        (days == 1, f"昨天 {then:%H:%M}"),
        (days == 2, f"前天 {then:%H:%M}"),
        (days < 31, f"{days} 天前"),
        (days < 365, f"{days // 30} 个月前"),
    ]
    return next((words for fits, words in steps if fits), f"{then:%Y-%m-%d}")


def due(value: datetime | None) -> str:
    """剩 12 分, 剩 1 小时 40 分, 明天 12:00, 12-03 18:00, 已超时 2 小时"""
    if value is None:
        return NOTHING
    then, now = clock.local(value), clock.local(clock.now())
    left = then - now
    if left < timedelta(0):
        return f"已超时 {_span(-left)}"
    days = (then.date() - now.date()).days
    if days == 0 or left < timedelta(hours=6):
        return f"剩 {_span(left)}"
    return f"{ {1: '明天', 2: '后天'}.get(days) or f'{then:%m-%d}' } {then:%H:%M}"


def due_tone(value: datetime | None) -> str:
    """The tone that goes with `due`: bad when late, warn in the last two hours."""
    if value is None:
        return ""
    left = value - clock.now()
    if left < timedelta(0):
        return "bad"
    return "warn" if left < timedelta(hours=2) else ""


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} 天"
    if hours:
        return f"{hours} 小时 {rest} 分" if rest and hours < 6 else f"{hours} 小时"
    return f"{max(rest, 1)} 分"


def highlight(text: str, offsets: Iterable[tuple[int, int]] = ()) -> Markup:
    """Escaped text with <mark> around `offsets`: half-open ranges of characters, in any order, may overlap."""
    parts: list[Markup] = []
    at = 0
    for start, end in _merged(offsets, len(text)):
        parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*parts, escape(text[at:])])


def _merged(offsets: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(offsets):
        start, end = max(first, 0), min(last, length)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


_CHANGED = {"insert": Markup("<ins>{}</ins>"), "delete": Markup("<del>{}</del>")}


def marked(segments: str | Iterable[tuple[str, str]]) -> Markup:
    """A difference as text: (op, text) pairs, where `insert` and `delete` become <ins> and <del>."""
    if isinstance(segments, str):
        return escape(segments)
    return Markup("").join(_CHANGED.get(op, Markup("{}")).format(text) for op, text in segments)


def thousands(value: int | float) -> str:
    """1,284"""
    return f"{value:,}"


def speech_seconds(characters: int) -> int:
    """How long an agent needs to read that many characters aloud, in seconds."""
    pace = Decimal(characters) / CHARACTERS_PER_SECOND
    return int(pace.quantize(Decimal(1), ROUND_HALF_UP))


def initial(name: str) -> str:
    """The character that stands for a person in an avatar."""
    return name.strip()[:1].upper() or "?"


FILTERS: dict[str, Callable[..., Any]] = {
    "date": date_,
    "datetime": datetime_,
    "clock": clock_,
    "field_datetime": field_datetime,
    "iso": iso,
    "ago": ago,
    "due": due,
    "due_tone": due_tone,
    "highlight": highlight,
    "marked": marked,
    "thousands": thousands,
    "speech_seconds": speech_seconds,
    "initial": initial,
}
