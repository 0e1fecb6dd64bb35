"""`kms eval`: how well the product's own search answers a set of judged queries."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.table import Table

from indexer import evaluation
from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.models import Document, Schema
from kms.cli.console import console, fail, progress
from kms.settings import Settings

_COLUMNS = ("nDCG@10", "R@1", "R@5", "MRR@10")


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with corpus.jsonl, queries.jsonl and qrels.tsv.")],
    queries: Annotated[list[Path] | None, typer.Option(help="Query file instead of queries.jsonl.")] = None,
    more: Annotated[list[Path] | None, typer.Argument(help="Further query files.", metavar="FILE")] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            help="Write query id, document id and score of the first 100 as TSV; "
            "of several query files to one TSV each, named after both."
        ),
    ] = None,
) -> None:
    """Index the corpus into a temporary index, run the queries and print the scores. Nothing is learned."""
    files = [*(queries or []), *(more or [])] or [data / "queries.jsonl"]
    runs = _runs(files, run) if run is not None else {}
    try:
        table = _evaluate(data, files, runs)
    except evaluation.BadFile as error:
        fail(str(error))
    console.print(table)


def _evaluate(data: Path, files: list[Path], runs: dict[Path, Path]) -> Table:
    judgements = evaluation.read_judgements(data / "qrels.tsv")
    asked = {file: evaluation.read_queries(file) for file in files}
    corpus = evaluation.read_corpus(data / "corpus.jsonl")
    table = Table("queries", *_COLUMNS, title=f"{data.name}: {len(corpus)} documents")
    with TemporaryDirectory() as folder:
        engine = _engine(Path(folder))
        _fill(engine, corpus)
        for file, texts in asked.items():
            found = _run(engine, file, texts)
            if file in runs:
                evaluation.write_run(found, runs[file])
            scores = evaluation.score(found, judgements)
            table.add_row(file.name, *(f"{value:.4f}" for value in evaluation.values(scores)))
        engine.close()
    return table


def _runs(files: list[Path], run: Path) -> dict[Path, Path]:
    if len(files) == 1:
        return {files[0]: run}
    return {file: run.with_name(f"{run.stem}.{file.stem}{run.suffix}") for file in files}


def _engine(folder: Path) -> EmbeddedEngine:
    models = (Settings().data_dir / "models").resolve()
    return EmbeddedEngine(folder, Schema(), Analyser(models / "words"), E5Embedder(models))


def _fill(engine: EmbeddedEngine, corpus: list[Document]) -> None:
    with progress() as bar, engine.rebuild() as feed:
        task = bar.add_task("Indexing", total=len(corpus))
        evaluation.index(feed, corpus, lambda done: bar.advance(task, done))


def _run(engine: EmbeddedEngine, file: Path, texts: dict[str, str]) -> evaluation.Run:
    with progress() as bar:
        task = bar.add_task(file.name, total=len(texts))
        return evaluation.run(engine, texts, lambda done: bar.advance(task, done))
