"""One category: its approval rule, owner and members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import ROLE_LABELS, Permission
from kms.articles import category_editing as editing
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.categories import category_for_read, category_path_names, effective_rule, owner_of
from kms.articles.facts import names
from kms.articles.models import Category
from kms.articles.references import all_groups, line_people
from kms.articles.stages import Rule, Stage
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.templating import render
from web.views.categories.tree import done
from web.views.drafts.form import Typed

router = APIRouter(prefix="/categories")
Manager = Annotated[Actor, Depends(allow(Permission.CATEGORY_MANAGE))]
Version = Annotated[int, Form(ge=1, le=LAST_ID)]
SPARE = 2
"""Empty stages at the end of the form, so that one can be added without script."""
STAGES_MAX = 9


@dataclass
class RulePage:
    category: Category
    path: Sequence[str]
    own: bool
    stages: Sequence[Mapping[str, Any]]
    roles: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    owner: str
    members: editing.Members | None
    groups: Sequence[str]
    may_set_members: bool
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/{category_id}")
def rule_page(request: Request, session: ReadSession, actor: Manager, category_id: Id) -> Response:
    return render(request, "categories/rule.html", _page(session, actor, category_id))


@router.post("/{category_id}/rule")
def set_rule(
    request: Request, session: WriteSession, actor: Manager, category_id: Id, version: Version, form: Typed
) -> Response:
    try:
        rule = None if form.get("inherit") else _rule(form)
        editing.set_rule(session, actor, category_id, version, rule)
    except Invalid as error:
        page = _page(session, actor, category_id)
        page.stages, page.message, page.errors = _typed(form), error.message, error.errors
        page.own = not form.get("inherit")
        return render(request, "categories/rule.html", page, status=error.status)
    return done("审批规则已保存，已提交的版本仍按原规则审批", f"/categories/{category_id}")


@router.post("/{category_id}/owner")
def set_owner(
    request: Request,
    session: WriteSession,
    actor: Manager,
    category_id: Id,
    version: Version,
    owner_id: Annotated[str, Form()] = "",
) -> Response:
    try:
        owner = int(owner_id) if owner_id.isascii() and owner_id.isdigit() else None
        editing.set_owner(session, actor, category_id, version, owner)
    except Invalid as error:
        page = _page(session, actor, category_id)
        page.message, page.errors = error.message, error.errors
        return render(request, "categories/rule.html", page, status=error.status)
    return done("负责人已保存", f"/categories/{category_id}")


@router.post("/{category_id}/members")
def set_members(
    session: WriteSession,
    actor: Manager,
    category_id: Id,
    version: Version,
    groups: Annotated[tuple[str, ...], Form()] = (),
    open_to_all: Annotated[bool, Form()] = False,
) -> Response:
    editing.set_members(session, actor, category_id, version, editing.Members(groups, open_to_all))
    return done("业务线成员已保存", f"/categories/{category_id}")


def _typed(form: FormData) -> list[dict[str, Any]]:
    """The stages as they stand in the form; wholly empty ones are left out."""
    stages = []
    for place in range(STAGES_MAX + SPARE):
        name = str(form.get(f"name-{place}", "")).strip()
        role = str(form.get(f"role-{place}", ""))
        people = [int(each) for each in form.getlist(f"people-{place}") if str(each).isdigit()]  # type: ignore[arg-type]
        if name or role or people:
            needed = str(form.get(f"needed-{place}", "1"))
            stages.append({"name": name, "role": role or None, "people": people, "needed": needed})
    return stages


def _rule(form: FormData) -> Rule:
    try:
        return Rule(stages=tuple(Stage.model_validate(stage) for stage in _typed(form)))
    except ValidationError as error:
        raise Invalid("审批规则有误", {"rule": _reason(error)}) from error


def _reason(error: ValidationError) -> str:
    fault = error.errors()[0]
    if fault["type"] == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    field = str(fault["loc"][-1]) if fault["loc"] else ""
    words = {
        "name": "每个环节都要有名称，最多 32 个字",
        "needed": "需要几人同意应为 1 到 9",
        "stages": "至少要有一个环节，最多 9 个",
        "role": "请从列表中选择角色",
    }
    return words.get(field, "请检查每个环节的名称、审批人和人数")


def _page(session: Session, actor: Actor, category_id: int) -> RulePage:
    category = category_for_read(session, editing.managed_scope(session, actor), category_id)
    rule = effective_rule(session, category_id)
    owner = owner_of(session, category_id)
    top = category.parent_id is None
    may_set = top and actor.may(Permission.USER_MANAGE)
    return RulePage(
        category=category,
        path=category_path_names(session, category_id),
        own=category.rule is not None,
        stages=[stage.model_dump(mode="json") for stage in rule.stages],
        roles=[(role.value, label) for role, label in ROLE_LABELS.items()],
        people=[
            (str(each.id), f"{each.name} {each.login}")
            for each in line_people(session, category.line_id or 0)
        ],
        owner=names(session, [owner]).get(owner or 0, ""),
        members=editing.members_of(session, category) if top else None,
        groups=all_groups(session) if may_set else [],
        may_set_members=may_set,
    )
