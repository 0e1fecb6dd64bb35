"""The sample people's password: one, random for each installation, shown on the terminal."""

import os
import secrets

from rich.table import Table
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from kms.accounts.models import User, UserRole
from kms.accounts.permissions import ROLE_LABELS, Role
from kms.cli.console import console
from kms.db.session import reading
from kms.settings import Settings

FILE = "demo-password"


def demo_password(settings: Settings) -> str:
    """From the settings, or from a file in the data directory that only its owner may read."""
    if given := settings.demo_password.get_secret_value():
        return given
    path = settings.data_dir / FILE
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"kms-{secrets.randbelow(10**6):06}-demo")
    return path.read_text()


def show_demo_people(engine: Engine, settings: Settings) -> None:
    """Who can log in with what, while KMS_DEMO is on."""
    if not settings.demo:
        return
    with reading(engine) as session:
        users = session.exec(select(User).where(col(User.demo), col(User.active)).order_by(User.login)).all()
        roles = session.exec(
            select(UserRole).where(col(UserRole.user_id).in_([user.id for user in users]))
        ).all()
    if not users:
        return
    table = Table("工号", "姓名", "班组", "角色", title=f"Sample people, password: {demo_password(settings)}")
    for user in users:
        held = {row.role for row in roles if row.user_id == user.id}
        table.add_row(
            user.login, user.name, user.team, "、".join(ROLE_LABELS[role] for role in Role if role in held)
        )
    console.print(table)
