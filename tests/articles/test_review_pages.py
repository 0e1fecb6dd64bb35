"""审批 as a page: with htmx, and without any script."""

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.articles.desk import API, Desk

HTMX = {"HX-Request": "true"}


def _post(client: TestClient, url: str, htmx: bool = False, **data: Any) -> Response:
    return client.post(url, data=data, headers=HTMX if htmx else {})


def _followed(client: TestClient, response: Response) -> str:
    assert response.status_code == 303, response.text
    return client.get(response.headers["Location"]).text


def _second(desk: Desk, **fields: Any) -> str:
    """An article whose second revision is under review."""
    code = desk.published(body="拔插光纤，等 10 秒。\n\n- 看灯")
    desk.edit(code, **{"body": "轻拔光纤，等 15 秒。\n\n- 看灯\n- 报修", **fields})
    assert desk.submit(code).status_code == 201
    return code


def test_queue_shows_the_first_beside_it(desk: Desk):
    code = _second(desk)
    other = desk.draft(title="宽带断网")
    desk.submit(other)
    page = desk["judge"].get("/reviews").text
    assert page.index(f"{code} r2") < page.index(f"{other} r1")
    assert "<del>拔插</del><ins>轻拔</ins>光纤" in page
    assert "<li><ins>报修</ins></li>" in page
    assert 'data-key="J" aria-keyshortcuts="J Alt+J"' in page
    assert 'data-key="A"' in page


def test_views_of_one_text(desk: Desk):
    code = _second(desk)
    text = desk["judge"].get(f"/reviews/{code}/2?view=text").text
    assert "<del>" not in text
    assert "轻拔光纤，等 15 秒。" in text
    side = desk["judge"].get(f"/reviews/{code}/2?view=side").text
    assert 'class="diff"' in side
    assert desk["judge"].get(f"/reviews/{code}/2?view=nonsense").status_code == 422


def test_first_revision_has_no_marks(desk: Desk):
    code = desk.draft()
    desk.submit(code)
    page = desk["judge"].get(f"/reviews/{code}/1").text
    assert "新建" in page
    assert "<ins>" not in page
    assert "没有可以比较的版本" in desk["judge"].get(f"/reviews/{code}/1?view=side").text


def test_approving_goes_on_to_the_next(desk: Desk):
    code = _second(desk)
    other = desk.draft(title="宽带断网")
    desk.submit(other)
    response = _post(desk["judge"], f"/reviews/{code}/2/approve?tab=mine")
    assert response.headers["Location"] == f"/reviews/{other}/1?tab=mine"
    assert f"已通过 {code} r2" in _followed(desk["judge"], response)
    last = _post(desk["judge"], f"/reviews/{other}/1/approve?tab=mine", htmx=True)
    assert (last.status_code, last.headers["HX-Push-Url"]) == (200, "/reviews?tab=mine")
    assert "toast" in last.headers["HX-Trigger"]
    assert "没有等您审批的内容" in last.text
    assert "<html" not in last.text


def test_returning_needs_a_reason_and_keeps_what_was_typed(desk: Desk):
    code = _second(desk)
    refused = _post(
        desk["judge"], f"/reviews/{code}/2/return", htmx=True, comment=" ", quote="等 15 秒", field="body"
    )
    assert refused.status_code == 422
    assert "请写明退回原因" not in refused.text or 'value="等 15 秒"' in refused.text
    done = _post(
        desk["judge"], f"/reviews/{code}/2/return", comment="手册写 10 秒", quote="等 15 秒", field="body"
    )
    assert done.status_code == 303
    page = desk["writer"].get(f"/reviews/{code}/2").text
    assert "手册写 10 秒" in page
    assert "<sup>1</sup>" in page
    assert "已退回" in page
    assert desk["writer"].get(f"{API}/articles/{code}/draft").json()["content"]["body"].startswith("轻拔")


