"""What the worker does every hour: old lookups and dead log-in sessions go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, col

from kms import clock
from kms.accounts.sessions import delete_expired
from kms.db.session import writing
from kms.outbox.service import wanted
from kms.outbox.worker import Consumer
from kms.search.models import Lookup, LookupOutcome
from kms.settings import Settings

CONSUMER = "housekeeping"
EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """A timer that sets itself anew, one for each kind of waste."""

    engine: Engine
    settings: Settings

    def consumer(self) -> Consumer:
        return Consumer(CONSUMER, self.handle)

    def schedule(self) -> None:
        """At the start of a worker; a timer that is already set comes at once, which does no harm."""
        with writing(self.engine) as session:
            for key in ("lookups", "sessions"):
                wanted(session, CONSUMER, key)

    def handle(self, keys: Sequence[str]) -> Mapping[str, str]:
        with writing(self.engine) as session:
            for key in keys:
                if key == "lookups":
                    delete_old_lookups(session, self.settings.lookup_retention_days)
                elif key == "sessions":
                    delete_expired(session, self.settings)
                wanted(session, CONSUMER, key, clock.now() + EVERY)
        return {}


def delete_old_lookups(session: Session, days: int) -> None:
    """Lookups and their outcomes beyond the retention."""
    old = sa.select(col(Lookup.id)).where(col(Lookup.at) < clock.now() - timedelta(days=days))
    session.execute(sa.delete(LookupOutcome).where(col(LookupOutcome.lookup_id).in_(old)))
    session.execute(sa.delete(Lookup).where(col(Lookup.at) < clock.now() - timedelta(days=days)))
