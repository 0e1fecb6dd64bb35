"""The words that articles carry: regions (全国 > 省 > 市) and products."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.models import Product, Region
from kms.audit.service import record
from kms.errors import Conflict, Invalid

REGION_MAX = 64
PRODUCT_MAX = 64


def regions(session: Session) -> list[Region]:
    """All regions, each followed by its parts."""
    return list(session.exec(select(Region).order_by(col(Region.path))))


def products(session: Session) -> list[Product]:
    return list(session.exec(select(Product).order_by(Product.name)))


def add_region(session: Session, actor: Actor, path: str) -> Region:
    """`广东` or `广东/广州`; the province must exist. Raises Conflict for one that exists."""
    actor.must(Permission.CATEGORY_MANAGE)
    parts = [part.strip() for part in path.split("/")]
    path = "/".join(parts)
    if not all(parts) or len(parts) > 2 or len(path) > REGION_MAX or len(parts[-1]) > 32:
        raise Invalid("地区有误", {"path": "请写成“广东”或“广东/广州”"})
    if len(parts) == 2 and session.get(Region, parts[0]) is None:
        raise Invalid("地区有误", {"path": f"请先添加“{parts[0]}”"})
    last: int | None = session.scalar(sa.select(sa.func.max(Region.position)))
    region = Region(path=path, name=parts[-1], position=(last or 0) + 1)
    _insert(session, region, f"已有地区“{path}”")
    record(session, actor, "region.create", "region", path)
    return region


def add_product(session: Session, actor: Actor, name: str, aliases: tuple[str, ...] = ()) -> Product:
    """Raises Conflict for one that exists."""
    actor.must(Permission.CATEGORY_MANAGE)
    name = name.strip()
    aliases = tuple(dict.fromkeys(alias.strip() for alias in aliases if alias.strip()))
    if not name or any(len(word) > PRODUCT_MAX for word in (name, *aliases)) or len(aliases) > 20:
        raise Invalid("产品有误", {"name": f"请填写 1–{PRODUCT_MAX} 个字，别名最多 20 个"})
    product = Product(name=name, aliases=list(aliases))
    _insert(session, product, f"已有产品“{name}”")
    record(session, actor, "product.create", "product", name)
    return product


def _insert(session: Session, row: Region | Product, message: str) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(message) from None
