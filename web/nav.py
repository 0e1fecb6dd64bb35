"""Where the rail leads: each way with the permission that shows it. A view's first URL word is its key."""

from collections.abc import Mapping
from dataclasses import dataclass

from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission

P = Permission


@dataclass(frozen=True, slots=True)
class Way:
    """A place to go; `key` also names its count in `request.state.badges`."""

    key: str
    label: str
    icon: str
    permission: P
    more: bool = False
    """Under 更多 instead of in the rail."""

    @property
    def href(self) -> str:
        return f"/{self.key}"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A way as one person sees it now."""

    key: str
    label: str
    icon: str
    href: str
    badge: int
    more: bool
    current: bool


WAYS = (
    Way("search", "检索", "search", P.SEARCH),
    Way("articles", "知识", "library", P.ARTICLE_READ),
    Way("drafts", "编写", "file-pen-line", P.ARTICLE_WRITE),
    Way("reviews", "审批", "clipboard-check", P.ARTICLE_APPROVE),
    Way("inbox", "待办", "inbox", P.SIGNED_IN),
    Way("requests", "知识需求", "message-circle-question", P.REQUEST_CREATE, more=True),
    Way("corrections", "纠错", "flag", P.CORRECTION_REPORT, more=True),
    Way("categories", "分类与审批规则", "folder-tree", P.CATEGORY_MANAGE, more=True),
    Way("licences", "免审资格", "badge-check", P.LICENCE_GRANT, more=True),
    Way("users", "人员", "users", P.USER_MANAGE, more=True),
    Way("keys", "接口密钥", "key-round", P.KEY_MANAGE, more=True),
    Way("audit", "审计日志", "scroll-text", P.AUDIT_READ, more=True),
)


def nav_for(actor: Actor | None, badges: Mapping[str, int], path: str) -> list[NavItem]:
    """The ways that `actor` may go, with counts; the one that `path` is on is current."""
    if actor is None:
        return []
    word = path.strip("/").partition("/")[0]
    return [
        NavItem(way.key, way.label, way.icon, way.href, badges.get(way.key, 0), way.more, way.key == word)
        for way in WAYS
        if way.permission in actor.permissions
    ]
