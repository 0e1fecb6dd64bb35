"""Categories, their approval rules, regions and products."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import category_editing, vocabulary
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.browsing import Filters, counts
from kms.articles.categories import Node, category_for_read, effective_rule, owner_of, tree
from kms.articles.models import Category
from kms.articles.stages import Rule
from kms.db.dependencies import ReadSession, WriteSession

router = APIRouter(tags=["分类与审批规则"])
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]
Manager = Annotated[Actor, Depends(allow(Permission.CATEGORY_MANAGE))]
Version = Annotated[int, Field(ge=1, le=LAST_ID, description="读到的版本号；别人改过则返回 409")]
Name = Annotated[str, Field(min_length=1, max_length=category_editing.NAME_MAX)]


class CategoryOut(BaseModel):
    id: int
    parent_id: int | None
    line_id: int | None
    name: str
    position: int
    owner_id: int | None
    own_rule: bool
    open_to_all: bool
    retired: bool
    version: int

    @classmethod
    def of(cls, category: Category) -> Self:
        return cls(
            id=category.id or 0,
            parent_id=category.parent_id,
            line_id=category.line_id,
            name=category.name,
            position=category.position,
            owner_id=category.owner_id,
            own_rule=category.rule is not None,
            open_to_all=category.open_to_all,
            retired=category.retired_at is not None,
            version=category.version,
        )


class NodeOut(CategoryOut):
    """A category with the number of its readable articles, and all below it."""

    articles: int
    children: list["NodeOut"]


class RuleOut(BaseModel):
    """The rule that holds, whether it is the category's own, and the owner that holds."""

    rule: Rule
    own: bool
    owner_id: int | None


class NewCategory(BaseModel):
    parent_id: int = Field(ge=1, le=LAST_ID)
    name: Name


class NewLine(BaseModel):
    name: Name
    groups: tuple[str, ...] = Field(default=(), max_length=200)
    open_to_all: bool = False


class Renaming(BaseModel):
    version: Version
    name: Name


class Moving(BaseModel):
    version: Version
    parent_id: int = Field(ge=1, le=LAST_ID)


class Versioned(BaseModel):
    version: Version


class RuleChange(BaseModel):
    version: Version
    rule: Rule | None = Field(description="null：沿用上级")


class OwnerChange(BaseModel):
    version: Version
    owner_id: int | None = Field(ge=1, le=LAST_ID, description="null：沿用上级")


class MembersChange(BaseModel):
    version: Version
    groups: tuple[str, ...] = Field(default=(), max_length=200)
    open_to_all: bool = False


class RegionIn(BaseModel):
    path: str = Field(max_length=vocabulary.REGION_MAX, examples=["广东/广州"])


class ProductIn(BaseModel):
    name: str = Field(max_length=vocabulary.PRODUCT_MAX)
    aliases: tuple[str, ...] = Field(default=(), max_length=20)


class ProductOut(ProductIn):
    id: int


@router.get("/categories", summary="分类树")
def get_tree(session: ReadSession, actor: Reader) -> list[NodeOut]:
    """调用者可见的业务线及其下级分类，带可见的有效知识条数（含下级）。"""
    numbers = counts(session, actor, Filters())
    return [_node(node, numbers) for node in tree(session, scope_of(session, actor))]


@router.post("/categories", status_code=201, summary="新建分类")
def create(session: WriteSession, actor: Manager, new: NewCategory) -> CategoryOut:
    """建在上级分类的末位。"""
    return CategoryOut.of(category_editing.create_category(session, actor, new.parent_id, new.name))


@router.post("/business-lines", status_code=201, summary="新建业务线")
def create_line(session: WriteSession, actor: Manager, new: NewLine) -> CategoryOut:
    """业务线决定谁能看到知识，还需要“管理人员”权限。"""
    members = category_editing.Members(new.groups, new.open_to_all)
    return CategoryOut.of(category_editing.create_line(session, actor, new.name, members))


