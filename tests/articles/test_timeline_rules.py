from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kms.articles.timeline import (
    Change,
    ChangeKind,
    Rectangle,
    Span,
    chip,
    coming,
    in_force,
    rectangles,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day(number: int) -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)


def span(number: int, published: int, recalled: int | None, start: int, end: int | None) -> Span:
    return Span(
        number,
        day(published),
        None if recalled is None else day(recalled),
        day(start),
        None if end is None else day(end),
    )


days = st.integers(0, 12)
ends = st.none() | days
histories = st.lists(st.tuples(days, ends, days, ends), max_size=6).map(
    lambda rows: [span(number, *row) for number, row in enumerate(rows, start=1)]
)


@given(histories)
def test_rectangles_say_at_every_point_what_the_rule_says(spans: list[Span]) -> None:
    found = rectangles(spans)
    for known, at in product(range(-1, 14), repeat=2):
        inside = [box.number for box in found if box.contains(day(at), day(known))]
        expected = in_force(spans, day(at), day(known))
        assert inside == ([] if expected is None else [expected])


@given(histories)
def test_rectangles_are_not_cut_without_need(spans: list[Span]) -> None:
    found = rectangles(spans)
    edges = {(box.number, box.effective_from, box.effective_until, box.known_from) for box in found}
    assert not [b for b in found if (b.number, b.effective_from, b.effective_until, b.known_until) in edges]


@given(histories, st.integers(-1, 13))
def test_the_next_change_is_the_first_moment_with_another_rule(spans: list[Span], today: int) -> None:
    now = day(today)
    current = in_force(spans, now, now)
    later = [(day(at), in_force(spans, day(at), now)) for at in range(today + 1, 15)]
    expected = next(((at, number) for at, number in later if number != current), None)
    change = coming(spans, now)
    assert (change and (change.at, change.number)) == expected


def test_the_older_one_holds_until_the_newer_takes_effect() -> None:
    spans = [span(1, 0, None, 0, None), span(2, 5, None, 30, None)]
    assert in_force(spans, day(29), day(10)) == 1
    assert in_force(spans, day(30), day(10)) == 2
    assert in_force(spans, day(30), day(4)) == 1


def test_no_older_one_returns_after_the_end_of_the_latest() -> None:
    spans = [span(1, 0, None, 0, None), span(2, 1, None, 5, 8)]
    assert in_force(spans, day(7), day(9)) == 2
    assert in_force(spans, day(8), day(9)) is None


def test_a_recall_brings_the_one_before_back_and_keeps_what_was_known() -> None:
    spans = [span(1, 0, None, 0, None), span(2, 3, 6, 3, None)]
    assert in_force(spans, day(7), day(5)) == 2
    assert in_force(spans, day(7), day(6)) == 1


def test_the_higher_number_wins_on_the_same_day() -> None:
    assert in_force([span(2, 0, None, 0, None), span(1, 0, None, 0, None)], day(1), day(1)) == 2


def test_one_plain_revision_is_one_open_rectangle() -> None:
    assert rectangles([span(1, 2, None, 4, None)]) == (Rectangle(1, day(2), None, day(4), None),)


def test_no_revision_no_rectangle() -> None:
    assert rectangles([]) == ()
    assert coming([], day(0)) is None


def test_a_merely_scheduled_publication_is_not_announced() -> None:
    assert coming([span(1, 0, None, 0, None), span(2, 5, None, 9, None)], day(4)) is None


def test_chips_are_said_in_local_days() -> None:
    now = day(0)
    at = datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert chip(Change(ChangeKind.CHANGES, at, 2), now, SHANGHAI) == "12-01 起变更"
    assert chip(Change(ChangeKind.ENDS, at, None), now, SHANGHAI) == "12-01 起失效"
    assert chip(Change(ChangeKind.STARTS, day(70), 1), now, SHANGHAI) == "2027-01-10 起生效"
