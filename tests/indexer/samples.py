"""A few articles of a service centre, as the engine gets them."""

from indexer.models import FOREVER, ArticleDocuments, Document, Passage


def document(identity: str, title: str, body: str = "", **given: object) -> Document:
    fields: dict[str, object] = {
        "keywords": {"category": ("宽带",), "audience": ("public",)},
        "numbers": {"visible_from": 0, "visible_until": FOREVER},
    }
    return Document(id=identity, title=title, body=body, **(fields | given))  # type: ignore[arg-type]


def article(identity: str, version: int, *documents: Document) -> ArticleDocuments:
    return ArticleDocuments(identity, version, documents)


BROADBAND = article(
    "1",
    1,
    document(
        "1:1",
        "宽带无法上网的处理",
        "先确认光猫的指示灯。LOS 灯闪红光表示光纤断开，需要派师傅上门；PON 灯灭表示没有注册。",
        questions=("家里上不了网怎么办", "网络连不上"),
        summary="先看光猫的灯，红灯就报修，24 小时内上门。",
        passages=(Passage("step-1", "请客户断电重启光猫。"), Passage("step-2", "仍不行就下单报修 F-8820。")),
    ),
)
BILL = article(
    "2",
    1,
    document(
        "2:1",
        "话费账单查询",
        "客户可以发送 ZD 到 10086 查询电子账单，也可以在营业厅打印纸质账单。5G畅享套餐每月199元。",
        questions=("怎么查话费",),
        keywords={"category": ("资费",), "audience": ("internal",), "tag": ("账单", "短信")},
    ),
)
ROAMING = article(
    "3",
    1,
    document(
        "3:1",
        "国际漫游开通与资费",
        "出国前在手机客户端开通國際漫遊，按天计费，每天 30 元封顶。",
        keywords={"category": ("资费",), "audience": ("public",)},
        numbers={"visible_from": 100, "visible_until": 200},
    ),
)
ALL = (BROADBAND, BILL, ROAMING)
