"""From names in files to rows: categories, people, groups, regions, products."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms.accounts.actor import Actor
from kms.accounts.models import Group, User
from kms.articles.access import scope_of
from kms.articles.content import Audience, AudienceKind, Content
from kms.articles.files.model import Fault, Item
from kms.articles.models import Category, Product, Region


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for. `categories` holds only those in the actor's business lines."""

    categories: dict[str, Category]
    people: dict[str, int]
    groups: frozenset[str]
    regions: frozenset[str]
    products: frozenset[str]


def load_names(session: Session, actor: Actor) -> Names:
    """All names that an import by `actor` may use, in a few queries."""
    lines = scope_of(session, actor).lines
    rows = {row.id: row for row in session.exec(select(Category).where(col(Category.retired_at).is_(None)))}
    paths = {_path(row, rows): row for row in rows.values() if row.line_id in lines}
    people = session.exec(select(User.login, User.id).where(col(User.active)))
    return Names(
        categories=paths,
        people={login: user_id for login, user_id in people if user_id is not None},
        groups=frozenset(session.exec(select(Group.name))),
        regions=frozenset(session.exec(select(Region.path))),
        products=frozenset(session.exec(select(Product.name))),
    )


def _path(row: Category, rows: dict[int | None, Category]) -> str:
    parts = [row.name]
    while row.parent_id is not None and row.parent_id in rows:
        row = rows[row.parent_id]
        parts.append(row.name)
    return "/".join(reversed(parts))


def resolve(item: Item, names: Names, default_owner: int | None) -> Content | list[Fault]:
    """The content that the file describes, without attachments; or every name that is not known."""
    file = item.file
    problems = list(_unknown(item, names))
    if problems:
        return [Fault(item.where, problem) for problem in problems]
    category = names.categories[file.category]
    groups = file.groups
    return Content(
        **file.model_dump(
            include={
                *("kind", "title", "questions", "summary", "body", "tags", "products", "regions", "steps"),
                *("effective_from", "effective_to", "review_by", "source", "change_note", "major"),
                *("applies_when", "not_when", "ask_first"),
            }
        ),
        category_id=category.id,
        owner_id=names.people[file.owner] if file.owner else default_owner,
        audience=Audience(kind=AudienceKind.GROUPS, groups=groups)
        if groups
        else Audience(kind=AudienceKind(str(file.audience))),
    )


def _unknown(item: Item, names: Names) -> list[str]:
    file = item.file
    problems = []
    if not file.category:
        problems.append("category：没有写分类，可用 --category 给出默认分类")
    elif file.category not in names.categories:
        problems.append(f"category：没有分类“{file.category}”，或您不在这条业务线")
    if file.owner and file.owner not in names.people:
        problems.append(f"owner：没有工号 {file.owner}")
    for field, values, known, hint in (
        ("audience", file.groups, names.groups, "群组"),
        ("regions", file.regions, names.regions, "地区"),
        ("products", file.products, names.products, "产品"),
    ):
        problems.extend(f"{field}：没有{hint}“{value}”" for value in values if value not in known)
    for path in file.attachments:
        if not (item.folder / path).resolve().is_relative_to(item.folder.resolve()):
            problems.append(f"attachments：{path} 不在文件所在的文件夹里")
        elif not (item.folder / path).is_file():
            problems.append(f"attachments：找不到文件 {path}")
    return problems
