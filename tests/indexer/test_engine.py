import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.analysis.highlights import spans
from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.engines.embedded.engine import EmbeddedEngine, open_store
from indexer.models import ArticleDocuments, Filter, Query, Result, Schema, Versions
from tests.indexer import samples
from tests.indexer.conftest import SCHEMA, Opener
from tests.indexer.samples import ALL, article, document


@pytest.fixture
def filled(engine: EmbeddedEngine) -> EmbeddedEngine:
    engine.apply(ALL)
    engine.embed(ALL)
    return engine


def everything(result: Result) -> list[str]:
    return [hit.article for hit in (*result.hits, *result.nearest)]


def test_words_are_found_before_vectors_exist(engine: EmbeddedEngine) -> None:
    engine.apply(ALL)
    result = engine.search(Query("话费账单查询"))
    assert result.hits[0].article == "2"
    assert result.hits[0].parts.dense == 0
    assert result.hits[0].parts.bigrams > 0


def test_meaning_is_found_without_a_common_word(filled: EmbeddedEngine) -> None:
    result = filled.search(Query("去外国玩想用流量"))
    assert everything(result)[0] == "3"


def test_a_hit_says_where_and_why(filled: EmbeddedEngine) -> None:
    hit = filled.search(Query("報修 f8820")).hits[0]
    assert (hit.article, hit.document) == ("1", "1:1")
    assert hit.passage.anchor == "step-2"
    marked = [hit.passage.text[start:end] for start, end in hit.passage.highlights]
    assert "报修" in marked
    assert "F-8820" in marked
    assert 1 <= hit.strength <= 4


def test_a_title_is_marked_in_its_own_script(filled: EmbeddedEngine) -> None:
    hit = filled.search(Query("寬帶上網")).hits[0]
    assert [hit.title.text[a:b] for a, b in hit.title.highlights] == ["宽带", "上网"]


def test_filters_hold_in_both_halves_and_in_the_facets(filled: EmbeddedEngine) -> None:
    public = Filter(any_of={"audience": frozenset({"public"})})
    result = filled.search(Query("话费账单查询", filter=public))
    assert "2" not in everything(result)
    facets = filled.search(Query("怎么查话费账单")).facets
    assert facets["tag"] == {"账单": 1, "短信": 1}
    assert "internal" not in filled.search(Query("怎么查话费账单", filter=public)).facets["audience"]


def test_what_has_a_forbidden_value_is_left_out(filled: EmbeddedEngine) -> None:
    where = Filter(none_of={"category": frozenset({"资费", "没有这个"})})
    assert everything(filled.search(Query("账单 漫游 宽带", filter=where))) == ["1"]


@pytest.mark.parametrize(("moment", "visible"), [(99, False), (100, True), (199, True), (200, False)])
def test_ranges_are_half_open(filled: EmbeddedEngine, moment: int, visible: bool) -> None:
    where = Filter(ranges={"visible_from": (None, moment + 1), "visible_until": (moment + 1, None)})
    assert ("3" in everything(filled.search(Query("国际漫游", filter=where)))) is visible


def test_an_empty_set_allows_nothing(filled: EmbeddedEngine) -> None:
    where = Filter(any_of={"audience": frozenset()})
    assert everything(filled.search(Query("国际漫游", filter=where))) == []


def test_only_the_best_document_of_an_article_is_shown(engine: EmbeddedEngine) -> None:
    two = article(
        "9", 1, document("9:1", "退订流量包", "旧规定。"), document("9:2", "退订流量包", "新规定。")
    )
    engine.apply([two])
    engine.embed([two])
    result = engine.search(Query("退订流量包新规定"))
    assert [hit.document for hit in result.hits] == ["9:2"]


def test_an_upsert_replaces_all_documents(filled: EmbeddedEngine) -> None:
    filled.apply([article("2", 2, document("2:2", "积分兑换", "积分可以兑换话费。"))])
    assert filled.search(Query("电子账单 营业厅打印")).hits == ()
    assert filled.search(Query("积分兑换")).hits[0].document == "2:2"


def test_late_and_repeated_writes_never_go_backwards(filled: EmbeddedEngine) -> None:
    filled.apply([article("2", 5, document("2:5", "积分兑换"))])
    filled.apply([samples.BILL])
    filled.apply([article("2", 5, document("2:5", "积分兑换"))])
    filled.embed([samples.BILL])
    assert filled.versions()["2"] == Versions(5, -1)
    assert [hit.document for hit in filled.search(Query("积分兑换")).hits] == ["2:5"]


