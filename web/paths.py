"""Where to go after signing in: only places of our own."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request

HOME = "/"


def local_path(path: str) -> str:
    """`path` when it leads to a page of this site, else the first page.

    Refuses what a browser would take for another site: `//host`, `/\\host`, `https:…`, control characters.
    """
    parts = urlsplit(path)
    plain = path.isprintable() and "\\" not in path and not path.startswith("//")
    if not plain or not path.startswith("/") or parts.scheme or parts.netloc:
        return HOME
    return HOME if parts.path in {"/login", "/logout"} else path


def login_path(request: Request) -> str:
    """The log-in page that leads back to what `request` asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(wanted, safe='/')}" if wanted != HOME else "/login"
