"""Write audit records, in the transaction of the act itself."""

from typing import Any, Protocol

from sqlmodel import Session

from kms import clock
from kms.audit.models import AuditRecord


class Doer(Protocol):
    """Whoever acts: `kms.accounts.actor.Actor`, named by shape since accounts stand left of audit."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def login(self) -> str: ...
    @property
    def service_login(self) -> str | None: ...
    @property
    def address(self) -> str: ...


def record(
    session: Session,
    doer: Doer,
    action: str,
    target_type: str = "",
    target_id: object = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note that `doer` did `action` (`article.publish`, `user.update` …); values must be JSON-able."""
    session.add(
        AuditRecord(
            at=clock.now(),
            actor_id=doer.user_id,
            actor_login=doer.login,
            service_login=doer.service_login,
            action=action,
            target_type=target_type,
            target_id=str(target_id),
            before=before,
            after=after,
            address=doer.address,
        )
    )
