"""Two small pages on the real frame that show what the scripts do, with a server that remembers what it was asked."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from kms.accounts.dependencies import allow, public
from kms.accounts.permissions import Permission
from kms.errors import Conflict
from web.security import csp_nonce
from web.templating import templates

SEARCH = """
{% extends "base.html" %}
{% block title %}检索{% endblock %}
{% block searchbox %}{{ ui.searchbox(value=q, action="/bench/search", attrs={"data-search": ""}) }}{% endblock %}
{% block main %}
{% block results %}
<section id="results" data-list data-lookup="{{ q }}" data-settle-url="/bench/settle" data-lookup-token="signed">
  {% for n in range(1, count + 1) %}
  {{ ui.hit(n, "KB-00000" ~ n, q ~ " 的第 " ~ n ~ " 条", "#opened-" ~ n, "请您稍等。", 3) }}
  {% endfor %}
  <p id="count">{{ count }} 条</p>
</section>
{% endblock %}
{{ ui.speak("请您先检查光纤接头。", "KB-000001") }}
<button type="button" data-key="R" id="wrong">报错</button>
{% endblock %}
"""

EDITOR = """
{% extends "base.html" %}
{% block title %}编辑{% endblock %}
{% block main %}
<form data-editor data-draft="7" data-nonce="{{ csp_nonce }}" method="post" action="/bench/submit"
      data-save-url="/bench/save" data-preview-url="/bench/preview" data-preview="#preview">
  {{ ui.backup_offer() }}
  <input type="hidden" name="version" value="{{ version }}"><span data-save-state role="status"></span>
  {{ ui.input("title", "标题", title) }}
  {{ ui.textarea("summary", "标准口径", summary, count=120) }}
  {{ ui.taginput("questions", "相似问法", questions) }}
  {{ ui.mdbox("body", "正文", body) }}
  {{ ui.step_list([]) }}
  {{ ui.button("提交审批", "primary", type="submit") }}
</form>
<div id="preview"></div>
{% endblock %}
"""


@dataclass
class Bench:
    """What the server was asked, and the one draft that it keeps."""

    searched: list[str] = field(default_factory=list)
    settled: list[dict[str, Any]] = field(default_factory=list)
    saves: list[dict[str, Any]] = field(default_factory=list)
    submitted: int = 0
    version: int = 1
    fields: dict[str, Any] = field(
        default_factory=lambda: {
            "title": "光猫红灯",
            "summary": "请稍等。",
            "questions": ["红灯闪"],
            "body": "第一行",
        }
    )

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/bench", dependencies=[Depends(public)])
        router.add_api_route("/search", self.search)
        router.add_api_route("/settle", self.settle, methods=["POST"], status_code=204)
        router.add_api_route("/editor", self.editor)
        router.add_api_route(
            "/save", self.save, methods=["POST"], dependencies=[Depends(allow(Permission.ARTICLE_WRITE))]
        )
        router.add_api_route("/preview", self.preview, methods=["POST"])
        router.add_api_route("/submit", self.submit, methods=["POST"])
        return router

    def search(self, request: Request, q: str = "") -> Response:
        if request.headers.get("X-Live"):
            self.searched.append(q)
        context = {"request": request, "q": q, "count": len(q) % 5 + 1, **_frame(request)}
        template = templates.env.from_string(SEARCH)
        if not request.headers.get("X-Live"):
            return HTMLResponse(template.render(context))
        block = template.blocks["results"](template.new_context(context))
        return HTMLResponse("".join(block))

    def settle(self, body: dict[str, Any]) -> None:
        self.settled.append(body)

    def editor(self, request: Request) -> Response:
        nonce = csp_nonce(request)
        template = templates.env.from_string(EDITOR)
        context = {
            "request": request,
            "version": self.version,
            **self.fields,
            **_frame(request),
            "csp_nonce": nonce,
        }
        return HTMLResponse(template.render(context))

    async def save(self, request: Request) -> Response:
        form = await request.form()
        fields: dict[str, Any] = {name: form.getlist(name) for name in form if name != "version"}
        self.saves.append(fields)
        if int(str(form["version"])) != self.version:
            raise Conflict("有人改过", theirs=self.fields, version=self.version, saved_by="周志强")
        self.fields = {
            "title": fields["title"][0],
            "summary": fields["summary"][0],
            "questions": [text for text in fields["questions"] if text],
            "body": fields["body"][0],
        }
        self.version += 1
        return JSONResponse({"version": self.version})

    def preview(self, body: Annotated[str, Form()] = "") -> Response:
        return HTMLResponse(f"<p>{body}</p>")

    def submit(self) -> Response:
        self.submitted += 1
        return HTMLResponse("<h1>已提交</h1>")


def _frame(request: Request) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for processor in templates.context_processors:
        context |= processor(request)
    return context
