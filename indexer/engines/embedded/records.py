"""How a document is written into the word index and read back."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from indexer.analysis.normalise import normalise
from indexer.analysis.views import Analyser
from indexer.engines.embedded import words
from indexer.engines.embedded.catalogue import Entry
from indexer.engines.embedded.vectors import KEY_BYTES
from indexer.models import ArticleDocuments, Document, Passage, Schema
from indexer.passages import Unit, content_key, units


def check(schema: Schema, article: ArticleDocuments) -> None:
    """Raises ValueError when a document does not carry the schema's fields."""
    for document in article.documents:
        missing = set(schema.numbers) ^ set(document.numbers)
        unknown = set(document.keywords) - set(schema.keywords)
        if missing or unknown:
            fields = sorted(missing | unknown)
            raise ValueError(f"document {document.id}: fields missing or not in the schema: {fields}")


def number_of(article: str, document: str) -> int:
    """63 bits that stand for the document in the word index."""
    digest = blake2b(f"{article}\0{document}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def embedded_text(unit: Unit) -> str:
    """Queries are embedded in the same form."""
    return normalise(unit.text)


def key_of(unit: Unit) -> bytes:
    return content_key("passage", embedded_text(unit))


def tombstone(article: ArticleDocuments) -> dict[str, Any]:
    """Keeps the version of a deleted article, so that a late older write does not bring it back."""
    return words.bare(number_of(article.article, ""), article.article, {"version": article.version})


def written(analyser: Analyser, article: ArticleDocuments, document: Document) -> dict[str, Any]:
    views = analyser.views(normalise(searched_text(document)))
    content = _content(document) | {"version": article.version}
    return words.fields(number_of(article.article, document.id), article.article, views, content)


def _content(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "questions": document.questions,
        "summary": document.summary,
        "body": document.body,
        "passages": [[passage.anchor, passage.text] for passage in document.passages],
        "keywords": {name: list(values) for name, values in document.keywords.items()},
        "numbers": dict(document.numbers),
        "keys": b"".join(key_of(unit) for unit in units(document)).hex(),
    }


def fresh(article: str, document: Document) -> Entry:
    return entry(number_of(article, document.id), article, _content(document))


def searched_text(document: Document) -> str:
    passages = (passage.text for passage in document.passages)
    return "\n".join([document.title, *document.questions, document.summary, document.body, *passages])


def entry(number: int, article: str, stored: Mapping[str, Any]) -> Entry:
    keys = bytes.fromhex(stored["keys"])
    return Entry(
        number=number,
        article=article,
        document=stored["id"],
        keywords={name: tuple(values) for name, values in stored["keywords"].items()},
        numbers=stored["numbers"],
        keys=tuple(keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)),
        title=stored["title"],
        questions=tuple(stored["questions"]),
    )


def document(stored: Mapping[str, Any]) -> Document:
    """Without its fields, which the entry has."""
    return Document(
        id=stored["id"],
        title=stored["title"],
        questions=tuple(stored["questions"]),
        summary=stored["summary"],
        body=stored["body"],
        passages=tuple(Passage(anchor, text) for anchor, text in stored["passages"]),
    )
