"""Uploaded tables (CSV, XLSX) as rows of strings, and CSV that a spreadsheet opens without running it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kms.accounts.spreadsheet import Row, TableError, read_xlsx

__all__ = ["CHARSETS", "MAX_ROWS", "Row", "Table", "TableError", "read_table", "records", "write_csv"]

MAX_ROWS = 20_000
CHARSETS = ("utf-8", "gb18030", "big5")
"""What a person may choose when the guess shows nonsense: Big5 reads as GB18030 without an error."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table(NamedTuple):
    """Rows that are not blank, with the line numbers of the file; `charset` is `None` for a workbook."""

    rows: tuple[Row, ...]
    charset: str | None


def read_table(data: bytes, filename: str, charset: str | None = None, max_rows: int = MAX_ROWS) -> Table:
    """Read by content, not by name. Raises `TableError` with a Chinese sentence and, if known, the row."""
    if data.startswith(_OLD_OFFICE):
        raise TableError(f"“{filename}”是旧版或加密的 Excel 文件，请另存为 .xlsx 或 .csv 后再上传")
    if data.startswith(_ZIP):
        return Table(_kept(read_xlsx(data), max_rows), None)
    text, used = _decoded(data, charset)
    return Table(_kept(_csv_rows(text), max_rows), used)


def records(table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the heading row, as (row number, cells by heading)."""
    if not table.rows:
        raise TableError("表格是空的")
    number, headings = table.rows[0]
    if twice := sorted({name for name in headings if name and headings.count(name) > 1}):
        raise TableError(f"表头“{twice[0]}”重复", number)
    for row in table.rows[1:]:
        if len(row.cells) > len(headings):
            raise TableError("单元格比表头多，是否有逗号没有加引号？", row.number)
        cells = [*row.cells, *[""] * (len(headings) - len(row.cells))]
        yield row.number, {name: cell for name, cell in zip(headings, cells, strict=True) if name}


def write_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; cells that would run as formulas get a leading '."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float)
    return "'" + text if text.startswith(_FORMULA) and not is_number else text


def _decoded(data: bytes, charset: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if charset is not None and charset not in CHARSETS:
        raise TableError(f"不支持的文字编码“{charset}”")
    for name in [charset or marked] if charset or marked else ["utf-8", "gb18030"]:
        try:
            text = data.decode(str(name))
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.removeprefix("\ufeff"), str(name).removesuffix("-sig")
    raise TableError("读不出这个文件的文字，请另存为 UTF-8 编码的 CSV，或换一种编码再试")


def _csv_rows(text: str) -> Iterator[Row]:
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, tuple(cell.strip() for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError("引号不成对或单元格过长", line) from error


def _kept(rows: Iterable[Row], max_rows: int) -> tuple[Row, ...]:
    kept: list[Row] = []
    for row in rows:
        if any(row.cells):
            kept.append(row)
        if len(kept) > max_rows + 1:
            raise TableError(f"最多 {max_rows} 行（不含表头），请分成几个文件", row.number)
    return tuple(kept)
