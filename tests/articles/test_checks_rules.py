from datetime import UTC, datetime
from typing import Any

import pytest

from kms.articles.checks import Level, check
from kms.articles.content import Content, Kind, Step

GOOD = Content(
    kind=Kind.QA,
    title="光猫LOS灯红色常亮",
    questions=("光猫亮红灯怎么办", "有个红灯一直闪", "网断了灯是红的"),
    summary="请您先检查光纤接头是否松动。",
    body="## 处理\n\n请检查光纤。\n\n| 地区 | 电话 |\n|---|--:|\n| 广东 | 10086 |\n\n```\n#x\n```\n",
)
DAY = datetime(2026, 12, 1, tzinfo=UTC)


def remarks(**changes: Any) -> list[tuple[str, str]]:
    return [(found.field, found.message) for found in check(GOOD.model_copy(update=changes))]


def test_a_good_draft_gets_no_remarks() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"summary": " "}, "summary", "还没有标准口径"),
        ({"summary": "好。" * 61}, "summary", "122 字"),
        ({"summary": "这" * 41}, "summary", "一口气说不完"),
        ({"title": ""}, "title", "还没有标题"),
        ({"questions": ("甲", "乙")}, "questions", "只有 2 条"),
        ({"questions": (GOOD.title, "甲", "乙")}, "questions", "和标题一样"),
        ({"kind": Kind.PROCEDURE}, "steps", "还没有步骤"),
        ({"kind": Kind.POLICY}, "effective_from", "没有写生效时间"),
        ({"effective_from": DAY, "effective_to": DAY}, "effective_to", "永远不会生效"),
        ({"body": "请联系张三13800138000。"}, "body", "手机号）：138****8000"),
        ({"questions": ("甲", "乙", "我叫张伟")}, "questions", "姓名）：我叫张**"),
        ({"steps": (Step(text="回拨13800138000"),)}, "steps", "手机号"),
        ({"steps": (Step(text="回拨", say="您" * 50),)}, "steps", "一口气说不完"),
        ({"body": "字" * 81}, "body", "81 字，坐席来不及看"),
        ({"body": "##处理"}, "body", "# 后面要有空格"),
        ({"body": "# 一\n\n### 二"}, "body", "标题跳了级"),
        ({"body": "见[收费]()"}, "body", "链接“收费”没有地址"),
        ({"body": "```\n没完"}, "body", "没有结束"),
        ({"body": "| 甲 | 乙 |\n|---|---|\n| 1 |"}, "body", "列数不一样"),
        ({"body": "短句。" * 201}, "body", "没有分节"),
    ],
)
def test_each_weakness_is_named_once(changes: dict[str, Any], field: str, words: str) -> None:
    found = remarks(**changes)
    assert [(where, words in message) for where, message in found] == [(field, True)]


def test_warnings_come_first() -> None:
    levels = [found.level for found in check(Content(kind=Kind.POLICY, body="字" * 90))]
    assert levels == sorted(levels, key=[Level.WARNING, Level.HINT].index)
    assert set(levels) == set(Level)


@pytest.mark.parametrize(
    "body", ["a\\|b", "| 甲 | 乙\\|丙 |\n|---|---|\n| 1 | 2 |", "| 甲 | 乙 |\n|---|---|\n| 1 | 2 "]
)
def test_escaped_bars_and_open_rows_are_no_ragged_tables(body: str) -> None:
    assert remarks(body=body) == []
