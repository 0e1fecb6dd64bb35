import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms.articles.difference import Op, Segment, compare, difference
from kms.articles.side_by_side import Fold, RowOp, fold, rows

texts = st.lists(
    st.sampled_from(
        ["宽带", "资费", "199", "129", "元", "/月", "，", "。", "\n", " ", "请您", "先", "abc", "𠮷"]
    ),
    max_size=25,
).map("".join) | st.text(max_size=40)


def marked(old: str, new: str) -> str:
    signs = {Op.EQUAL: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "[+{}+]"}
    return "".join(signs[segment.op].format(segment.text) for segment in difference(old, new))


def side(segments: list[Segment] | tuple[Segment, ...], without: Op) -> str:
    return "".join(segment.text for segment in segments if segment.op is not without)


@settings(deadline=None)
@given(texts, texts)
def test_both_texts_can_be_read_back(old: str, new: str) -> None:
    segments = difference(old, new)
    assert side(segments, Op.INSERT) == old
    assert side(segments, Op.DELETE) == new
    assert all(segment.text for segment in segments)
    assert all(a.op is not b.op for a, b in pairwise(segments))


@settings(deadline=None)
@given(texts, texts)
def test_both_bodies_can_be_read_back(old: str, new: str) -> None:
    found = rows(old, new)
    assert [side(row.old, Op.INSERT) for row in found if row.old_line] == old.splitlines()
    assert [side(row.new, Op.DELETE) for row in found if row.new_line] == new.splitlines()
    assert [row.old_line for row in found if row.old_line] == list(range(1, len(old.splitlines()) + 1))
    assert [row.new_line for row in found if row.new_line] == list(range(1, len(new.splitlines()) + 1))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("月费199元。", "月费129元。", "月费[-199-][+129+]元。"),
        ("限速1.5Mbps", "限速2.5Mbps", "限速[-1.5-][+2.5+]Mbps"),
        ("请您先重启光猫", "请您重启光猫", "请您[-先-]重启光猫"),
        ("当天受理", "当天受理并回访", "当天受理[+并回访+]"),
        ("由班长处理", "由专家处理", "由[-班长-][+专家+]处理"),
        ("套餐资费说明", "套餐费用说明", "套餐[-资费-][+费用+]说明"),
        ("甲方，乙方", "丙方，丁方", "[-甲-][+丙+]方，[-乙-][+丁+]方"),
        ("请核实客户身份", "合约期二十四个月", "[-请核实客户身份-][+合约期二十四个月+]"),
        ("", "新", "[+新+]"),
        ("旧", "", "[-旧-]"),
        ("同", "同", "同"),
        ("", "", ""),
    ],
)
def test_changes_as_a_reader_sees_them(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_a_new_line_above_does_not_tear_a_reworded_line_apart() -> None:
    old = "月费199元，含千兆宽带。\n合约期24个月。"
    new = "本政策12月起执行。\n月费129元，含千兆宽带。\n合约期24个月。"
    assert [(row.op, row.old_line, row.new_line) for row in rows(old, new)] == [
        (RowOp.INSERT, None, 1),
        (RowOp.CHANGE, 1, 2),
        (RowOp.EQUAL, 2, 3),
    ]


def test_unlike_lines_are_not_paired() -> None:
    assert [row.op for row in rows("合约期24个月", "请核实客户身份")] == [RowOp.DELETE, RowOp.INSERT]


def test_unchanged_runs_are_folded() -> None:
    lines = [f"第{number}条" for number in range(20)]
    changed = [*lines[:10], "新的一条", *lines[10:]]
    folded = fold(rows("\n".join(lines), "\n".join(changed)), context=2)
    assert [len(item.rows) if isinstance(item, Fold) else item.op.value for item in folded] == [
        8,
        *["equal"] * 2,
        "insert",
        *["equal"] * 2,
        8,
    ]
    assert fold([]) == []


def test_nothing_is_folded_for_one_row() -> None:
    old = "甲\n乙\n丙"
    assert all(not isinstance(item, Fold) for item in fold(rows(old, "甲\n乙\n丁"), context=1))


def test_only_differing_fields_are_named() -> None:
    found = compare(
        {"title": "旧题", "summary": "同", "tags": ["甲", "乙"], "gone": "有"},
        {"title": "新题", "summary": "同", "tags": ["甲", "丙"], "added": "新"},
    )
    assert [(item.field, item.old, item.new) for item in found] == [
        ("title", "旧题", "新题"),
        ("tags", "甲\n乙", "甲\n丙"),
        ("added", "", "新"),
        ("gone", "有", ""),
    ]
    assert found[1].segments == (
        Segment(Op.EQUAL, "甲\n"),
        Segment(Op.DELETE, "乙"),
        Segment(Op.INSERT, "丙"),
    )
    assert compare({"a": None, "b": ()}, {"a": "", "b": []}) == []


@pytest.mark.parametrize(
    ("old", "new"), [("甲乙" * 50_000, "乙丙" * 50_000), ("\n" * 99_999, "甲\n" * 50_000)]
)
def test_the_longest_bodies_stay_bounded(old: str, new: str) -> None:
    started = time.process_time()
    assert side(difference(old, new), Op.INSERT) == old
    assert time.process_time() - started < 10
