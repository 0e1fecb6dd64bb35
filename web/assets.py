"""Static files under one content hash: `/static/<hash>/…` never changes, so browsers keep it for good.

The hash covers the whole folder, so that ES modules that import each other by relative path stay together.
"""

import re
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
MOUNT = "/static"
FOREVER = "public, max-age=31536000, immutable"


def _fingerprint(root: Path) -> str:
    digest = sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _fingerprint(STATIC)


def asset(path: str) -> str:
    """The address of a file in `web/static`. Raises FileNotFoundError for a name that does not exist."""
    if not (STATIC / path).is_file():
        raise FileNotFoundError(path)
    return f"{MOUNT}/{VERSION}/{path}"


def sprite() -> Markup:
    """The icon symbols, to be inlined once after <body>."""
    return _SPRITE


def icon_names() -> list[str]:
    """What `ui.icon` may draw."""
    return re.findall(r'<symbol id="i-([^"]+)"', _SPRITE)


def _read_sprite() -> Markup:
    source = (STATIC / "icons.svg").read_text("utf-8")
    symbols = source[source.index("<symbol") : source.rindex("</svg>")]
    return Markup('<svg class="vh" aria-hidden="true">{}</svg>').format(Markup(symbols))  # noqa: S704 - our own file


_SPRITE = _read_sprite()


class HashedStatic(StaticFiles):
    """Serves `<hash>/path` and `path`; only the hashed address may be cached without asking."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        head, _, rest = path.partition("/")
        hashed = head == VERSION
        response = await super().get_response(rest if hashed else path, scope)
        response.headers["Cache-Control"] = FOREVER if hashed else "no-cache"
        return response
