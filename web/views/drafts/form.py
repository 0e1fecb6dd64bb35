"""The authoring form: what it sends as content, and content as what it shows."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from kms.articles.content import AttachmentRef, Content, Step
from kms.errors import KmsError
from web.filters import field_datetime


async def form_data(request: Request) -> FormData:
    """The form as it came; read before the route, which is synchronous."""
    try:
        return await request.form(max_fields=2000, max_files=1)
    except ClientDisconnect:
        # The page was left while it saved itself; nobody waits for the answer, and it is no fault of ours.
        raise KmsError("页面已离开，没有收到完整的内容") from None


Typed = Annotated[FormData, Depends(form_data)]

_PLAIN = ("title", "summary", "body", "source", "change_note", "applies_when", "not_when", "kind")
_LISTS = ("questions", "tags", "products", "regions", "ask_first")
_CHOSEN = ("category_id", "owner_id", "effective_from", "effective_to", "review_by")
_ARROWS = ("→", "->", "=>")
_LAST = ("第", "步")
_END, _END_WORD = "end", "结束"


def values_of(form: FormData, attachments: Sequence[AttachmentRef]) -> dict[str, Any]:
    """What `parse_content` takes. Attachments are not part of the form: they come and go by themselves."""
    values: dict[str, Any] = {name: _text(form, name) for name in _PLAIN if name in form}
    values |= {name: _texts(form, name) for name in _LISTS}
    values |= {name: _text(form, name).strip() or None for name in _CHOSEN}
    values["audience"] = {"kind": _text(form, "audience") or "internal", "groups": _texts(form, "groups")}
    if values["audience"]["kind"] != "groups":
        values["audience"]["groups"] = []
    values["major"] = "major" in form
    values["steps"] = _steps(form)
    values["attachments"] = list(attachments)
    return values


def fields_of(content: Content) -> dict[str, str | list[str]]:
    """The same by the names of the form's fields, for the script that lays two texts beside each other."""
    return {
        **{name: getattr(content, name) for name in _PLAIN},
        **{name: list(getattr(content, name)) for name in _LISTS},
        "category_id": str(content.category_id or ""),
        "owner_id": str(content.owner_id or ""),
        "effective_from": field_datetime(content.effective_from),
        "effective_to": field_datetime(content.effective_to),
        "review_by": str(content.review_by or ""),
        "audience": content.audience.kind.value,
        "groups": list(content.audience.groups),
        "major": ["1"] if content.major else [],
        "step_text": [step.text for step in content.steps],
        "step_say": [step.say for step in content.steps],
        "step_figures": ["\n".join(step.figures) for step in content.steps],
        "step_branches": [_branch_lines(step) for step in content.steps],
    }


def shown(form: FormData) -> Mapping[str, Any]:
    """What was typed, as the template's fields, however wrong it is."""
    names = {*_PLAIN, *_CHOSEN, "audience"}
    return {
        **{name: _text(form, name) for name in names},
        **{name: _texts(form, name) for name in (*_LISTS, "groups")},
        "major": "major" in form,
        "steps": _steps(form),
    }


def _steps(form: FormData) -> list[dict[str, Any]]:
    columns = [form.getlist(f"step_{part}") for part in ("text", "say", "figures", "branches")]
    texts, says, figures, branches = (column + [""] * (len(columns[0]) - len(column)) for column in columns)
    rows = zip(texts, says, figures, branches, strict=False)
    steps = [
        {
            "text": text,
            "say": say,
            "figures": _lines(figure),
            "branches": [_branch(line) for line in _lines(branch)],
        }
        for text, say, figure, branch in rows
    ]
    return [step for step in steps if any(str(part).strip("[] ") for part in step.values())]


def _branch(line: str) -> dict[str, str]:
    """`灯仍红 → 4`, `灯仍红 -> 第 4 步`, `企业专线 → KB-000655`, `已恢复 → 结束`."""
    for arrow in _ARROWS:
        when, found, go = line.rpartition(arrow)
        if found:
            target = go.strip().removeprefix(_LAST[0]).removesuffix(_LAST[1]).strip()
            return {"when": when.strip(), "go": _END if target == _END_WORD else target}
    return {"when": line.strip(), "go": ""}


def steps_shown(content: Content) -> list[dict[str, Any]]:
    """Steps as the form shows them: the end in words."""
    return [
        step.model_dump()
        | {"branches": [{"when": each.when, "go": _in_words(each.go)} for each in step.branches]}
        for step in content.steps
    ]


def _branch_lines(step: Step) -> str:
    return "\n".join(f"{branch.when} → {_in_words(branch.go)}" for branch in step.branches)


def _in_words(go: str) -> str:
    return _END_WORD if go == _END else go


def _lines(value: Any) -> list[str]:
    return [line.strip() for line in str(value).splitlines() if line.strip()]


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str) and value.strip()]
