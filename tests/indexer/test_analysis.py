from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.highlights import highlight_terms, spans
from indexer.analysis.normalise import aligned, normalise
from indexer.analysis.views import VIEWS, Analyser


def test_one_form_for_width_case_and_script() -> None:
    assert normalise("國際漫遊ＡＢＣ　Wi-Fi") == "国际漫游abc wi-fi"


def test_control_characters_and_lone_surrogates_become_spaces() -> None:
    assert normalise("宽\x00带\ud800！") == "宽 带 !"


def test_offsets_lead_back_when_a_character_becomes_several() -> None:
    text, origins = aligned("①㎡寬")
    assert text == "1m2宽"
    assert list(origins) == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "term"),
    [("型号F-8820坏了", "f-8820"), ("拨10086", "10086"), ("每月199元", "199元"), ("速率19.9兆", "19.9")],
)
def test_codes_and_prices_stay_whole(analyser: Analyser, text: str, term: str) -> None:
    assert term in analyser.views(normalise(text)).bigrams


def test_a_code_is_found_without_its_hyphen_and_by_its_parts(analyser: Analyser) -> None:
    words = analyser.views("f-8820").words
    assert {"f-8820", "f8820", "8820"} <= set(words)


def test_bigrams_do_not_cross_punctuation(analyser: Analyser) -> None:
    assert analyser.views("宽带，话费").bigrams == ["宽带", "话费"]


def test_a_lone_character_is_searchable_in_every_view(analyser: Analyser) -> None:
    views = analyser.views("卡")
    assert all(views.view(name) == ["卡"] for name in VIEWS)


def test_highlights_are_offsets_into_the_original(analyser: Analyser) -> None:
    text = "開通國際漫遊，每天３０元"
    terms = highlight_terms(analyser.views(normalise("国际漫游30元")))
    assert [text[start:end] for start, end in spans(text, terms)] == ["國際漫遊", "３０元"]


def test_function_words_are_not_marked(analyser: Analyser) -> None:
    terms = highlight_terms(analyser.views("我的宽带怎么办理"))
    assert "宽带" in terms
    assert not terms & {"我的", "怎么", "的宽", "带怎"}


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_marked(analyser: Analyser, text: str) -> None:
    terms = highlight_terms(analyser.views(normalise(text)))
    marked = spans(text, terms)
    assert all(0 <= start < end <= len(text) for start, end in marked)
    assert all(first[1] < second[0] for first, second in pairwise(marked))
