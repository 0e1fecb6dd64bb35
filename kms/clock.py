"""The one source of time. UTC inside, Asia/Shanghai at the edges; tests put a clock of their own in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_now: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced by `using`


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _now()


def today() -> date:
    """The present day in Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same instant on a Shanghai clock."""
    return moment.astimezone(SHANGHAI)


def start_of(day: date) -> datetime:
    """The instant at which `day` begins in Shanghai, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def parse(text: str) -> datetime:
    """Read a date or a date with time as people and APIs write it.

    Without an offset it is Shanghai time; a bare date is the beginning of that day.
    Raises ValueError.
    """
    text = text.strip().replace("/", "-")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970, for index fields."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@contextmanager
def using(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let `clock` be the time within the block (tests, simulations)."""
    global _now
    before, _now = _now, clock
    try:
        yield
    finally:
        _now = before
