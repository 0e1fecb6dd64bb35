from hypothesis import given
from hypothesis import strategies as st

from indexer.models import Document, Passage
from indexer.passages import QUESTION, TITLE, WHOLE, WINDOW, WINDOWED, units, windows


def test_sentences_are_packed_into_windows() -> None:
    text = "这是一句十个字的话哦。" * 30
    found = [text[start:end] for start, end in windows(text)]
    assert "".join(found) == text
    assert all(len(window) <= WINDOW and window.endswith("。") for window in found)


def test_an_endless_sentence_is_cut_at_a_comma() -> None:
    text = ("没有句号的说明文字" * 10 + "，") * 5
    assert all(text[end - 1] == "，" for _, end in windows(text))


@given(st.text(alphabet="宽带，。！\n a", max_size=800))
def test_windows_lose_no_word(text: str) -> None:
    found = windows(text)
    assert all(0 < end - start <= WINDOW or not text[start:end].strip() for start, end in found)
    kept = "".join(text[start:end] for start, end in found)
    assert "".join(kept.split()) == "".join(text.split())


def test_the_whole_comes_first_and_steps_keep_their_anchor() -> None:
    document = Document("d", "标题", ("问法",), "口径。", "正文。", (Passage("step-1", "步骤。"),))
    found = [(unit.kind, unit.anchor, unit.text) for unit in units(document)]
    assert found == [
        (WHOLE, "", "口径。\n正文。\n步骤。"),
        (WINDOWED, "", "口径。"),
        (WINDOWED, "", "正文。"),
        (WINDOWED, "step-1", "步骤。"),
        (TITLE, "", "标题"),
        (QUESTION, "", "问法"),
    ]


def test_a_bare_title_is_its_own_whole() -> None:
    assert units(Document("d", "标题"))[0].text == "标题"
