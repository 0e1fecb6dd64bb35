"""Every component in every state, for those who build pages. Mounted in development only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import public
from kms.articles.content import Branch, Step
from kms.articles.side_by_side import fold, rows
from web.assets import icon_names
from web.templating import render

router = APIRouter()

OLD = """1. 确认账户没有欠费停机。
2. 请客户拔插光纤接头。
3. 断电 30 秒后重启。
4. 仍是红灯：48 小时内上门。"""
NEW = """1. 确认账户没有欠费停机。
2. 请客户轻拔光纤接头，等 10 秒插紧。
3. 断电 30 秒后重启。
4. 仍是红灯：城区 24 小时、农村 48 小时内上门。"""
STEPS = [
    Step(
        text="请客户看光猫上 LOS 灯的颜色",
        say="请问光猫上写着 LOS 的灯亮红色吗？",
        branches=(Branch(when="灯不亮", go="3"),),
    ),
    Step(text="派“装维上门”", figures=("城区 24 小时", "农村 48 小时")),
]


@dataclass(frozen=True)
class Styleguide:
    moments: dict[str, datetime]
    parts: list[tuple[str, object]]
    steps: list[Step]
    icons: list[str]


@router.get("/styleguide")
def styleguide(request: Request, _actor: Annotated[Actor | None, Depends(public)]) -> Response:
    now = clock.now()
    moments = {
        "minutes": now - timedelta(minutes=8),
        "days": now - timedelta(days=3),
        "long_ago": now - timedelta(days=237),
        "in_days": now + timedelta(days=37, hours=1),
        "in_months": now + timedelta(days=127),
        "soon": now + timedelta(minutes=100),
    }
    page = Styleguide(moments, [("标准口径", []), ("正文", fold(rows(OLD, NEW)))], STEPS, icon_names())
    return render(request, "styleguide/styleguide.html", page)