def test_the_newest_of_one_batch_wins(engine: EmbeddedEngine) -> None:
    engine.apply([article("1", 3, document("1:3", "新标题")), article("1", 2, document("1:2", "旧标题"))])
    assert engine.versions() == {"1": Versions(3, -1)}
    assert engine.search(Query("新标题")).hits[0].document == "1:3"


def test_a_deleted_article_stays_deleted(engine: EmbeddedEngine, open_at: Opener, tmp_path: Path) -> None:
    with engine.rebuild() as feed:
        feed.apply(ALL)
    engine.apply([ArticleDocuments("2", 2)])
    engine.close()
    again = open_at(tmp_path / "index")
    again.apply([samples.BILL])
    assert again.versions()["2"] == Versions(2, 2)
    assert "2" not in everything(again.search(Query("话费账单查询")))


def test_vectors_may_come_before_words(engine: EmbeddedEngine) -> None:
    engine.embed(ALL)
    assert engine.versions() == {}
    engine.apply(ALL)
    assert engine.versions()["1"] == Versions(1, 1)


def test_a_document_without_the_schemas_numbers_is_refused_whole(engine: EmbeddedEngine) -> None:
    bad = article("7", 1, document("7:1", "坏的", numbers={"visible_from": 1}))
    with pytest.raises(ValueError, match="visible_until"):
        engine.apply([samples.BILL, bad])
    assert engine.versions() == {}


def test_completion_finds_titles_and_questions_by_prefix(filled: EmbeddedEngine) -> None:
    found = filled.complete("家里", Filter(), 5)
    assert [(one.article, one.text, one.kind) for one in found] == [("1", "家里上不了网怎么办", "question")]
    assert [one.text for one in filled.complete("話費", Filter(), 5)] == ["话费账单查询"]
    public = Filter(any_of={"audience": frozenset({"public"})})
    assert filled.complete("话费", public, 5) == ()
    assert filled.complete("  ", Filter(), 5) == ()


def test_near_duplicates_are_most_alike(filled: EmbeddedEngine) -> None:
    text = "话费账单查询：客户可以发送 ZD 到 10086 查询电子账单，也可以在营业厅打印纸质账单。"
    first, *others = filled.similar(text, Filter(), 3)
    assert first.article == "2"
    assert first.words > 0.7
    assert all(other.score < first.score - 0.2 for other in others)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x01", "\ud800", "😀👍", "长" * 10_000, "a" * 10_000, "a b " * 2500,
     'title:"宽带" AND (话费 OR *) -x^2 [a TO b] ~', "'; DROP TABLE x; --", "\\", "?!。，", "\u200b\ufeff"],
)  # fmt: skip
def test_no_text_breaks_a_search(filled: EmbeddedEngine, text: str) -> None:
    assert len(everything(filled.search(Query(text)))) <= 3
    filled.complete(text, Filter(), 5)
    filled.similar(text, Filter(), 5)


def test_odd_documents_can_be_stored(engine: EmbeddedEngine) -> None:
    odd = [
        article("a", 1, document("a:1", "", "")),
        article("b", 1, document("b:1", "\x00\ud800坏字符", "😀" * 3000)),
        article("c", 1, document("c:1", "很长", "长文" * 20_000)),
    ]
    engine.apply(odd)
    engine.embed(odd)
    assert engine.search(Query("坏字符")).hits[0].article == "b"


def test_a_restart_keeps_everything(open_at: Opener, tmp_path: Path) -> None:
    first = open_at(tmp_path / "index")
    assert first.stale
    with first.rebuild() as feed:
        feed.apply(ALL)
        feed.embed(ALL)
    assert not first.stale
    before = first.search(Query("家里上不了网"))
    first.close()
    again = open_at(tmp_path / "index")
    assert not again.stale
    after = again.search(Query("家里上不了网"))
    assert (after.hits, after.nearest) == (before.hits, before.nearest)
    assert again.versions() == first.versions()


def test_another_schema_makes_the_index_stale_and_empty(open_at: Opener, tmp_path: Path) -> None:
    first = open_at(tmp_path / "index")
    with first.rebuild() as feed:
        feed.apply(ALL)
    first.close()
    other = open_at(tmp_path / "index", Schema(keywords=("category",)))
    assert other.stale
    assert other.versions() == {}


