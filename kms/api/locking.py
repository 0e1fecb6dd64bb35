"""One process owns the data directory: it alone writes the index."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kms.errors import Conflict
from kms.settings import Settings

FILE = "kms.lock"


class DataDirectoryInUse(Conflict):
    code = "data_directory_in_use"
    title = "数据目录正在使用"


@contextmanager
def data_lock(settings: Settings) -> Iterator[None]:
    """Hold the data directory; raises DataDirectoryInUse when another process does. Ends with the process."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / FILE
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DataDirectoryInUse(_told(settings, file.read().strip())) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _told(settings: Settings, pid: str) -> str:
    holder = f"（进程号 {pid}）" if pid else ""
    return (
        f"数据目录 {settings.data_dir} 正被另一个 kms 进程{holder}使用。"
        "请先停止那个进程，或用 KMS_DATA_DIR 指定另一个目录"
    )
