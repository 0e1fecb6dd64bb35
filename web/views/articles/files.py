"""Files of a revision."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.attachments import served
from kms.articles.api.parameters import Code, FileName, Files, Number
from kms.articles.attachments import find
from kms.articles.reading import read_revision
from kms.db.dependencies import ReadSession

router = APIRouter(prefix="/articles")
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]


@router.get("/{code}/revisions/{number}/attachments/{name}")
def revision_file(
    session: ReadSession, actor: Reader, files: Files, code: Code, number: Number, name: FileName
) -> Response:
    return served(files, find(read_revision(session, actor, code, number).content, name))
