"""The tree of categories: reading it, and what a category inherits from those above it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.permissions import Role
from kms.articles.access import Scope
from kms.articles.models import Category
from kms.articles.stages import Rule, Stage
from kms.errors import Invalid, NotFound

SEPARATOR = "/"
_MISSING = "没有这个分类，或您不在它的业务线"
_DEFAULT_RULE = Rule(stages=(Stage(name="业务审核", role=Role.REVIEWER),))
"""Holds where no category of the path has a rule of its own."""


@dataclass(frozen=True, slots=True)
class Node:
    """A category within its tree; `names` are those of its path, itself last."""

    category: Category
    names: tuple[str, ...]
    children: tuple["Node", ...]

    @property
    def id(self) -> int:
        return ident(self.category)

    @property
    def depth(self) -> int:
        """0 for a business line."""
        return len(self.names) - 1

    def walk(self) -> Iterable["Node"]:
        """Itself and all below it, in the order shown."""
        yield self
        for child in self.children:
            yield from child.walk()


def ident(category: Category) -> int:
    """The id of a stored category."""
    if category.id is None:
        raise ValueError("category is not stored yet")
    return category.id


def category_for_read(session: Session, scope: Scope, category_id: int) -> Category:
    """A category of a business line in `scope`; NotFound otherwise."""
    category = session.get(Category, category_id)
    if category is None or category.line_id not in scope.lines:
        raise NotFound(_MISSING)
    return category


def usable_category(session: Session, scope: Scope, category_id: int | None) -> Category:
    """A category that articles may be put into. Raises Invalid for the field `category_id`."""
    category = session.get(Category, category_id) if category_id is not None else None
    if category is None or category.line_id not in scope.lines:
        raise Invalid("请选择分类", {"category_id": "请选择您所在业务线的分类"})
    if category.retired_at is not None:
        raise Invalid("分类已停用", {"category_id": f"“{category.name}”已停用，请另选分类"})
    return category


def tree(session: Session, scope: Scope, *, retired: bool = False) -> tuple[Node, ...]:
    """The business lines of `scope` with all below them, by position; retired ones only when asked for."""
    query = select(Category).where(col(Category.line_id).in_(scope.lines))
    if not retired:
        query = query.where(col(Category.retired_at).is_(None))
    below: dict[int | None, list[Category]] = defaultdict(list)
    for category in session.exec(query.order_by(col(Category.position), col(Category.id))):
        below[category.parent_id].append(category)
    return _nodes(below, None, ())


def _nodes(
    below: dict[int | None, list[Category]], parent: int | None, names: tuple[str, ...]
) -> tuple[Node, ...]:
    return tuple(
        Node(category, path, _nodes(below, category.id, path))
        for category in below[parent]
        for path in [(*names, category.name)]
    )


def options(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Choices for a select: id and path of names, of categories in use."""
    return [
        (str(node.id), SEPARATOR.join(node.names)) for line in tree(session, scope) for node in line.walk()
    ]


def ancestors(session: Session, category_id: int) -> list[Category]:
    """The category itself, then each one above it up to the business line."""
    category = session.get(Category, category_id)
    if category is None:
        raise NotFound(_MISSING)
    found = session.exec(select(Category).where(col(Category.id).in_(ids_of(category.path))))
    return sorted(found, key=lambda each: len(each.path), reverse=True)


def ids_of(path: str) -> list[int]:
    """The ids in a stored path such as `/1/4/9/`."""
    return [int(part) for part in path.split(SEPARATOR) if part]


def category_path_names(session: Session, category_id: int) -> tuple[str, ...]:
    """Names from the business line down."""
    return tuple(category.name for category in reversed(ancestors(session, category_id)))


def paths_of(session: Session, category_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Path names of many categories with two queries."""
    wanted = session.exec(select(Category).where(col(Category.id).in_(set(category_ids)))).all()
    above = {part for category in wanted for part in ids_of(category.path)}
    rows = session.execute(sa.select(col(Category.id), col(Category.name)).where(col(Category.id).in_(above)))
    names = dict(rows.all())
    return {ident(category): tuple(names[part] for part in ids_of(category.path)) for category in wanted}


def subtree_ids(session: Session, category_id: int) -> frozenset[int]:
    """The category and all below it, retired ones too."""
    category = session.get(Category, category_id)
    if category is None:
        return frozenset()
    below = col(Category.path).startswith(category.path, autoescape=True)
    ids = session.scalars(sa.select(col(Category.id)).where(below))
    return frozenset(found for found in ids if found is not None)


def effective_rule(session: Session, category_id: int) -> Rule:
    """The approval rule that holds here: the nearest one on the way up, else one stage of one reviewer."""
    rules = (category.rule for category in ancestors(session, category_id))
    return next((Rule.model_validate(rule) for rule in rules if rule is not None), _DEFAULT_RULE)


def owner_of(session: Session, category_id: int) -> int | None:
    """The person who answers for the category: the nearest owner on the way up."""
    owners = (category.owner_id for category in ancestors(session, category_id))
    return next((owner for owner in owners if owner is not None), None)