@router.post("/categories/{category_id}/rename", summary="改名")
def rename(session: WriteSession, actor: Manager, category_id: Id, change: Renaming) -> CategoryOut:
    """同级分类不能重名。"""
    return CategoryOut.of(category_editing.rename(session, actor, category_id, change.version, change.name))


@router.post("/categories/{category_id}/move", summary="移动")
def move(session: WriteSession, actor: Manager, category_id: Id, change: Moving) -> CategoryOut:
    """只能在同一业务线内移动；跨业务线返回 409，请改用复制。"""
    return CategoryOut.of(
        category_editing.move(session, actor, category_id, change.version, change.parent_id)
    )


@router.post("/categories/{category_id}/retire", summary="停用")
def retire(session: WriteSession, actor: Manager, category_id: Id, change: Versioned) -> CategoryOut:
    """只能停用空的分类。"""
    return CategoryOut.of(category_editing.retire(session, actor, category_id, change.version))


@router.put("/categories/{category_id}/owner", summary="指定分类负责人")
def set_owner(session: WriteSession, actor: Manager, category_id: Id, change: OwnerChange) -> CategoryOut:
    """负责人须是本业务线的在岗人员。"""
    return CategoryOut.of(
        category_editing.set_owner(session, actor, category_id, change.version, change.owner_id)
    )


@router.get("/categories/{category_id}/rule", summary="审批规则")
def get_rule(session: ReadSession, actor: Reader, category_id: Id) -> RuleOut:
    """生效的规则和负责人，可能沿用自上级。"""
    category = category_for_read(session, scope_of(session, actor), category_id)
    return RuleOut(
        rule=effective_rule(session, category_id),
        own=category.rule is not None,
        owner_id=owner_of(session, category_id),
    )


@router.put("/categories/{category_id}/rule", summary="修改审批规则")
def set_rule(session: WriteSession, actor: Manager, category_id: Id, change: RuleChange) -> CategoryOut:
    """已提交的版本仍按提交时的规则审批。"""
    return CategoryOut.of(category_editing.set_rule(session, actor, category_id, change.version, change.rule))


@router.put("/categories/{category_id}/members", summary="业务线成员")
def set_members(session: WriteSession, actor: Manager, category_id: Id, change: MembersChange) -> CategoryOut:
    """成员班组只在业务线上设置，还需要“管理人员”权限。"""
    members = category_editing.Members(change.groups, change.open_to_all)
    return CategoryOut.of(category_editing.set_members(session, actor, category_id, change.version, members))


@router.get("/regions", summary="地区")
def get_regions(session: ReadSession, _actor: Reader) -> list[str]:
    """地区路径，如“广东/广州”；不带地区的知识适用全国。"""
    return [region.path for region in vocabulary.regions(session)]


@router.post("/regions", status_code=201, summary="添加地区")
def add_region(session: WriteSession, actor: Manager, new: RegionIn) -> RegionIn:
    """先省后市。"""
    return RegionIn(path=vocabulary.add_region(session, actor, new.path).path)


@router.get("/products", summary="产品")
def get_products(session: ReadSession, _actor: Reader) -> list[ProductOut]:
    """产品和它们的别名。"""
    return [
        ProductOut(id=each.id or 0, name=each.name, aliases=tuple(each.aliases))
        for each in vocabulary.products(session)
    ]


@router.post("/products", status_code=201, summary="添加产品")
def add_product(session: WriteSession, actor: Manager, new: ProductIn) -> ProductOut:
    """名称不能重复。"""
    made = vocabulary.add_product(session, actor, new.name, new.aliases)
    return ProductOut(id=made.id or 0, name=made.name, aliases=tuple(made.aliases))


def _node(node: Node, numbers: dict[int, int]) -> NodeOut:
    own = CategoryOut.of(node.category).model_dump()
    children = [_node(child, numbers) for child in node.children]
    return NodeOut(**own, articles=numbers.get(node.id, 0), children=children)
