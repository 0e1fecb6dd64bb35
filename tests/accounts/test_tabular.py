import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from kms.accounts.tabular import Row, TableError, read_table, records, write_csv


def workbook(*rows: list[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                args = (day,) if isinstance(cell, date) else ()
                sheet.write(at, column, cell, *args)
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_a_csv_is_read_whatever_excel_saved_it_as(encoding: str, charset: str) -> None:
    data = "工号,姓名\r\n1001,张三\r\n\r\n1002, 李四 \r\n".encode(encoding)
    table = read_table(data, "人员.csv")
    assert table.charset == charset
    assert table.rows == (Row(1, ("工号", "姓名")), Row(2, ("1001", "张三")), Row(4, ("1002", "李四")))


def test_a_chosen_charset_is_taken() -> None:
    data = "工號,姓名\n1,陳大文\n".encode("big5")
    assert read_table(data, "a.csv").rows[0].cells != ("工號", "姓名")
    assert read_table(data, "a.csv", "big5").rows[1].cells == ("1", "陳大文")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_quoted_cells_keep_delimiters_and_line_breaks(delimiter: str) -> None:
    text = delimiter.join(["工号", "备注"]) + "\n" + delimiter.join(["1", f'"甲{delimiter}乙\n丙"']) + "\n2\n"
    table = read_table(text.encode(), "a.csv")
    assert [row.number for row in table.rows] == [1, 2, 4]
    assert table.rows[1].cells == ("1", f"甲{delimiter}乙\n丙")


def test_a_workbook_shows_cells_as_people_see_them() -> None:
    data = workbook(
        ["手机", "入职", "分数", "在岗"], [13800138000, date(2026, 11, 25), 1.5, True], [], ["007"]
    )
    table = read_table(data, "没有后缀")
    assert table.charset is None
    assert [row.number for row in table.rows] == [1, 2, 4]
    assert table.rows[1].cells == ("13800138000", "2026-11-25", "1.5", "TRUE")
    assert table.rows[2].cells[0] == "007"


def test_records_by_heading() -> None:
    table = read_table("工号,姓名\n1,张三\n2\n".encode(), "a.csv")
    assert list(records(table)) == [(2, {"工号": "1", "姓名": "张三"}), (3, {"工号": "2", "姓名": ""})]


SHEET = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xd0\xcf\x11\xe0....", "旧版或加密"),
        (b"PK\x03\x04 broken", "不是完整的 Excel"),
        (archive(hello=b"x"), "只能读 .xlsx"),
        (archive(**{"xl__workbook.xml": b"<a/>", "content.xml": b"<a/>"}), "只能读 .xlsx"),
        (archive(**{"xl__workbook.xml": b"<a/>", "x.xml": b" " * 60_000_000}), "超过 50 MB"),
        (archive(**{"xl__workbook.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "不是完整的 Excel"),
        (archive(**{"xl__workbook.xml": b"<a>"}), "已损坏"),
        (archive(**{"xl__workbook.xml": b"<a/>"}), "已损坏或加密"),
        (archive(**{"xl__workbook.xml": b"<a/>", "s.bin": SHEET % b""}), "不是完整的 Excel"),
        (b"\xff\xff\xff\xff", "读不出"),
        (b"a,b\x00c\n", "读不出"),
        (b'a,b\n1,"open\n', "第 2 行：引号不成对"),
    ],
)
def test_files_that_cannot_be_read_say_why(data: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_table(data, "表.xlsx")


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (1_048_575, 5), (3, 300)])
def test_two_cells_far_apart_do_not_take_the_process(row: int, column: int) -> None:
    rows: list[list[object]] = [["甲"]]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, rows[0][0])
        sheet.write(row, column, "乙")
    with pytest.raises(TableError, match="表格太大") as refusal:
        read_table(out.getvalue(), "a.xlsx")
    assert refusal.value.row == row + 1


def test_cells_without_references_are_counted_too() -> None:
    cells = SHEET % (b"<row>" + b"<c/>" * 300 + b"</row>")
    with pytest.raises(TableError, match="表格太大"):
        read_table(archive(**{"xl__workbook.xml": b"<a/>", "xl__worksheets__sheet1.xml": cells}), "a.xlsx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "表格是空的"),
        ("工号,工号\n1,2\n", "第 1 行：表头“工号”重复"),
        ("工号,姓名\n1,甲,乙\n", "第 2 行：单元格比表头多"),
    ],
)
def test_records_that_cannot_be_named_say_where(text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        list(records(read_table(text.encode(), "a.csv")))


def test_too_many_rows_are_refused() -> None:
    data = ("工号\n" + "1\n" * 11).encode()
    assert len(read_table(data, "a.csv", max_rows=11).rows) == 12
    with pytest.raises(TableError, match="最多 10 行"):
        read_table(data, "a.csv", max_rows=10)


def test_an_unknown_charset_is_refused() -> None:
    with pytest.raises(TableError, match="不支持的文字编码"):
        read_table(b"a", "a.csv", "utf-7")


def test_written_csv_runs_nothing_and_opens_in_excel() -> None:
    data = write_csv(
        [["工号", "备注"], [1001, "=1+1"], [-5, "+86"], [None, "@x"], [1.5, "-"], ["好", '"引", 号']]
    )
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines() == [
        "工号,备注",
        "1001,'=1+1",
        "-5,'+86",
        ",'@x",
        "1.5,'-",
        '好,"""引"", 号"',
    ]
    assert [row.cells for row in read_table(data, "a.csv").rows][1] == ("1001", "'=1+1")
