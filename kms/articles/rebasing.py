"""A draft whose base has been overtaken starts from what holds now; its author merges the texts."""

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.articles.base_check import refuse_outdated_base
from kms.articles.drafts import draft_for_change, draft_for_edit
from kms.articles.models import Draft
from kms.articles.transitions import lock
from kms.audit.service import record


def rebase(session: Session, actor: Actor, code: str, number: int) -> Draft:
    """Let revision `number` be the base of the draft; its text stays, so that differences show what is undone.

    Raises Conflict when that revision is neither in force nor coming (any more).
    """
    lock(session, draft_for_edit(session, actor, code)[0])
    article, draft = draft_for_change(session, actor, code)
    refuse_outdated_base(session, article, number, draft.value())
    before, draft.base_number = draft.base_number, number
    draft.version += 1
    draft.updated_at, draft.updated_by = clock.now(), actor.id
    if actor.id not in draft.editors:
        draft.editors = [*draft.editors, actor.id]
    session.add(draft)
    record(session, actor, "draft.rebase", "article", article.code, {"base": before}, {"base": number})
    return draft
