"""A sentence that outlives one redirect: set with the redirect, shown once by the next page."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "kms_flash"
SECONDS = 60

Tone = Literal["good", "warn", "bad", "info"]
TONES: tuple[Tone, ...] = get_args(Tone)


@dataclass(frozen=True)
class Flash:
    text: str
    tone: Tone = "good"


def flash(response: Response, text: str, tone: Tone = "good") -> None:
    """Let the page after this redirect show `text` as a toast."""
    value = quote(json.dumps(asdict(Flash(text, tone))))
    response.set_cookie(COOKIE, value, max_age=SECONDS, httponly=True, samesite="lax")


def read(request: Request) -> Flash | None:
    """The sentence that waits to be shown, if any. A cookie that is not ours is ignored."""
    try:
        found = json.loads(unquote(request.cookies.get(COOKIE, "")))
        return Flash(str(found["text"]), next(tone for tone in TONES if tone == found["tone"]))
    except (ValueError, KeyError, TypeError, StopIteration):
        return None


def toast_header(text: str, tone: Tone = "good") -> dict[str, str]:
    """The response header with which an htmx answer shows a toast."""
    return {"HX-Trigger": json.dumps({"toast": asdict(Flash(text, tone))})}
