"""Reads the sample knowledge as plain values, apart from the importer, so that the two can disagree."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SEED = ROOT / "seed_articles"
TODAY = "2026-11-25"


@dataclass(frozen=True)
class Revision:
    path: Path
    meta: dict[str, Any]
    body: str

    @property
    def code(self) -> str:
        return str(self.meta["code"])

    @property
    def number(self) -> int:
        return int(self.meta["revision"])

    @property
    def line(self) -> str:
        return str(self.meta["category"]).split("/")[0]

    @property
    def groups(self) -> frozenset[str]:
        audience = self.meta["audience"]
        return frozenset(audience) if isinstance(audience, list) else frozenset()

    @property
    def spoken(self) -> str:
        """What an agent may read out or act on: change notes are left out, they name old figures."""
        steps = self.meta.get("steps", [])
        said = [t for s in steps for t in (s["text"], s.get("say", ""), *s.get("figures", []))]
        return "\n".join([self.meta["summary"], *said, self.body])


@cache
def revisions() -> tuple[Revision, ...]:
    return tuple(_read(p) for p in sorted(SEED.glob("[!_]*/KB-*.md")))


def _read(path: Path) -> Revision:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return Revision(path, yaml.load(head, Loader=yaml.CBaseLoader), body)


@cache
def articles() -> dict[str, Revision]:
    """The revision in force on TODAY of each article."""
    current: dict[str, Revision] = {}
    for r in sorted(revisions(), key=lambda r: (r.meta["effective_from"], r.number)):
        if max(r.meta["effective_from"], r.meta["published_at"]) <= TODAY:
            current[r.code] = r
    return current


@cache
def centre(name: str) -> list[dict[str, Any]]:
    text = (SEED / "_centre" / f"{name}.yaml").read_text(encoding="utf-8")
    return list(yaml.load(text, Loader=yaml.CBaseLoader)[name])


def tree_paths(nodes: list[Any], above: str = "") -> Iterator[str]:
    for node in nodes:
        name, children = (node, []) if isinstance(node, str) else (node["name"], node.get("children", []))
        yield f"{above}{name}"
        yield from tree_paths(children, f"{above}{name}/")


def links(revision: Revision) -> list[tuple[str, str]]:
    """Code and anchor of every article that the revision points at, by link or by branch."""
    found = re.findall(r"\]\((KB-\d{6})(?:#([\w-]+))?\)", revision.body)
    goes = [b["go"] for s in revision.meta.get("steps", []) for b in s.get("branches", [])]
    return found + [(go, "") for go in goes if go.startswith("KB-")]


@cache
def queries() -> tuple[dict[str, Any], ...]:
    text = (ROOT / "tests/data/seed_queries.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def bigrams(text: str) -> set[str]:
    plain = "".join(re.findall(r"\w", text.lower()))
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
