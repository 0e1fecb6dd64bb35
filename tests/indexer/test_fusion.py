from math import log

import pytest

from indexer import fusion
from indexer.models import Parts


def test_weights_of_the_recipe() -> None:
    assert fusion.fuse(Parts(bigrams=1)) == pytest.approx(1.0)
    assert fusion.fuse(Parts(characters=1)) == pytest.approx(0.4)
    assert fusion.fuse(Parts(words=1)) == pytest.approx(0.8)
    assert fusion.fuse(Parts(dense=1)) == pytest.approx(1.6)


def test_the_maximum_is_a_bound_that_grows_with_rare_terms() -> None:
    assert fusion.maximum(100, [3]) == pytest.approx(2.2 * log(1 + 97.5 / 3.5))
    assert fusion.maximum(100, [0]) > fusion.maximum(100, [3]) > fusion.maximum(100, [90])


def test_strength_runs_from_one_to_four() -> None:
    assert [fusion.strength(score) for score in (-1.0, 0.0, 3.8)] == [1, 1, 4]


@pytest.mark.parametrize(
    ("best", "related", "limit"),
    [(0.5, False, fusion.THRESHOLD), (0.3, True, 0.15), (1.0, False, 0.3), (2.4, True, fusion.THRESHOLD)],
)
def test_what_comes_near_the_best_counts_once_the_question_belongs_here(
    best: float, related: bool, limit: float
) -> None:
    assert fusion.limit(best, related) == pytest.approx(limit)