def test_another_analysis_still_serves_until_it_is_rebuilt(open_at: Opener, tmp_path: Path) -> None:
    first = open_at(tmp_path / "index")
    with first.rebuild() as feed:
        feed.apply(ALL)
    first.close()
    stamp = next((tmp_path / "index").glob("generations/*/stamp"))
    stamp.write_text(stamp.read_text().replace("views-", "views-older-"))
    other = open_at(tmp_path / "index")
    assert other.stale
    assert other.search(Query("话费账单查询")).hits[0].article == "2"


def test_writes_during_a_rebuild_are_not_lost(filled: EmbeddedEngine) -> None:
    with filled.rebuild() as feed:
        filled.apply([article("2", 2, document("2:2", "积分兑换"))])
        feed.apply(ALL)
        assert filled.search(Query("积分兑换")).hits[0].document == "2:2"
    assert filled.versions()["2"].text == 2
    assert filled.search(Query("积分兑换")).hits[0].document == "2:2"


def test_a_failed_rebuild_leaves_nothing_behind(filled: EmbeddedEngine, tmp_path: Path) -> None:
    before = sorted((tmp_path / "index" / "generations").iterdir())
    with pytest.raises(ValueError, match="visible_until"), filled.rebuild() as feed:
        feed.apply([article("7", 1, document("7:1", "坏的", numbers={"visible_from": 1}))])
    assert sorted((tmp_path / "index" / "generations").iterdir()) == before
    assert filled.search(Query("话费账单查询")).hits[0].article == "2"


def test_a_torn_vector_file_is_repaired(open_at: Opener, tmp_path: Path) -> None:
    first = open_at(tmp_path / "index")
    with first.rebuild() as feed:
        feed.apply(ALL)
        feed.embed(ALL)
    first.close()
    vectors = next((tmp_path / "index" / "vectors").iterdir())
    vectors.write_bytes(vectors.read_bytes()[:-100])
    again = open_at(tmp_path / "index")
    waiting = [key for key, versions in again.versions().items() if versions.vectors < versions.text]
    assert len(waiting) == 1
    again.embed(ALL)
    assert all(versions.vectors == 1 for versions in again.versions().values())


def test_an_index_large_enough_is_whitened(engine: EmbeddedEngine) -> None:
    many = [
        article(str(n), 1, document(f"{n}:1", f"第{n}号套餐说明", f"{n}元套餐。含{n}分钟通话。"))
        for n in range(80)
    ]
    engine.apply(many)
    engine.embed(many)
    result = engine.search(Query("42元套餐含多少分钟", k=80))
    assert everything(result)[0] == "42"
    dense = [hit.parts.dense for hit in (*result.hits, *result.nearest)]
    assert min(dense) < 0 < max(dense)


def test_scores_are_plain_numbers(filled: EmbeddedEngine) -> None:
    hit = filled.search(Query("话费账单查询")).hits[0]
    json.dumps([hit.score, hit.parts.dense, hit.parts.words])


def test_searches_run_while_others_write(filled: EmbeddedEngine) -> None:
    with ThreadPoolExecutor(6) as pool:
        searches = [pool.submit(filled.search, Query(f"话费账单查询{n}")) for n in range(60)]
        for version in range(2, 8):
            batch = [article("3", version, document(f"3:{version}", f"第{version}版漫游资费", "漫游"))]
            pool.submit(filled.apply, batch)
            pool.submit(filled.embed, batch)
        found = [search.result().hits[0].article for search in searches]
    assert set(found) == {"2"}
    assert filled.versions()["3"].text == 7


def test_engines_that_share_a_store_embed_a_text_once(
    analyser: Analyser, embedder: E5Embedder, tmp_path: Path
) -> None:
    store = open_store(tmp_path, embedder)
    one, other = (
        EmbeddedEngine(tmp_path / name, SCHEMA, analyser, embedder, store) for name in ("one", "other")
    )
    one.embed(ALL)
    other.apply(ALL)
    assert all(versions.vectors == 1 for versions in other.versions().values())
    one.close()
    other.close()


def test_a_callers_own_words_find_and_small_talk_does_not(filled: EmbeddedEngine) -> None:
    asked = filled.search(Query("下礼拜去趟日本，手机到那边还能用吗，贵不贵"))
    assert asked.hits[0].article == "3"
    talk = filled.search(Query("今天天气怎么样"))
    assert (talk.hits, talk.found) == ((), 0)
    assert talk.nearest


def test_the_terms_mark_other_texts_of_the_article(filled: EmbeddedEngine) -> None:
    answer = "LOS 亮红灯说明光纤没通。"
    marked = spans(answer, filled.search(Query("光猫红灯一直闪")).terms)
    assert [answer[start:end] for start, end in marked] == ["红灯"]
