"""The sample knowledge is whole: its form, its references, who may follow them, its figures, its queries."""

import re
from collections import Counter, defaultdict

import pytest

from tests.seed_articles.seed_reading import (
    SEED,
    TODAY,
    Revision,
    articles,
    bigrams,
    centre,
    links,
    queries,
    revisions,
    tree_paths,
)

NEEDED = {"code", "revision", "kind", "title", "category", "questions", "summary", "audience", "owner"}
NEEDED |= {"effective_from", "published_at", "source", "applies_when", "not_when", "ask_first", "tags"}
KNOWN = NEEDED | {"products", "regions", "effective_to", "review_by", "change_note", "major", "steps"}
KNOWN |= {"attachments"}
KINDS = {"qa", "procedure", "policy", "product", "script"}
MOMENT = re.compile(r"20\d\d-[01]\d-[0-3]\d( [0-2]\d:[0-5]\d)?")

# What two or more articles say must be one figure: pattern in today's texts, value.
FIGURES = {
    "光猫押金": (r"光猫押金[ |]*(\d+) 元", "100"),
    "机顶盒押金": (r"机顶盒(?:另收)?押金 ?(\d+) 元", "80"),
    "基础包免费的速率": (r"(\d+)M 及以上[^。\n]{0,12}?免费", "500"),
    "500M 广东包年": (r"500M 包年，付 (\d+) 元|\| 500M \| 89 \| 979 \| (\d+)", "890"),
    "上海调测费": (r"调测费 \| [^|\n]*\| (\d+) 元|重收 (\d+) 元", "80"),
    "城区故障修复": (r"故障(?:修复 \|)? (\d+) 小时|城区 (\d+) 小时内(?:修好|师傅上门帮)", "24"),
    "城区装移机": (r"(?:装机移机|城区) (\d+) 小时(?:、故障|、乡镇|内师傅上门装好)", "48"),
    "迟到赔付": (r"迟到超过 30 分钟[^\n]{0,20}?(\d+) 元话费", "20"),
    "修复超时退费天数": (r"每超时 1 天[^\n]{0,20}?退 (\d+) 天宽带费", "2"),
    "网速不达标退费": (r"当月宽带费的 (\d+)%", "50"),
    "解约违约金比例": (r"月费 × (\d+)%", "30"),
    "套餐外流量": (r"(\d+) 元/GB", "3"),
    "副卡月费": (r"每张 ?(\d+) 元/月", "10"),
    "停机保号": (r"停机保号[^。\n]{0,16}?(\d+) 元", "5"),
    "在网满": (r"在网[^\n]{0,24}?满 (\d+) 天", "120"),
    "授权码": (r"(\d+) 分钟内?有效", "60"),
    "补卡后限制": (r"补卡(?:\]\(KB-000302\))?后 (\d+) 小时内", "24"),
    "欠费停机日": (r"(\d+) 日 ?(?:0 点|零点)起?欠费停机", "26"),
    "复机": (r"(\d+) 分钟内(?:自动)?(?:复机|恢复)", "30"),
    "投诉答复": (r"(?:一般|登记[^。\n]{0,6}?) ?(\d+) 小时内(?:答复|回电|回复)", "48"),
    "首次联系": (r"(\d+) 小时内(?:专人|一定有人)?联系您", "2"),
    "退一赔一期限": (r"(\d+) 天(?:以内|内)(?: \||的退)", "180"),
    "退到话费账户": (r"话费账户[^。\n]{0,8}?(\d+) 个工作日|(\d+) 个工作日(?:内退到您的|进)话费账户", "2"),
    "原渠道退款": (r"(?:原支付渠道|核准后)[^。\n]{0,6}?(\d+) 个工作日", "7"),
    "错号更正": (r"(\d+) 个工作日内?(?:更正|改好)", "1"),
}


def where(r: Revision) -> str:
    return str(r.path.relative_to(SEED))


def members(line: str) -> set[str]:
    return set(next(c["members"] for c in centre("categories") if c["name"] == line))


def test_there_are_thirty_articles_of_every_kind():
    kinds = Counter(r.meta["kind"] for r in articles().values())
    assert len(articles()) >= 30
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 3


def test_revisions_are_numbered_and_named_by_their_file():
    numbers = defaultdict(list)
    for r in revisions():
        numbers[r.code].append(r.number)
        stem = re.fullmatch(r"(KB-\d{6})-[a-z0-9-]+(?:@(\d+))?", r.path.stem)
        assert stem, where(r)
        assert stem.groups("1") == (r.code, str(r.number)), where(r)
    assert all(sorted(n) == list(range(1, len(n) + 1)) for n in numbers.values())


