"""Commands run as a user runs them, on an installation of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kms.cli import app
from kms.cli.centre import load_centre
from kms.cli.console import using_database
from kms.cli.seed import seed_folder
from kms.db.session import writing
from kms.settings import get_settings

Kms = Callable[..., Result]


@pytest.fixture
def kms(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kms]:
    """`kms("import", folder, "--as", "A9001")`; fails the test unless the status is `status`."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/models").symlink_to(models)
    monkeypatch.setenv("KMS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KMS_DEMO", "true")
    monkeypatch.setenv("KMS_DEMO_PASSWORD", "only-for-this-test")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object, status: int = 0) -> Result:
        get_settings.cache_clear()
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == status, result.output
        return result

    yield run
    get_settings.cache_clear()


@pytest.fixture
def centre(kms: Kms, tmp_path: Path) -> Path:
    """An installation with people and categories and no articles; its data directory."""
    kms("migrate")
    with using_database(get_settings()) as engine, writing(engine) as session:
        load_centre(session, seed_folder() / "_centre", "")
    return tmp_path / "data"
