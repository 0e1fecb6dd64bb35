"""Files of articles, stored once by the hash of their bytes, opened only through an article."""

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.articles.content import AttachmentRef, Content
from kms.articles.drafts import draft_for_change, put_content
from kms.articles.file_types import media_type
from kms.articles.models import Attachment, Draft
from kms.errors import Conflict, Invalid, NotFound, TooLarge

_CHUNK = 256 * 1024
_UNFIT = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|#%()\[\]]')
NAME_MAX = 100
ATTACHMENTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Store:
    """Where the bytes lie; `max_bytes` a file."""

    folder: Path
    max_bytes: int

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def put(self, name: str, source: IO[bytes]) -> AttachmentRef:
        """Check and keep a file; durable when this returns. Raises TooLarge, UnsupportedMedia."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix="upload-")
        path = Path(temporary)
        try:
            with os.fdopen(handle, "wb") as target:
                digest, size = self._copy(source, target)
            ref = AttachmentRef(name=name, hash=digest, size=size, media_type=media_type(name, path))
            self._keep(path, digest)
            return ref
        finally:
            path.unlink(missing_ok=True)

    def file(self, ref: AttachmentRef) -> Path:
        """Raises NotFound when the bytes are gone."""
        path = self.path(ref.hash)
        if not path.is_file():
            raise NotFound(f"附件“{ref.name}”的文件不在，请联系管理员从备份恢复")
        return path

    def _copy(self, source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
        digest, size = sha256(), 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > self.max_bytes:
                raise TooLarge(f"附件不能超过 {self.max_bytes // 1024 // 1024} MB，请压缩后再上传")
            digest.update(chunk)
            target.write(chunk)
        if not size:
            raise Invalid("文件是空的", {"file": "文件是空的，请重新选择"})
        target.flush()
        os.fsync(target.fileno())
        return digest.hexdigest(), size

    def _keep(self, path: Path, digest: str) -> None:
        final = self.path(digest)
        final.parent.mkdir(exist_ok=True)
        path.replace(final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def attach(
    session: Session, actor: Actor, code: str, version: int | None, ref: AttachmentRef
) -> tuple[Draft, AttachmentRef]:
    """Add a stored file to the draft; its name is made unique there. The same file under the same name stays one.

    Without `version` the file is added to whatever the draft holds now.
    """
    _, draft = draft_for_change(session, actor, code)
    if version is not None and version != draft.version:
        raise Conflict("草稿刚被别人保存过，请刷新后再上传附件", version=draft.version)
    content = draft.value()
    ref = ref.model_copy(update={"name": _free_name(content.attachments, clean_name(ref.name), ref.hash)})
    if ref not in content.attachments:
        if len(content.attachments) >= ATTACHMENTS_MAX:
            raise Invalid("附件太多", {"file": f"一条知识最多 {ATTACHMENTS_MAX} 个附件"})
        put_content(draft, actor, content.model_copy(update={"attachments": (*content.attachments, ref)}))
    remember(session, actor, ref)
    return draft, ref


def remember(session: Session, actor: Actor, ref: AttachmentRef) -> None:
    """Note a stored file once."""
    if session.get(Attachment, ref.hash) is None:
        session.add(
            Attachment(
                hash=ref.hash,
                size=ref.size,
                media_type=ref.media_type,
                created_at=clock.now(),
                created_by=actor.user_id,
            )
        )


def detach(session: Session, actor: Actor, code: str, name: str) -> Draft:
    """Take a file out of the draft; revisions that have it keep it."""
    _, draft = draft_for_change(session, actor, code)
    content = draft.value()
    find(content, name)
    rest = tuple(ref for ref in content.attachments if ref.name != name)
    put_content(draft, actor, content.model_copy(update={"attachments": rest}))
    return draft


def find(content: Content, name: str) -> AttachmentRef:
    """The attachment of that name. Raises NotFound."""
    for ref in content.attachments:
        if ref.name == name:
            return ref
    raise NotFound(f"没有附件“{name}”")


def clean_name(name: str) -> str:
    """A file name without folders and without characters that paths or Markdown take amiss."""
    pure = PurePosixPath(_UNFIT.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ") or "附件")
    return f"{pure.stem[: NAME_MAX - len(pure.suffix[:10])]}{pure.suffix[:10]}".replace(" ", "_")


def _free_name(taken: Iterable[AttachmentRef], name: str, digest: str) -> str:
    hashes = {ref.name: ref.hash for ref in taken}
    pure, candidate, number = PurePosixPath(name), name, 1
    while hashes.get(candidate, digest) != digest:
        number += 1
        candidate = f"{pure.stem}-{number}{pure.suffix}"
    return candidate
