"""What a text must have before anyone reviews or reads it. Drafts may lack all of it."""

from kms.articles.content import SUMMARY_MAX, AudienceKind, Content, Kind

_SPOKEN = frozenset({Kind.QA, Kind.PROCEDURE, Kind.SCRIPT})
"""Kinds whose answer is read out to the caller."""


def missing(content: Content, number: int) -> dict[str, str]:
    """A Chinese message for each field that keeps revision `number` from being submitted; empty: complete."""
    errors: dict[str, str] = {}
    if not content.title.strip():
        errors["title"] = "请填写标题"
    if content.category_id is None:
        errors["category_id"] = "请选择分类"
    if content.kind in _SPOKEN and not content.summary.strip():
        errors["summary"] = f"请填写标准口径，最多 {SUMMARY_MAX} 字，坐席会照着读"
    if content.kind is Kind.PROCEDURE and not content.steps:
        errors["steps"] = "办理流程至少要有一个步骤"
    if content.kind is not Kind.PROCEDURE and not content.body.strip() and not content.summary.strip():
        errors["body"] = "请填写正文"
    if content.audience.kind is AudienceKind.GROUPS and not content.audience.groups:
        errors["audience"] = "请至少选择一个群组"
    if number > 1 and not content.change_note.strip():
        errors["change_note"] = "请写明这次改了什么、坐席要注意什么"
    if content.effective_from and content.effective_to and content.effective_to <= content.effective_from:
        errors["effective_to"] = "失效时间应晚于生效时间"
    return errors