def test_remarks_are_numbered_and_resolved(desk: Desk):
    code = _second(desk)
    response = _post(
        desk["judge"], f"/reviews/{code}/2/comments", text="10 还是 15？", quote="等 15 秒", field="body"
    )
    page = _followed(desk["judge"], response)
    assert 'class="passage"' in page
    assert "1 条批注未解决" in page
    assert "解决" in desk["writer"].get(f"/reviews/{code}/2").text
    assert desk["agent1"].get(f"/reviews/{code}/2").status_code == 403
    resolved = _post(desk["writer"], f"/reviews/{code}/2/comments/1/resolve")
    assert "已解决" in _followed(desk["writer"], resolved)
    assert _post(desk["judge"], f"/reviews/{code}/2/comments", text="").status_code == 422


def test_who_may_not_decide_is_told_why(desk: Desk, stranger: TestClient):
    code = _second(desk)
    assert (
        "通过"
        not in desk["writer"]
        .get(f"/reviews/{code}/2")
        .text.split('class="actionbar"')[1]
        .split("</footer>")[0]
    )
    assert _post(desk["writer"], f"/reviews/{code}/2/approve").status_code == 403
    assert _post(stranger, f"/reviews/{code}/2/approve").status_code == 404
    assert stranger.get(f"/reviews/{code}/2").status_code == 404
    assert code not in stranger.get("/reviews?tab=all").text


def test_outdated_base_is_shown_before_and_refused(desk: Desk):
    code = _second(desk)
    desk.library.revise(code, body="期间发布的")
    page = desk["judge"].get(f"/reviews/{code}/2").text
    assert "依据的版本已过时" in page
    refused = _post(desk["judge"], f"/reviews/{code}/2/approve")
    assert refused.status_code == 409
    # Nothing of the refused decision is left.
    assert desk["judge"].get(f"{API}/articles/{code}/revisions/2/review").json()["refusal"] == ""


def test_handing_on_and_replacing(desk: Desk):
    code = _second(desk)
    done = _post(desk["judge"], f"/reviews/{code}/2/delegate", to="other")
    assert "已转交" in _followed(desk["judge"], done)
    assert code not in desk["judge"].get("/reviews").text
    page = _followed(
        desk["chief"], _post(desk["chief"], f"/reviews/{code}/2/replace", absent="other", to="chief")
    )
    assert "已更换审批人" in page
    assert _post(desk["judge"], f"/reviews/{code}/2/replace", absent="other", to="judge").status_code == 403


def test_withdrawing_from_the_page(desk: Desk):
    code = _second(desk)
    assert "撤销提交" in desk["writer"].get("/reviews?tab=submitted").text
    assert "文字回到草稿" in _followed(desk["writer"], _post(desk["writer"], f"/reviews/{code}/2/withdraw"))


def test_filters_replace_the_list_alone(desk: Desk):
    code = _second(desk)
    headers = HTMX | {"HX-Target": "queue"}
    found = desk["judge"].get(f"/reviews?category_id={desk.library.faults}&stage=", headers=headers)
    assert found.text.lstrip().startswith('<section class="rev-list"')
    assert code in found.text
    empty = desk["judge"].get(f"/reviews?category_id={desk.library.prices}", headers=headers)
    assert code not in empty.text
    assert desk["judge"].get("/reviews?category_id=abc&after=%00x").status_code == 422


def test_a_bundle_is_decided_together(desk: Desk):
    codes = [desk.draft(title=f"标题 {at}") for at in range(3)]
    for code in codes:
        desk.submit(code)
        desk.library.change(code, 1, bundle="b-1")
    page = desk["judge"].get("/reviews?bundle=b-1").text
    assert "通过这 3 条" in page
    items = [f"{code}/1" for code in codes]
    assert _post(desk["judge"], "/reviews/decide?bundle=b-1", verdict="approve").status_code == 422
    bad = _post(desk["judge"], "/reviews/decide?bundle=b-1", verdict="return", item=items)
    assert bad.status_code == 422
    done = _post(desk["judge"], "/reviews/decide?bundle=b-1", verdict="approve", item=items)
    assert "已通过 3 条" in _followed(desk["judge"], done)
