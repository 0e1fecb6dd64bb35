"""Import and export: dry run, precise faults, all or nothing, twice is once, lossless there and back."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from kms.cli.seed import seed_folder

Kms = Callable[..., Result]
CATEGORY = "服务规范/服务用语"


def _lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def _count(data: Path, table: str) -> int:
    with sqlite3.connect(data / "kms.sqlite3") as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(count)


def test_a_dry_run_reports_and_writes_nothing(kms: Kms, centre: Path, tmp_path: Path) -> None:
    file = _lines(tmp_path / "faq.jsonl", {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。"})
    result = kms("import", file, "--as", "A9001", "--publish", "--category", CATEGORY, "--dry-run")
    assert "Would import: 1 new, 0 changed, 0 unchanged" in result.output
    assert _count(centre, "article") == 0


def test_faults_name_the_row_and_nothing_is_half_imported(kms: Kms, centre: Path, tmp_path: Path) -> None:
    file = _lines(
        tmp_path / "faq.jsonl",
        {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。"},
        {"id": "2", "title": "地址在哪", "text": "见官网。", "category": "没有/这个"},
        {"id": "3", "title": "口径太长", "text": "。", "summary": "长" * 121},
    )
    result = kms("import", file, "--as", "A9001", "--publish", "--category", CATEGORY, status=1)
    assert "第 2 行" in result.output
    assert "没有分类“没有/这个”" in result.output
    assert "第 3 行" in result.output
    assert "超过 120 个字符" in result.output
    assert _count(centre, "article") == 0


def test_importing_twice_changes_nothing_and_a_changed_row_becomes_a_revision(
    kms: Kms, centre: Path, tmp_path: Path
) -> None:
    command = ("--as", "A9001", "--publish", "--category", CATEGORY)
    file = _lines(tmp_path / "faq.jsonl", {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。"})
    assert "1 new" in kms("import", file, *command).output
    assert "0 new, 0 changed, 1 unchanged" in kms("import", file, *command).output
    _lines(file, {"id": "1", "title": "发票怎么开", "text": "登录 App 或到营业厅申请。"})
    assert "0 new, 1 changed, 0 unchanged" in kms("import", file, *command).output
    assert (_count(centre, "article"), _count(centre, "revision")) == (1, 2)


def test_import_without_publish_waits_for_approval_as_one_bundle(
    kms: Kms, centre: Path, tmp_path: Path
) -> None:
    file = _lines(
        tmp_path / "faq.jsonl",
        {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。", "summary": "您登录 App 就能开。"},
        {"id": "2", "title": "发票抬头", "text": "可以改。", "summary": "可以改，一次。"},
    )
    kms("import", file, "--as", "A2001", "--category", CATEGORY)
    with sqlite3.connect(centre / "kms.sqlite3") as connection:
        rows = connection.execute("SELECT approval, publication, bundle FROM revision").fetchall()
    connection.close()
    assert {row[:2] for row in rows} == {("submitted", "none")}
    assert len({row[2] for row in rows}) == 1


def test_publishing_needs_its_own_permission(kms: Kms, centre: Path, tmp_path: Path) -> None:
    file = _lines(tmp_path / "faq.jsonl", {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。"})
    result = kms("import", file, "--as", "A2001", "--publish", "--category", CATEGORY, status=1)
    assert "没有这项操作的权限" in result.output
    assert _count(centre, "article") == 0


def test_an_import_and_its_lack_of_approval_are_on_record(kms: Kms, centre: Path, tmp_path: Path) -> None:
    file = _lines(tmp_path / "faq.jsonl", {"id": "1", "title": "发票怎么开", "text": "登录 App 申请。"})
    kms("import", file, "--as", "A9001", "--publish", "--category", CATEGORY, "--source", "oldwiki")
    with sqlite3.connect(centre / "kms.sqlite3") as connection:
        (route, approval) = connection.execute("SELECT route, approval FROM revision").fetchone()
        (after,) = connection.execute(
            "SELECT after FROM audit_record WHERE action = 'article.import'"
        ).fetchone()
    connection.close()
    assert (route, approval) == ("imported", "not_required")
    assert json.loads(after)["source"] == "oldwiki"


def test_export_then_import_is_lossless(kms: Kms, centre: Path, tmp_path: Path) -> None:
    kms("import", seed_folder(), "--as", "A9001", "--publish", "--source", "seed")
    first, second = tmp_path / "first", tmp_path / "second"
    assert "30 articles written" in kms("export", first).output
    unchanged = kms("import", first, "--as", "A9001", "--publish", "--source", "seed")
    assert "0 new, 0 changed, 30 unchanged" in unchanged.output
    kms("export", second)
    assert _tree(first) == _tree(second)
    assert any(name.endswith(".png") for name in _tree(first))


def test_an_export_can_start_another_centre(kms: Kms, centre: Path, tmp_path: Path) -> None:
    kms("import", seed_folder(), "--as", "A9001", "--publish", "--source", "seed")
    kms("export", tmp_path / "first")
    with sqlite3.connect(centre / "kms.sqlite3") as connection:
        for table in ("article_link", "revision", "article"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM outbox")
    connection.close()
    assert "30 new" in kms("import", tmp_path / "first", "--as", "A9001", "--publish").output
    kms("export", tmp_path / "second")
    assert _tree(tmp_path / "first").keys() == _tree(tmp_path / "second").keys()
    text = (tmp_path / "second/KB-000103/KB-000103.md").read_text(encoding="utf-8")
    assert "title: 宽带上不了网的排查步骤" in text


def test_export_refuses_a_folder_with_something_in_it(kms: Kms, centre: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    assert "is not empty" in kms("export", tmp_path / "full", status=1).output


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
