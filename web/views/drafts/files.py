"""Files of a draft."""

from typing import Annotated

from fastapi import APIRouter, Depends, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import attachments
from kms.articles.api.attachments import attached, served
from kms.articles.api.parameters import Code, FileName, Files
from kms.articles.drafts import draft_for_edit
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import KmsError
from web.flash import flash
from web.templating import is_htmx

router = APIRouter(prefix="/drafts")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]


@router.post("/{code}/attachments")
def upload(
    request: Request, session: WriteSession, actor: Writer, files: Files, code: Code, file: UploadFile
) -> Response:
    """Paste or choose. With script the answer tells how the text refers to the file and the draft's new version."""
    try:
        ref = files.put(attachments.clean_name(file.filename or ""), file.file)
        made = attached(*attachments.attach(session, actor, code, None, ref))
    except KmsError as error:
        if is_htmx(request):
            return JSONResponse({"detail": error.message}, error.status)
        return _back(code, error.message, bad=True)
    if is_htmx(request):
        return JSONResponse(made.model_dump(mode="json"))
    return _back(code, f"已上传 {made.attachment.name}")


@router.post("/{code}/attachments/{name}/delete")
def remove(request: Request, session: WriteSession, actor: Writer, code: Code, name: FileName) -> Response:
    draft = attachments.detach(session, actor, code, name)
    if is_htmx(request):
        return JSONResponse({"version": draft.version})
    return _back(code, f"已从草稿移除 {name}")


@router.get("/{code}/attachments/{name}")
def draft_file(session: ReadSession, actor: Writer, files: Files, code: Code, name: FileName) -> Response:
    _, draft = draft_for_edit(session, actor, code)
    return served(files, attachments.find(draft.value(), name))


def _back(code: str, text: str, *, bad: bool = False) -> Response:
    response = RedirectResponse(f"/drafts/{code}", 303)
    flash(response, text, "bad" if bad else "good")
    return response
