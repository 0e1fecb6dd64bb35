"""The routes to publication: who may take which, with what text."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.content import AudienceKind, Content, Kind
from kms.articles.licences import is_licensed
from kms.articles.workflow import Route
from kms.errors import Forbidden, Invalid
from kms.settings import Settings

AT_ONCE = frozenset({Route.URGENT, Route.PROVISIONAL})
"""Published with the submission; the stages follow."""
EXEMPT = frozenset({Route.LICENSED, Route.IMPORTED})
"""Without stages."""
REASON_MAX = 300
_REFUSED = {
    Route.PROVISIONAL: "待核实发布只对专家和有免审资格的人开放",
    Route.LICENSED: "您在这个分类没有免审资格，请走普通审批",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """How a text is to be published. `hours` is the life of a provisional one; None: the longest allowed."""

    route: Route = Route.ORDINARY
    publish_at: datetime | None = None
    reason: str = ""
    hours: int | None = None
    bundle: str | None = None


def check_route(
    session: Session, actor: Actor, content: Content, wish: Submission, settings: Settings
) -> None:
    """Raises Forbidden for a person, Invalid (a message a field) for a text or a wish that the route refuses."""
    if not _may_take(session, actor, wish.route, content.category_id):
        if wish.route in _REFUSED:
            raise Forbidden(_REFUSED[wish.route])
        actor.must(_NEEDED[wish.route])
    if errors := _timing(wish) | _conditions(content, wish, settings):
        raise Invalid("不能这样提交：" + "；".join(errors.values()), errors)


def open_routes(session: Session, actor: Actor, content: Content) -> list[Route]:
    """The routes that this person may take with this text, the ordinary one first."""
    routes = [Route.ORDINARY, Route.URGENT, Route.PROVISIONAL, Route.LICENSED]
    return [
        route
        for route in routes
        if _may_take(session, actor, route, content.category_id) and _fits(content, route)
    ]


_NEEDED = {
    Route.ORDINARY: Permission.ARTICLE_WRITE,
    Route.URGENT: Permission.ARTICLE_PUBLISH_URGENT,
    Route.IMPORTED: Permission.ARTICLE_IMPORT_PUBLISH,
}


def _may_take(session: Session, actor: Actor, route: Route, category_id: int | None) -> bool:
    if route in _NEEDED:
        return route is Route.ORDINARY or actor.may(_NEEDED[route])
    by_role = route is Route.PROVISIONAL and actor.may(Permission.ARTICLE_PUBLISH_PROVISIONAL)
    return by_role or is_licensed(session, actor, category_id)


def _fits(content: Content, route: Route) -> bool:
    internal = content.audience.kind is not AudienceKind.PUBLIC
    if route is Route.LICENSED:
        return internal and content.kind is Kind.QA
    return internal or route is not Route.PROVISIONAL


def _timing(wish: Submission) -> dict[str, str]:
    if wish.publish_at is None:
        return {}
    if wish.route in AT_ONCE:
        return {"publish_at": "紧急发布和待核实发布立即生效，不能定时"}
    if wish.publish_at <= clock.now() and wish.route is not Route.IMPORTED:
        return {"publish_at": "发布时间已过，请选择将来的时间，或留空表示通过后立即发布"}
    return {}


def _conditions(content: Content, wish: Submission, settings: Settings) -> dict[str, str]:
    errors: dict[str, str] = {}
    if wish.route is Route.URGENT and not wish.reason.strip():
        errors["reason"] = "请写明紧急发布的原因，审批人会看到"
    if wish.route is Route.PROVISIONAL:
        if not _fits(content, wish.route):
            errors["audience"] = "待核实内容只能内部可见，请把可见范围改为内部"
        if wish.hours is not None and not 1 <= wish.hours <= settings.provisional_max_hours:
            errors["hours"] = f"待核实时长应为 1 到 {settings.provisional_max_hours} 小时"
    if wish.route is Route.LICENSED and not _fits(content, wish.route):
        errors["kind"] = "只有内部可见的问答可以免审"
    return errors
