"""有效性: how a rule stands to the day that the reader asks about."""

from enum import StrEnum


class Validity(StrEnum):
    """`SUPERSEDED` ones are found by as_of and known_at only."""

    VALID = "valid"
    EXPIRED = "expired"
    COMING = "coming"
    SUPERSEDED = "superseded"


VALIDITY_LABELS = {
    Validity.VALID: "当前有效",
    Validity.COMING: "待生效",
    Validity.EXPIRED: "已失效",
    Validity.SUPERSEDED: "历史版本",
}
