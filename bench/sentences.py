"""What the benchmarks' articles are made of: sentences of the sample knowledge."""

import re
from pathlib import Path


def sentences() -> list[str]:
    """All different, in a fixed order."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path("seed_articles").rglob("*.md"))]
    found = {part.strip() for text in texts for part in re.split(r"[。！？\n|]", text)}
    return sorted(part for part in found if 8 <= len(part) <= 60 and re.search(r"[\u4e00-\u9fff]{4}", part))
