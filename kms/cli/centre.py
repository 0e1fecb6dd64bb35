"""The centre itself from `_centre/*.yaml`: regions, products, groups, people, categories with their rules.

Made when missing, never changed afterwards: what people edited in the running system stays.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session, select

from kms.accounts.actor import SYSTEM
from kms.accounts.fields import UserFields
from kms.accounts.groups import create_group
from kms.accounts.models import Group, User
from kms.accounts.service import create_user
from kms.articles import category_editing as editing
from kms.articles.models import Category, Product, Region
from kms.articles.stages import Rule

EVERYWHERE = "全国"


def load_centre(session: Session, folder: Path, password_hash: str) -> None:
    """Fill an installation; people get `password_hash` and are marked as sample people."""
    _regions(session, _read(folder, "regions"))
    for row in _read(folder, "products"):
        if session.exec(select(Product).where(Product.name == row["name"])).first() is None:
            session.add(Product(name=row["name"], aliases=row.get("aliases", [])))
    for row in _read(folder, "groups"):
        if session.exec(select(Group).where(Group.name == row["name"])).first() is None:
            create_group(session, SYSTEM, row["name"], row.get("note", ""))
    session.flush()
    for row in _read(folder, "people"):
        _person(session, row, password_hash)
    people = {login: user_id for login, user_id in session.exec(select(User.login, User.id)) if user_id}
    for row in _read(folder, "categories"):
        _category(session, row, None, people)


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.load(text, Loader=yaml.CBaseLoader)[name]  # noqa: S506 - strings only
    return rows


def _regions(session: Session, rows: list[dict[str, Any]]) -> None:
    known = set(session.exec(select(Region.path)))
    for position, (path, name) in enumerate(_region_paths(rows, "")):
        if path not in known:
            session.add(Region(path=path, name=name, position=position))


def _region_paths(rows: list[Any], above: str) -> Iterator[tuple[str, str]]:
    """`全国` itself is no path: an article without a region holds everywhere."""
    for row in rows:
        name = row["name"] if isinstance(row, dict) else row
        path = f"{above}/{name}" if above else name
        if name == EVERYWHERE:
            path = ""
        else:
            yield path, name
        if isinstance(row, dict):
            yield from _region_paths(row.get("children", []), path)


def _person(session: Session, row: dict[str, Any], password_hash: str) -> None:
    if session.exec(select(User.id).where(User.login == row["id"])).first() is not None:
        return
    extension = row.get("extension")
    fields = UserFields(
        login=row["id"],
        name=row["name"],
        team=row.get("team", ""),
        site=row.get("site", ""),
        region=row.get("region", ""),
        roles=row.get("roles", []),
        groups=row.get("groups", []),
        skills=row.get("skills", []),
        extensions={"simulator": extension} if extension else {},
    )
    create_user(session, SYSTEM, fields, password_hash=password_hash, demo=True)


def _category(session: Session, row: dict[str, Any], parent: Category | None, people: dict[str, int]) -> None:
    above = Category.parent_id == (parent.id if parent else None)
    category = session.exec(select(Category).where(above, Category.name == row["name"])).first()
    if category is None:
        category = _make(session, row, parent, people)
    for child in row.get("children", []):
        _category(session, child, category, people)


def _make(session: Session, row: dict[str, Any], parent: Category | None, people: dict[str, int]) -> Category:
    if parent is None:
        category = editing.create_line(session, SYSTEM, row["name"], editing.Members(row.get("members", ())))
    else:
        category = editing.create_category(session, SYSTEM, parent.id or 0, row["name"])
    if owner := row.get("owner"):
        category = editing.set_owner(session, SYSTEM, category.id or 0, category.version, people[owner])
    if rule := row.get("rule"):
        category = editing.set_rule(session, SYSTEM, category.id or 0, category.version, _rule(rule, people))
    return category


def _rule(rule: dict[str, Any], people: dict[str, int]) -> Rule:
    stages = [
        {**stage, "people": [people[login] for login in stage.get("people", [])]} for stage in rule["stages"]
    ]
    return Rule.model_validate({"stages": stages})
