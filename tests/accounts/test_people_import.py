"""Import of people: dry run, errors by row, all or nothing, twice is once."""

import io

import pytest
import xlsxwriter
from fastapi.testclient import TestClient

HEADS = "工号,姓名,班组,站点,地区,角色,群组,技能组,分机,口令"
GOOD = f"""{HEADS}
3127,林晓雯,宽带一班,南湾,广东/深圳,坐席、编辑,全员,宽带,asterisk:8027；fs:1003,南湾-right-horse-7
3128,周志强,,,,坐席,,,,
"""


def send(admin: TestClient, data: str | bytes, *, dry_run: bool = False, name: str = "people.csv"):
    body = data.encode() if isinstance(data, str) else data
    return admin.post("/api/v1/users/import", files={"file": (name, body)}, data={"dry_run": str(dry_run)})


def test_a_dry_run_says_what_would_happen_and_does_nothing(admin: TestClient) -> None:
    report = send(admin, GOOD, dry_run=True).json()
    assert report["done"] is False
    assert report["counts"] == {"create": 2}
    assert admin.get("/api/v1/users").json()["total"] == 1


def test_the_same_file_changes_nothing_the_second_time(admin: TestClient, client: TestClient) -> None:
    assert send(admin, GOOD).json()["counts"] == {"create": 2}
    user = admin.get("/api/v1/users/3127").json()
    assert user["roles"] == ["agent", "author"]
    assert user["extensions"] == {"asterisk": "8027", "fs": "1003"}
    assert client.post("/login", data={"login": "3127", "password": "南湾-right-horse-7"}).status_code == 303
    assert send(admin, GOOD).json()["counts"] == {"same": 2}
    assert admin.get("/api/v1/users/3127").json()["version"] == user["version"]


def test_missing_columns_stay_and_empty_cells_empty(admin: TestClient) -> None:
    send(admin, GOOD)
    report = send(admin, "工号,姓名,班组,站点\n3127,林晓雯,,东城\n").json()
    assert report["counts"] == {"update": 1}
    assert report["lines"][0]["changes"] == ["班组", "站点"]
    user = admin.get("/api/v1/users/3127").json()
    assert (user["team"], user["site"], user["region"]) == ("", "东城", "广东/深圳")


def test_one_bad_row_holds_everything_and_every_bad_row_is_named(admin: TestClient) -> None:
    rows = [
        "3127,好人,,,,坐席,,,,",
        "31 28,空格,,,,,,,,",
        "3129,,,,,,,,,",
        "3130,角色,,,,大王,,,,",
        "3131,群组,,,,,没有的,,,",
        "3132,地区,,,广东/深圳/南山,,,,,",
        "3133,分机,,,,,,,8027,",
        "3134,口令,,,,,,,,123",
        "3127,重复,,,,,,,,",
    ]
    report = send(admin, "\n".join([HEADS, *rows])).json()
    assert report["done"] is False
    told = {line["number"]: "；".join(line["errors"]) for line in report["lines"] if line["errors"]}
    assert set(told) == set(range(3, 11))
    for number, words in {
        3: "工号只能用",
        4: "请填写姓名",
        5: "没有角色 大王",
        6: "没有这个群组：没有的",
        7: "地区写作",
        8: "分机写作",
        9: "密码至少 10 位",
        10: "工号与第 2 行重复",
    }.items():
        assert words in told[number]
    assert admin.get("/api/v1/users").json()["total"] == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "空"),
        ("工号,姓名\n", "文件里没有人员"),
        ("工号\n1\n", "缺少表头：姓名"),
        ("工号,姓名,工资\n1,a,2\n", "不认识的表头：工资"),
        (b"\xd0\xcf\x11\xe0old", "另存为"),
        (b"\x00\x01\x02", "读不出"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_in_words(
    admin: TestClient, data: str | bytes, told: str
) -> None:
    answer = send(admin, data)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    body = data.encode() if isinstance(data, str) else data
    page = admin.post("/users/import", files={"file": ("people.csv", body)})
    assert page.status_code == 422
    assert told in page.text


@pytest.mark.parametrize("charset", ["utf-8-sig", "gb18030"])
def test_the_page_checks_first_and_takes_the_same_rows_without_the_file(
    admin: TestClient, charset: str
) -> None:
    page = admin.post("/users/import", files={"file": ("people.csv", GOOD.encode(charset))})
    assert page.status_code == 200
    assert "新增 2" in page.text
    assert "林晓雯" in page.text
    content = page.text.split('name="content" value="')[1].split('"')[0].replace("&#34;", '"')
    assert admin.post("/users/import/take", data={"content": content}).headers["location"] == "/users"
    assert admin.get("/api/v1/users").json()["total"] == 3
    assert admin.post("/users/import/take", data={"content": "{"}).status_code == 422


def test_a_workbook_is_read_too(admin: TestClient) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([["工号", "姓名"], [3127, "林晓雯"]]):
            sheet.write_row(n, 0, row)
    assert send(admin, out.getvalue(), name="people.xlsx").json()["counts"] == {"create": 1}
    assert admin.get("/api/v1/users/3127").json()["name"] == "林晓雯"


def test_the_template_can_be_imported_as_it_is(admin: TestClient) -> None:
    template = admin.get("/users/import/template.csv").content
    assert send(admin, template, dry_run=True).json()["counts"] == {"create": 1}
