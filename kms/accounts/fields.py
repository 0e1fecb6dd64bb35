"""What is kept about a person, checked in one place for pages, API, command line and import."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_serializer

from kms.accounts.permissions import Role
from kms.errors import Invalid

_LOGIN = re.compile(r"[\w.@-]+")
_REGION = re.compile(r"[^\s/]+(/[^\s/]+)?")
_BETWEEN = re.compile(r"[;；,，、\n]")
_ADDRESSES = frozenset({"new", "import", "export.csv"})
NATION = "全国"


def _text(label: str, limit: int, *, required: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        value = " ".join(value.split())
        if required and not value:
            raise ValueError(f"请填写{label}")
        if len(value) > limit:
            raise ValueError(f"{label}最多 {limit} 个字符")
        if not value.isprintable():
            raise ValueError(f"{label}含有不可见字符")
        return value

    return check


def _login(value: str) -> str:
    if value and not _LOGIN.fullmatch(value):
        raise ValueError("工号只能用字母、数字和 . _ - @")
    if value in _ADDRESSES:
        raise ValueError("这个词是系统地址，不能作工号")
    return value


def _region(value: str) -> str:
    value = value.removeprefix(f"{NATION}/").removeprefix(NATION)
    if value and not _REGION.fullmatch(value):
        raise ValueError("地区写作 省 或 省/市，例如 广东/广州")
    return value


def _words(value: list[str]) -> list[str]:
    words = list(dict.fromkeys(word for word in map(str.strip, value) if word))
    if len(words) > 200:
        raise ValueError("最多 200 项")
    if any(len(word) > 64 for word in words):
        raise ValueError("每一项最多 64 个字符")
    return words


def _extensions(value: dict[str, str]) -> dict[str, str]:
    checked = {name.strip(): number.strip() for name, number in value.items() if number.strip()}
    if any(not name or len(name) > 64 or not number.isalnum() for name, number in checked.items()):
        raise ValueError("分机写作 系统名:号码，号码只含字母和数字")
    return checked


Login = Annotated[str, AfterValidator(_text("工号", 64, required=True)), AfterValidator(_login)]


class UserFields(BaseModel):
    """A person as others describe them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "login": "3127",
                    "name": "林晓雯",
                    "team": "宽带一班",
                    "site": "南湾",
                    "region": "广东/深圳",
                    "roles": ["agent", "author"],
                    "groups": ["全员"],
                    "skills": ["宽带"],
                    "extensions": {"asterisk": "8027"},
                }
            ]
        },
    )

    login: Login = Field(description="工号, unique, never changes.")
    name: Annotated[str, AfterValidator(_text("姓名", 64, required=True))]
    team: Annotated[str, AfterValidator(_text("班组", 64))] = ""
    site: Annotated[str, AfterValidator(_text("站点", 64))] = ""
    region: Annotated[str, AfterValidator(_region)] = Field("", description="省 or 省/市; empty: 全国.")
    roles: frozenset[Role] = frozenset()
    groups: Annotated[list[str], AfterValidator(_words)] = Field(
        default_factory=list, description="Names of groups that exist."
    )
    skills: Annotated[list[str], AfterValidator(_words)] = Field(default_factory=list)
    extensions: Annotated[dict[str, str], AfterValidator(_extensions)] = Field(
        default_factory=dict, description="ACD name to extension."
    )

    @field_serializer("roles")
    def _in_order(self, roles: frozenset[Role]) -> list[Role]:
        return [role for role in Role if role in roles]


def check_fields(raw: Mapping[str, Any]) -> UserFields:
    """The fields as values. Raises Invalid with a sentence for each field that is wrong."""
    try:
        return UserFields.model_validate(raw)
    except ValidationError as error:
        errors = {str(fault["loc"][0]): _sentence(fault) for fault in error.errors()}
        raise Invalid("请检查标出的内容", errors) from None


def words(text: str) -> list[str]:
    """A list as people type it: 宽带、电视；移动 or one a line."""
    return [word for word in map(str.strip, _BETWEEN.split(text)) if word]


def extensions(text: str) -> dict[str, str]:
    """`asterisk:8027；freeswitch:1003` as ACD name → extension. Raises Invalid."""
    pairs = [word.replace("：", ":").partition(":") for word in words(text)]
    if any(not mark for _, mark, _ in pairs):
        told = "分机写作 系统名:号码，多个用分号隔开"
        raise Invalid(told, {"extensions": told})
    return {name.strip(): number.strip() for name, _, number in pairs}


def _sentence(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    return "没有这个选项" if fault["type"] == "enum" else "内容格式不对"
