"""Search quality on public question sets, where they are at hand (`KMS_EVAL_DATA` names their folder).

The floors lie a little under what is measured (bench/RESULTS.md): they catch a broken recipe, not a tenth of a point.
"""

import os
from pathlib import Path

import ir_measures
import pytest
from ir_measures import nDCG
from typer.testing import CliRunner

from kms.cli import app

FLOORS = {"insclause": 0.63, "drcd": 0.96}
DATA = os.environ.get("KMS_EVAL_DATA", "")
SETS = [name for name in FLOORS if DATA and (Path(DATA) / name).is_dir()]


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_relevance_stays_where_it_was_measured(name: str, tmp_path: Path) -> None:
    folder = Path(DATA) / name
    result = CliRunner().invoke(app, ["eval", "--data", str(folder), "--run", str(tmp_path / "run.tsv")])
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in (tmp_path / "run.tsv").read_text(encoding="utf-8").splitlines()]
    run = [ir_measures.ScoredDoc(query, document, float(score)) for query, document, score in rows]
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    judged = [line.split("\t") for line in lines if line]
    qrels = [
        ir_measures.Qrel(query, document, int(grade)) for query, document, grade in judged if grade.isdigit()
    ]
    assert ir_measures.calc_aggregate([nDCG @ 10], qrels, run)[nDCG @ 10] >= FLOORS[name]
