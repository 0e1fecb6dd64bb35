"""What people hold, from every concept that has something to hand over."""

from kms.accounts import handover
from kms.articles.handover import PARTS
from kms.inbox.handover import TASKS, tell
from kms.insight.handover import REQUESTS


def register_all() -> None:
    """Let accounts know all parts; repeating changes nothing."""
    handover.register(*PARTS, REQUESTS, TASKS)
    handover.on_done("inbox", tell)
