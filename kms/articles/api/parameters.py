"""Parameters that the article routes share."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import BeforeValidator
from starlette.requests import Request

from kms import clock
from kms.articles.attachments import Store
from kms.articles.reading import Moment, moment
from kms.db.dependencies import LAST_ID as LAST_ID
from kms.db.dependencies import RowId

SAMPLE_CODE = "KB-000123"


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return clock.parse(value)
    except (ValueError, OverflowError):
        raise ValueError("不是有效的时间，例如 2026-12-01 或 2026-12-01T09:00:00+08:00") from None


Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Code = Annotated[str, Path(description="知识编号", examples=[SAMPLE_CODE], max_length=16)]
Id = RowId
Number = Annotated[int, Path(description="版本号，从 1 开始", ge=1, le=LAST_ID)]
FileName = Annotated[str, Path(description="附件名", max_length=128)]


def _moment(
    as_of: Annotated[
        Instant, Query(description="查这一时刻的规定（按今天所知）；日期即当天零点，上海时间")
    ] = None,
    known_at: Annotated[Instant, Query(description="查这一时刻坐席能看到的内容")] = None,
) -> Moment:
    return moment(as_of, known_at)


AskedMoment = Annotated[Moment, Depends(_moment)]


def _store(request: Request) -> Store:
    settings = request.app.state.settings
    return Store(settings.attachments_dir, settings.attachment_max_bytes)


Files = Annotated[Store, Depends(_store)]
