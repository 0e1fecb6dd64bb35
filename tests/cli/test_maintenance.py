"""Backup, restore, doctor, people, keys."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from kms.cli.seed import seed_folder

Kms = Callable[..., Result]


def _dump(data: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(data / "kms.sqlite3") as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}
    connection.close()
    return rows


def test_a_backup_restores_every_row_and_file(
    kms: Kms, centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms("import", seed_folder(), "--as", "A9001", "--publish", "--source", "seed")
    kms("backup", tmp_path / "kms.tar.gz")
    monkeypatch.setenv("KMS_DATA_DIR", str(tmp_path / "other"))
    kms("restore", tmp_path / "kms.tar.gz")
    assert _dump(centre) == _dump(tmp_path / "other")
    stored = {path.name for path in (centre / "attachments").rglob("*") if path.is_file()}
    assert stored
    assert stored == {path.name for path in (tmp_path / "other/attachments").rglob("*") if path.is_file()}


def test_restore_refuses_what_is_no_backup_and_what_is_not_empty(
    kms: Kms, centre: Path, tmp_path: Path
) -> None:
    kms("backup", tmp_path / "kms.tar.gz")
    assert "not empty" in kms("restore", tmp_path / "kms.tar.gz", status=1).output
    (tmp_path / "text.tar.gz").write_text("nothing of the kind")
    assert "not a kms backup" in kms("restore", tmp_path / "text.tar.gz", status=1).output


def test_doctor_says_what_to_do_before_there_is_a_database(kms: Kms) -> None:
    assert "run kms migrate" in kms("doctor", status=1).output


def test_doctor_finds_a_fresh_installation_well(kms: Kms, centre: Path) -> None:
    kms("reindex")
    assert "agrees with the database" in kms("doctor").output


def test_doctor_warns_of_sample_people_in_production(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    kms("migrate")
    kms("seed")
    monkeypatch.setenv("KMS_DEMO", "false")
    assert "演示密码" in kms("doctor", status=1).output


def test_a_key_is_printed_alone_and_listed_without_its_secret(kms: Kms, centre: Path) -> None:
    words = ("--service", "crm", "--scope", "search", "--expires", "2030-01-01")
    key = kms("api-key", "create", *words).stdout.strip()
    assert key.startswith("kms_")
    assert "\n" not in key
    listed = kms("api-key", "list").output
    assert "crm" in listed
    assert key not in listed


def test_people_are_added_with_a_first_password(kms: Kms, centre: Path) -> None:
    words = ("--name", "新来的", "--role", "agent", "--group", "星海热线")
    assert len(kms("user", "add", "B1001", *words).stdout.strip()) >= 10
    assert "新来的" in kms("user", "list").output
    assert "已存在" in kms("user", "add", "B1001", *words, status=1).output


def test_sample_knowledge_is_loaded_once(kms: Kms) -> None:
    kms("migrate")
    assert "30 new" in kms("seed").output
    assert "0 new, 0 changed" in kms("seed").output
