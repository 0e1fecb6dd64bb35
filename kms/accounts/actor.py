"""Who is acting: plain values, loaded once a request, so that no session has to stay open for it."""

from dataclasses import dataclass, field

from kms.accounts.permissions import Permission, Role
from kms.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, a program with an API key, or a program in a person's name.

    `permissions` are final: the roles' union, or the intersection with the key's scopes.
    `groups` are names; `region` is a region path or empty.
    """

    user_id: int | None
    login: str
    name: str
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    groups: frozenset[str] = frozenset()
    region: str = ""
    team: str = ""
    site: str = ""
    service_login: str | None = None
    address: str = ""
    session_id: str | None = field(default=None, repr=False)

    def may(self, permission: Permission | str) -> bool:
        return Permission(permission) in self.permissions

    def must(self, permission: Permission) -> None:
        """Raise Forbidden unless the actor has `permission`."""
        if permission not in self.permissions:
            raise Forbidden("您没有这项操作的权限，请联系班长或管理员开通", permission=permission.value)

    @property
    def id(self) -> int:
        """The person's id; only for actors that are a person or a service user, not the system."""
        if self.user_id is None:
            raise Forbidden("这项操作需要由具体人员执行")
        return self.user_id


SYSTEM = Actor(user_id=None, login="system", name="系统", permissions=frozenset(Permission))
"""The worker and commands that act without a person."""
