"""docs/settings.md lists exactly the settings that the code has, with their defaults."""

import re
from pathlib import Path

from pydantic import SecretStr

from kms.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def _documented() -> dict[str, str]:
    rows = re.findall(r"^\| `(KMS_\w+)` \| (\S+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def _in_code() -> dict[str, str]:
    return {f"KMS_{name.upper()}": _shown(field.default) for name, field in Settings.model_fields.items()}


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or "empty"


def test_every_setting_is_documented_with_its_default() -> None:
    assert _documented() == _in_code()
