"""Attachments: into drafts, and out through a draft or a revision that the caller may read."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import attachments
from kms.articles.api.parameters import LAST_ID, Code, FileName, Files, Number
from kms.articles.content import AttachmentRef
from kms.articles.drafts import draft_for_edit
from kms.articles.file_types import IMAGES, MEDIA_TYPES
from kms.articles.models import Draft
from kms.articles.reading import read_revision
from kms.db.dependencies import ReadSession, WriteSession

router = APIRouter(tags=["附件"])
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
_BYTES = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(sorted(set(MEDIA_TYPES.values())), _BYTES)}
}


class Attached(BaseModel):
    """The stored file, the draft's new version, and how the text refers to it."""

    attachment: AttachmentRef
    version: int
    markdown: str


@router.post("/articles/{code}/draft/attachments", status_code=201, summary="上传附件")
def upload(
    session: WriteSession,
    actor: Writer,
    files: Files,
    code: Code,
    file: UploadFile,
    version: Annotated[int | None, Form(ge=1, le=LAST_ID)] = None,
) -> Attached:
    """图片、PDF、Office、CSV、TXT。内容与扩展名不符时返回 415，过大时返回 413；重名时自动改名。"""
    return attached(*attachments.attach(session, actor, code, version, files.put(_name(file), file.file)))


@router.get(
    "/articles/{code}/draft/attachments/{name}",
    summary="读草稿的附件",
    response_class=FileResponse,
    responses=FILE,
)
def draft_file(session: ReadSession, actor: Writer, files: Files, code: Code, name: FileName) -> FileResponse:
    """只有可编辑这条知识的人能读。"""
    _, draft = draft_for_edit(session, actor, code)
    return served(files, attachments.find(draft.value(), name))


@router.delete("/articles/{code}/draft/attachments/{name}", summary="删除草稿的附件")
def remove(session: WriteSession, actor: Writer, code: Code, name: FileName) -> dict[str, int]:
    """已提交的版本不受影响。返回草稿的新版本号。"""
    return {"version": attachments.detach(session, actor, code, name).version}


@router.get(
    "/articles/{code}/revisions/{number}/attachments/{name}",
    summary="读某一版本的附件",
    response_class=FileResponse,
    responses=FILE,
)
def revision_file(
    session: ReadSession, actor: Reader, files: Files, code: Code, number: Number, name: FileName
) -> FileResponse:
    """能读这一版本的人才能读它的附件。"""
    return served(files, attachments.find(read_revision(session, actor, code, number).content, name))


def served(files: attachments.Store, ref: AttachmentRef) -> FileResponse:
    """The bytes, so that a browser neither guesses their type nor runs what is in them."""
    return FileResponse(
        files.file(ref),
        media_type=ref.media_type,
        filename=ref.name,
        content_disposition_type="inline" if ref.media_type in IMAGES else "attachment",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-cache",
        },
    )


def attached(draft: Draft, ref: AttachmentRef) -> Attached:
    mark = "!" if ref.media_type in IMAGES else ""
    return Attached(
        attachment=ref, version=draft.version, markdown=f"{mark}[{ref.name}](attachments/{ref.name})"
    )


def _name(file: UploadFile) -> str:
    return attachments.clean_name(file.filename or "附件")
