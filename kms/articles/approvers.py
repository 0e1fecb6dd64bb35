"""Who may decide on a revision: the people of its business line, seen through the rules of `stages`."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.models import UserRole
from kms.accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from kms.articles.models import Article, Decision, Revision, Substitute
from kms.articles.references import line_people
from kms.articles.stages import Case, Handover, Rule, Verdict, may_decide
from kms.articles.stages import Decision as Made
from kms.articles.workflow import Approval, Route

_APPROVING = frozenset(role for role, held in ROLE_PERMISSIONS.items() if Permission.ARTICLE_APPROVE in held)


def candidates(session: Session, line_id: int) -> dict[int, frozenset[Role]]:
    """Active people of the line who hold the permission to approve, with their roles."""
    ids = [user.id for user in line_people(session, line_id) if user.id is not None]
    roles: dict[int, set[Role]] = {}
    for row in session.exec(select(UserRole).where(col(UserRole.user_id).in_(ids))):
        roles.setdefault(row.user_id, set()).add(row.role)
    return {person: frozenset(held) for person, held in roles.items() if held & _APPROVING}


def case_of(session: Session, revision: Revision) -> Case:
    """The revision as the approval rules see it."""
    mine = Decision.revision_id == revision.id
    decisions = session.exec(select(Decision).where(mine).order_by(col(Decision.id)))
    substitutes = session.exec(select(Substitute).where(Substitute.revision_id == revision.id))
    urgent = revision.route is Route.URGENT
    return Case(
        rule=Rule.model_validate(revision.rule),
        editors=frozenset(revision.editors),
        decisions=tuple(Made(row.stage, row.user_id, Verdict(row.verdict), row.at) for row in decisions),
        publisher=revision.published_by if urgent else None,
        handovers=tuple(Handover(row.stage, row.from_user_id, row.to_user_id) for row in substitutes),
    )


def deciders(session: Session, article: Article, revision: Revision) -> list[int]:
    """Everyone who may decide now; nobody once the review is over."""
    if revision.approval is not Approval.SUBMITTED:
        return []
    case = case_of(session, revision)
    people = candidates(session, article.line_id).items()
    return sorted(person for person, roles in people if may_decide(case, person, roles) is None)


def roles_of(session: Session, user_id: int) -> frozenset[Role]:
    return frozenset(session.scalars(sa.select(col(UserRole.role)).where(col(UserRole.user_id) == user_id)))
