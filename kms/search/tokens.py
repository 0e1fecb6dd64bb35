"""Lookup tokens: what a search has shown, signed, so that its outcome can be told without a stored row."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import zlib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from kms import clock
from kms.errors import Invalid
from kms.search.models import Lookup
from kms.settings import Settings

FILE = "secret-key"
LIFETIME = timedelta(days=7)


def sign(settings: Settings, lookup: Lookup) -> str:
    """A token that carries the whole lookup, as it would be stored."""
    body = zlib.compress(json.dumps(_values(lookup), ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return f"{_text(body)}.{_text(_mac(settings, body))}"


def read(settings: Settings, token: str) -> Lookup:
    """The lookup that a token carries; raises Invalid for one that is not ours or too old."""
    try:
        body, mac = (_bytes(part) for part in token.split("."))
    except (ValueError, binascii.Error):
        raise _refused() from None
    if not hmac.compare_digest(mac, _mac(settings, body)):
        raise _refused()
    lookup = _lookup(json.loads(zlib.decompress(body)))
    if lookup.at < clock.now() - LIFETIME:
        raise Invalid("这次检索已过去太久，请重新检索", {"token": "已过期"})
    return lookup


def _values(lookup: Lookup) -> dict[str, Any]:
    values = lookup.model_dump(exclude_defaults=True)
    moments = {name: value.isoformat() for name, value in values.items() if isinstance(value, datetime)}
    return values | moments


def _lookup(values: dict[str, Any]) -> Lookup:
    for name in ("at", "as_of", "known_at"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    return Lookup(**values)


def _refused() -> Invalid:
    return Invalid("检索凭证无效，请重新检索", {"token": "无效"})


def _mac(settings: Settings, body: bytes) -> bytes:
    return hmac.digest(signing_key(settings), body, hashlib.sha256)


def signing_key(settings: Settings) -> bytes:
    """From the settings, or a random one from the data directory that only its owner may read."""
    given = settings.secret_key.get_secret_value()
    return given.encode() if given else _stored_key(settings.data_dir / FILE)


@lru_cache
def _stored_key(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    return path.read_bytes()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
