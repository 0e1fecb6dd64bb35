import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kms.cli import app


@pytest.fixture
def data(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KMS_DATA_DIR", str(models.parent / "eval-data"))
    folder = tmp_path / "set"
    folder.mkdir()
    corpus = [
        {"id": "d1", "title": "宽带报修", "text": "光猫红灯闪烁时请报修。", "questions": ["上不了网怎么办"]},
        {"id": "d2", "title": "话费查询", "text": "发送短信到10086查询账单。"},
    ]
    queries = [{"id": "q1", "text": "光猫亮红灯"}, {"id": "q2", "text": "怎么查账单"}]
    for name, rows in (("corpus", corpus), ("queries", queries), ("queries.hard", queries[:1])):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels.tsv").write_text("q1\td1\t1\nq2\td2\t2\n")
    return folder


def test_scores_and_run_are_written(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.tsv"
    result = CliRunner().invoke(app, ["eval", "--data", str(data), "--run", str(run)])
    assert result.exit_code == 0, result.output
    assert result.output.count("1.0000") == 4
    rows = [line.split("\t") for line in run.read_text().splitlines()]
    assert {(query, document) for query, document, _ in rows} == {
        (q, d) for q in ("q1", "q2") for d in ("d1", "d2")
    }
    assert rows[0][:2] == ["q1", "d1"]


def test_several_query_files_share_one_index(data: Path, tmp_path: Path) -> None:
    files = [str(data / "queries.jsonl"), str(data / "queries.hard.jsonl")]
    options = ["eval", "--data", str(data), "--run", str(tmp_path / "run.tsv"), "--queries", *files]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "queries.hard.jsonl" in result.output
    assert "0.5000" in result.output
    assert {path.name for path in tmp_path.glob("*.tsv")} == {"run.queries.tsv", "run.queries.hard.tsv"}


def test_a_missing_file_is_named(data: Path) -> None:
    (data / "qrels.tsv").unlink()
    result = CliRunner().invoke(app, ["eval", "--data", str(data)])
    assert result.exit_code == 1
    assert "qrels.tsv: no such file" in result.stderr.replace("\n", "")
