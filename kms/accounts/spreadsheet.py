"""The first sheet of an XLSX workbook as rows of strings, refused before it can take the memory."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

UNPACKED_MAX = 50_000_000
"""Bytes of all parts together: 194 kB once held 200 MB."""
CELLS_MAX = 2_000_000
"""Rows times columns. The reader lays out the whole rectangle: two cells far apart took 549 GB and the process."""
COLUMNS_MAX = 200

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class TableError(ValueError):
    """The file cannot be read; `row` counts from 1 as a spreadsheet shows it."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message if row is None else f"第 {row} 行：{message}")
        self.message, self.row = message, row


class Row(NamedTuple):
    number: int
    cells: tuple[str, ...]


def read_xlsx(data: bytes) -> Iterator[Row]:
    """All rows, blank ones too. Raises `TableError`."""
    _check(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise TableError("这个 Excel 文件已损坏或加密，请另存后再上传") from error
    for number, cells in enumerate(rows, start=1):
        yield Row(number, tuple(_text(cell) for cell in cells))


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # 13800138000, not 13800138000.0
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _check(data: bytes) -> None:
    try:
        with ZipFile(io.BytesIO(data)) as parts:
            _check_parts(parts)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TableError("这个文件不是完整的 Excel 文件") from error


def _check_parts(parts: ZipFile) -> None:
    names = parts.namelist()
    if "xl/workbook.xml" not in names or "content.xml" in names or "xl/workbook.bin" in names:
        raise TableError("只能读 .xlsx 和 .csv 文件，请另存后再上传")
    if sum(part.file_size for part in parts.infolist()) > UNPACKED_MAX:
        raise TableError(f"文件解压后超过 {UNPACKED_MAX // 1_000_000} MB，请分成几个文件")
    for name in names:
        content = parts.read(name)  # also holds the part to its declared size and checksum
        if name.endswith((".xml", ".rels", ".vml")):
            _Extent().read(content)
        elif b"sheetData" in content:
            raise TableError("这个文件不是完整的 Excel 文件")


class _Extent:
    """How far the cells of one part reach, counted as the reader counts them."""

    def __init__(self) -> None:
        self.row = self.column = self.last_row = self.last_column = 0

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise TableError("这个 Excel 文件已损坏，请另存后再上传") from error

    def _doctype(self, *_: object) -> None:
        raise TableError("这个文件不是完整的 Excel 文件")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            told = attributes.get("r", "")
            self.row, self.column = int(told) if told.isdecimal() else self.row + 1, 0
        elif kind == "c":
            self._cell(_REFERENCE.fullmatch(attributes.get("r", "")))
            self._hold()

    def _cell(self, told: re.Match[str] | None) -> None:
        if told is None:
            self.column += 1
            return
        self.row, self.column = int(told[2]), 0
        for letter in told[1]:
            self.column = self.column * 26 + ord(letter) - ord("A") + 1

    def _hold(self) -> None:
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if self.last_column > COLUMNS_MAX or self.last_row * self.last_column > CELLS_MAX:
            raise TableError("表格太大，或远处有多余的格子，请删除空行空列后再上传", self.row)
