"""Which steps a knowledge request may take."""

OPEN, TAKEN, DONE, DECLINED = "open", "taken", "done", "declined"
STATES = {OPEN: "待处理", TAKEN: "处理中", DONE: "已解决", DECLINED: "已答复"}
_STEPS = {
    OPEN: {TAKEN, DONE, DECLINED},
    TAKEN: {TAKEN, DONE, DECLINED},
    DONE: set[str](),
    DECLINED: set[str](),
}


def check_step(state: str, wanted: str) -> bool:
    """Whether a request in `state` may become `wanted`; someone else may take over what is being handled."""
    return wanted in _STEPS[state]
