import random
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, Success, nDCG

from indexer import evaluation
from indexer.evaluation import BadFile


def test_metrics_agree_with_ir_measures() -> None:
    chance = random.Random(5)
    documents = [f"d{n}" for n in range(40)]
    run = {
        f"q{n}": {one: chance.random() for one in chance.sample(documents, chance.randint(0, 30))}
        for n in range(60)
    }
    judged = {f"q{n}": {one: chance.randint(0, 3) for one in chance.sample(documents, 6)} for n in range(60)}
    judged = {query: gains for query, gains in judged.items() if any(gains.values())}
    theirs = ir_measures.calc_aggregate([nDCG @ 10, Success @ 1, Success @ 5, RR @ 10], judged, run)
    ours = evaluation.values(evaluation.score(run, judged))
    wanted = [theirs[nDCG @ 10], theirs[Success @ 1], theirs[Success @ 5], theirs[RR @ 10]]
    assert ours == pytest.approx(wanted, abs=1e-9)


def test_a_judged_query_that_found_nothing_counts() -> None:
    scores = evaluation.score({"q1": {"d1": 1.0}}, {"q1": {"d1": 1}, "q2": {"d1": 1}})
    assert evaluation.values(scores) == (0.5, 0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id":"a","title":"","text":"x"}\n{"id":', "row 2: not JSON"),
        ('[]\n', "row 1: not an object"),
        ('{"id":"a","title":"","text":1}', 'row 1: "text" must be a text'),
        ('{"id":"","title":"","text":"x"}', 'row 1: "id" must be a text'),
        ('{"id":"a","title":"","text":"x"}\n\n{"id":"a","title":"","text":"x"}', "row 3: the id a occurs twice"),
        ('{"id":"a","title":"","text":"x","questions":"y"}', "list of texts"),
    ],
)  # fmt: skip
def test_a_bad_corpus_is_refused_by_row(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=message):
        evaluation.read_corpus(path)


def test_other_bad_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(BadFile, match="no such file"):
        evaluation.read_queries(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadFile, match="not UTF-8"):
        evaluation.read_queries(path)
    path.write_text("q1\td1\t1\nq1 d2 1\n")
    with pytest.raises(BadFile, match="row 2"):
        evaluation.read_judgements(path)


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_bytes('\ufeff{"id":"q","text":"宽带"}\r\n'.encode())
    assert evaluation.read_queries(path) == {"q": "宽带"}
