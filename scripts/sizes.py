"""Print files and functions that are long enough to be looked at again (they fail nothing)."""

import ast
from pathlib import Path

FILE_LINES, FUNCTION_LINES = 400, 40


def main() -> None:
    """One line an outlier, longest first."""
    found: list[tuple[int, str]] = []
    for path in sorted(path for top in ("kms", "indexer", "web") for path in Path(top).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > FILE_LINES:
            found.append((lines, f"{path}"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > FUNCTION_LINES:
                    found.append((length, f"{path}:{node.lineno} {node.name}"))
    for length, place in sorted(found, reverse=True):
        print(f"   {length:4} lines  {place}")  # noqa: T201 - the script's product


main()
