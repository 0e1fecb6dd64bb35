"""The life of a revision: which pairs of approval and publication exist, and which steps lead where."""

from enum import StrEnum


class Approval(StrEnum):
    """Where the reviewers' decision on a revision stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    NOT_REQUIRED = "not_required"


class Publication(StrEnum):
    """Whether readers may see a revision."""

    NONE = "none"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


class Route(StrEnum):
    """The way on which a revision was submitted; fixed at submission."""

    ORDINARY = "ordinary"
    URGENT = "urgent"
    PROVISIONAL = "provisional"
    LICENSED = "licensed"
    IMPORTED = "imported"
