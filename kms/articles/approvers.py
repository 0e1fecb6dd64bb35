"""Who may decide on a revision: the people of its business line, seen through the rules of `stages`."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.models import Group, GroupMember, UserRole
from kms.accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from kms.articles.content import AudienceKind
from kms.articles.models import Article, Decision, Revision, Substitute
from kms.articles.references import line_people
from kms.articles.stages import Case, Handover, Rule, Verdict, may_decide
from kms.articles.stages import Decision as Made
from kms.articles.workflow import Approval, Route

_APPROVING = frozenset(role for role, held in ROLE_PERMISSIONS.items() if Permission.ARTICLE_APPROVE in held)
_OPEN = frozenset({AudienceKind.PUBLIC.value, AudienceKind.INTERNAL.value})


def candidates(session: Session, line_id: int, *audiences: Collection[str]) -> dict[int, frozenset[Role]]:
    """Active people of the line who hold the permission to approve, with their roles.

    Each of `audiences` (access words) must admit them: what someone may not read is not shown for a decision.
    """
    ids = {user.id for user in line_people(session, line_id) if user.id is not None}
    for audience in audiences:
        if not _OPEN.intersection(audience):
            ids &= _members(session, audience)
    roles: dict[int, set[Role]] = {}
    for row in session.exec(select(UserRole).where(col(UserRole.user_id).in_(ids))):
        roles.setdefault(row.user_id, set()).add(row.role)
    return {person: frozenset(held) for person, held in roles.items() if held & _APPROVING}


def _members(session: Session, audience: Collection[str]) -> set[int]:
    names = [word.removeprefix("group:") for word in audience]
    query = (
        sa.select(col(GroupMember.user_id))
        .join(Group, col(Group.id) == col(GroupMember.group_id))
        .where(col(Group.name).in_(names))
    )
    return set(session.scalars(query))


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
    people = candidates(session, article.line_id, article.audience, revision.audience).items()
    return sorted(person for person, roles in people if may_decide(case, person, roles) is None)


def roles_of(session: Session, user_id: int) -> frozenset[Role]:
    return frozenset(session.scalars(sa.select(col(UserRole.role)).where(col(UserRole.user_id) == user_id)))


def supervisors(session: Session, line_id: int) -> list[int]:
    """Who may put other approvers in place; they are told when nobody else can be."""
    replacing = [role for role, held in ROLE_PERMISSIONS.items() if Permission.APPROVER_REPLACE in held]
    ids = {user.id for user in line_people(session, line_id)}
    query = sa.select(col(UserRole.user_id)).where(
        col(UserRole.user_id).in_(ids), col(UserRole.role).in_(replacing)
    )
    return sorted(set(session.scalars(query)))