def test_four_policies_have_a_past_and_one_has_a_known_future():
    policies = Counter(r.code for r in revisions() if r.meta["kind"] == "policy")
    assert sum(n >= 2 for n in policies.values()) >= 4
    coming = [r for r in revisions() if r.meta["effective_from"] > TODAY >= r.meta["published_at"]]
    assert coming


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_front_matter_is_complete_and_known(r: Revision):
    assert set(r.meta) >= NEEDED
    assert set(r.meta) <= KNOWN
    assert r.meta["kind"] in KINDS
    assert r.number == 1 or r.meta["change_note"]
    assert ("steps" in r.meta) == (r.meta["kind"] == "procedure")
    moments = [
        r.meta[k] for k in r.meta.keys() & {"effective_from", "effective_to", "review_by", "published_at"}
    ]
    assert all(MOMENT.fullmatch(m) for m in moments)
    assert r.body.lstrip().startswith("## ")


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_summary_can_be_said_and_questions_are_several(r: Revision):
    summary = r.meta["summary"]
    assert 30 <= len(summary) <= 120
    assert summary.endswith(("。", "？"))
    assert "您" in summary
    assert len(set(r.meta["questions"])) >= 3


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_names_stand_in_the_centre(r: Revision):
    people = {p["id"]: p for p in centre("people")}
    assert r.meta["category"] in set(tree_paths(centre("categories")))
    assert set(r.meta.get("products", [])) <= {p["name"] for p in centre("products")}
    regions = {p.removeprefix("全国/") for p in tree_paths(centre("regions"))}
    assert set(r.meta.get("regions", [])) <= regions
    assert set(people[r.meta["owner"]]["groups"]) & members(r.line)
    assert r.groups <= {g["name"] for g in centre("groups")}
    assert r.groups or r.meta["audience"] in {"public", "internal"}


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_links_lead_to_something_that_the_reader_may_read(r: Revision):
    for code, anchor in links(r):
        assert code in articles(), code
        target = articles()[code]
        assert target.line == r.line, f"{code} stands in another business line"
        assert not target.groups or (r.groups and r.groups <= target.groups), code
        if anchor:
            assert int(anchor.removeprefix("step-")) <= len(target.meta["steps"])


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_attachments_exist_and_are_used(r: Revision):
    used = set(re.findall(r"\]\((attachments/[^)]+)\)", r.body))
    assert used == set(r.meta.get("attachments", []))
    assert all((r.path.parent / a).stat().st_size > 0 for a in used)


@pytest.mark.parametrize("r", revisions(), ids=where)
def test_tables_have_as_many_cells_in_every_row(r: Revision):
    for table in re.findall(r"(?:^\|.*\n)+", r.body, re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


@pytest.mark.parametrize("r", [r for r in revisions() if "steps" in r.meta], ids=where)
def test_every_step_is_reached_and_leads_on(r: Revision):
    steps = r.meta["steps"]
    assert 5 <= len(steps) <= 8
    reached, ahead = {1}, [1]
    while ahead:
        step = steps[ahead.pop() - 1]
        assert step["branches"]
        assert set(step) <= {"text", "say", "figures", "branches"}
        new = {int(b["go"]) for b in step["branches"] if b["go"].isdigit()} - reached
        reached |= new
        ahead += new
        assert all(b["go"].isdigit() or b["go"] in {"end", *articles()} for b in step["branches"])
    assert reached == set(range(1, len(steps) + 1))


@pytest.mark.parametrize("name", FIGURES)
def test_articles_agree_on(name: str):
    pattern, value = FIGURES[name]
    said = {
        r.code: {g for m in re.finditer(pattern, r.spoken) for g in m.groups() if g}
        for r in articles().values()
    }
    saying = {code: values for code, values in said.items() if values}
    assert len(saying) >= 2, saying
    assert all(values == {value} for values in saying.values()), saying


def test_people_cover_all_roles_and_every_rule_can_be_decided():
    people = {p["id"]: p for p in centre("people")}
    roles = {role for p in people.values() for role in p["roles"]}
    assert roles == {"agent", "author", "reviewer", "expert", "trainer", "supervisor", "admin"}
    regions = {p.removeprefix("全国/") for p in tree_paths(centre("regions"))}
    groups = {g["name"] for g in centre("groups")}
    assert all(p["region"] in regions and set(p["groups"]) <= groups for p in people.values())
    for line in centre("categories"):
        able = [p for p in people.values() if set(p["groups"]) & set(line["members"])]
        for stage in stages(line):
            named = set(stage.get("people", []))
            may = [p for p in able if p["id"] in named or stage.get("role") in p["roles"]]
            assert len(may) >= int(stage["needed"]), (line["name"], stage)


def stages(category: dict) -> list[dict]:
    own = category.get("rule", {}).get("stages", [])
    return own + [s for child in category.get("children", []) for s in stages(child)]


def test_queries_are_many_and_every_article_is_asked_for():
    assert len(queries()) >= 90
    assert len({q["id"] for q in queries()}) == len({q["text"] for q in queries()}) == len(queries())
    best = Counter(code for q in queries() for code, grade in q["relevant"].items() if grade == 2)
    assert set(best) == set(articles())
    assert min(best.values()) >= 3
    assert all(set(q["relevant"].values()) <= {1, 2} for q in queries())
    assert {code for q in queries() for code in q["relevant"]} <= set(articles())


def test_queries_do_not_repeat_the_articles_words():
    known = [(t, bigrams(t)) for r in revisions() for t in (r.meta["title"], *r.meta["questions"])]
    for q in queries():
        own = bigrams(q["text"])
        text, shared = max(((t, len(own & k) / len(own)) for t, k in known), key=lambda x: x[1])
        assert shared <= 0.6, (q["id"], q["text"], text)
