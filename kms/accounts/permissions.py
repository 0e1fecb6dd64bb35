"""The one table of permissions: which role may do what."""

from enum import StrEnum


class Role(StrEnum):
    """Roles; a person has one or more."""

    AGENT = "agent"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    EXPERT = "expert"
    TRAINER = "trainer"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


ROLE_LABELS = {
    Role.AGENT: "坐席",
    Role.AUTHOR: "编辑",
    Role.REVIEWER: "审核",
    Role.EXPERT: "专家",
    Role.TRAINER: "培训师",
    Role.SUPERVISOR: "班长",
    Role.ADMIN: "管理员",
}


class Permission(StrEnum):
    """What a route asks for. The value is also the scope of an API key."""

    SIGNED_IN = "signed_in"
    SEARCH = "search"
    ARTICLE_READ = "article.read"
    ARTICLE_WRITE = "article.write"
    ARTICLE_APPROVE = "article.approve"
    ARTICLE_PUBLISH_URGENT = "article.publish_urgent"
    ARTICLE_PUBLISH_PROVISIONAL = "article.publish_provisional"
    ARTICLE_RECALL = "article.recall"
    ARTICLE_READ_COMING = "article.read_coming"
    ARTICLE_IMPORT = "article.import"
    ARTICLE_IMPORT_PUBLISH = "article.import_publish"
    ARTICLE_EXPORT = "article.export"
    APPROVER_REPLACE = "approver.replace"
    LICENCE_GRANT = "licence.grant"
    CORRECTION_REPORT = "correction.report"
    REQUEST_CREATE = "request.create"
    REQUEST_HANDLE = "request.handle"
    CATEGORY_MANAGE = "category.manage"
    LOOKUP_READ_SUMS = "lookup.read_sums"
    LOOKUP_READ_OTHERS = "lookup.read_others"
    USER_MANAGE = "user.manage"
    KEY_MANAGE = "key.manage"
    AUDIT_READ = "audit.read"


P = Permission

PERMISSION_LABELS = {
    P.SIGNED_IN: "登录使用",
    P.SEARCH: "检索知识",
    P.ARTICLE_READ: "阅读知识",
    P.ARTICLE_WRITE: "编写知识",
    P.ARTICLE_APPROVE: "审批知识",
    P.ARTICLE_PUBLISH_URGENT: "紧急发布",
    P.ARTICLE_PUBLISH_PROVISIONAL: "发布待核实",
    P.ARTICLE_RECALL: "撤回与停用",
    P.ARTICLE_READ_COMING: "查看待生效版本",
    P.ARTICLE_IMPORT: "批量导入",
    P.ARTICLE_IMPORT_PUBLISH: "导入并直接发布",
    P.ARTICLE_EXPORT: "导出知识",
    P.APPROVER_REPLACE: "更换审批人",
    P.LICENCE_GRANT: "授予免审资格",
    P.CORRECTION_REPORT: "提交纠错",
    P.REQUEST_CREATE: "提交知识需求",
    P.REQUEST_HANDLE: "处理知识需求",
    P.CATEGORY_MANAGE: "管理分类与审批规则",
    P.LOOKUP_READ_SUMS: "查看检索汇总",
    P.LOOKUP_READ_OTHERS: "查看他人检索记录",
    P.USER_MANAGE: "管理人员",
    P.KEY_MANAGE: "管理接口密钥",
    P.AUDIT_READ: "查看审计日志",
}

_READER = {P.SIGNED_IN, P.SEARCH, P.ARTICLE_READ, P.CORRECTION_REPORT, P.REQUEST_CREATE}
_AUTHOR = _READER | {P.ARTICLE_WRITE, P.ARTICLE_READ_COMING, P.ARTICLE_IMPORT, P.REQUEST_HANDLE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset(_READER),
    Role.AUTHOR: frozenset(_AUTHOR),
    Role.REVIEWER: frozenset(_READER | {P.ARTICLE_APPROVE, P.ARTICLE_READ_COMING}),
    Role.EXPERT: frozenset(_AUTHOR - {P.ARTICLE_IMPORT} | {P.ARTICLE_PUBLISH_PROVISIONAL}),
    Role.TRAINER: frozenset(_READER | {P.ARTICLE_READ_COMING}),
    Role.SUPERVISOR: frozenset(
        _AUTHOR
        | {
            P.ARTICLE_APPROVE,
            P.ARTICLE_PUBLISH_URGENT,
            P.ARTICLE_RECALL,
            P.ARTICLE_EXPORT,
            P.APPROVER_REPLACE,
            P.LICENCE_GRANT,
            P.CATEGORY_MANAGE,
            P.LOOKUP_READ_SUMS,
        }
    ),
    Role.ADMIN: frozenset(
        _READER
        | {
            P.ARTICLE_READ_COMING,
            P.ARTICLE_RECALL,
            P.ARTICLE_IMPORT,
            P.ARTICLE_IMPORT_PUBLISH,
            P.ARTICLE_EXPORT,
            P.APPROVER_REPLACE,
            P.CATEGORY_MANAGE,
            P.LOOKUP_READ_SUMS,
            P.LOOKUP_READ_OTHERS,
            P.USER_MANAGE,
            P.KEY_MANAGE,
            P.AUDIT_READ,
        }
    ),
}

NEVER_ON_BEHALF: frozenset[Permission] = frozenset(
    {
        P.ARTICLE_APPROVE,
        P.ARTICLE_PUBLISH_URGENT,
        P.ARTICLE_PUBLISH_PROVISIONAL,
        P.ARTICLE_RECALL,
        P.ARTICLE_IMPORT_PUBLISH,
        P.ARTICLE_EXPORT,
        P.APPROVER_REPLACE,
        P.LICENCE_GRANT,
        P.CATEGORY_MANAGE,
        P.LOOKUP_READ_OTHERS,
        P.USER_MANAGE,
        P.KEY_MANAGE,
        P.AUDIT_READ,
    }
)
"""What no program may do in a person's name: approval, administration, export, reveal."""


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All that these roles allow together."""
    return frozenset[Permission]().union(*(ROLE_PERMISSIONS[role] for role in roles))
