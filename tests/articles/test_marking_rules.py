"""Changes marked within the rendered text."""

from kms.articles import markup
from kms.articles.annotating import Passage, annotated
from kms.articles.marking import woven_markdown, woven_text


def _shown(old: str, new: str, *passages: Passage) -> str:
    html, _ = annotated(markup.render(woven_markdown(old, new), lambda name: None), passages)
    return html.replace("\n", "")


def test_list_stays_a_list():
    shown = _shown("- 拔插光纤\n- 断电 30 秒", "- 轻拔光纤\n- 断电 30 秒\n- 等 5 分钟")
    assert shown == (
        "<ul><li><del>拔插</del><ins>轻拔</ins>光纤</li><li>断电 30 秒</li><li><ins>等 5 分钟</ins></li></ul>"
    )


def test_renumbered_items_are_not_changes():
    assert "<del>" not in _shown("1. 甲\n2. 乙", "1. 甲\n2. 新的一步，先问客户\n3. 乙")


def test_heading_that_becomes_text_is_replaced():
    shown = _shown("## 处理步骤", "处理步骤")
    assert "<del>处理步骤</del></h3>" in shown
    assert "<p><ins>处理步骤</ins></p>" in shown


def test_table_cells_change_one_by_one():
    old = "| 地区 | 时限 |\n|---|---|\n| 城区 | 24 小时 |"
    shown = _shown(old, old.replace("24", "12") + "\n| 农村 | 48 小时 |")
    assert "<del>24</del><ins>12</ins> 小时" in shown
    assert "<td><ins> 农村 </ins></td>" in shown or "<td><ins>农村</ins></td>" in shown
    assert shown.count("<table>") == 1


def test_links_change_as_a_whole():
    shown = _shown("见 [专线](KB-000655)。", "见 [专线](KB-000656)。")
    assert '<a href="/articles/KB-000655"' in shown
    assert '<a href="/articles/KB-000656"' in shown
    assert shown.count("<del>专线</del>") == shown.count("<ins>专线</ins>") == 1


def test_emphasis_that_comes_keeps_elements_nested():
    assert _shown("请重启光猫", "请**重启**光猫").count("<strong>") == 1


def test_private_characters_in_the_text_are_no_marks():
    assert _shown("甲", "甲\ue000乙") == "<p>甲<ins>乙</ins></p>"


def test_markup_in_plain_text_is_shown():
    html, _ = annotated("&lt;b&gt;甲&amp;乙", ())
    assert html == "&lt;b&gt;甲&amp;乙"


def test_passage_spans_changes_and_elements():
    html, found = annotated(
        markup.render(woven_text("等十秒插紧", "等 **10 秒**插紧"), lambda name: None),
        [Passage(2, "等 10 秒\n插紧")],
    )
    assert found == {2}
    assert html.count('class="passage"') >= 2
    assert html.count("<sup>2</sup>") == 1
    assert "<del>" in html


def test_passages_may_overlap_and_may_be_gone():
    html, found = annotated(
        "城区 24 小时内", [Passage(1, "城区 24 小时"), Passage(2, "24 小时内"), Passage(3, "没有的话")]
    )
    assert found == {1, 2}
    assert (
        html
        == '<span class="passage">城区 24 小时<sup>1</sup></span><span class="passage">内<sup>2</sup></span>'
    )
