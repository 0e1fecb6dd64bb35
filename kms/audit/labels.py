"""What acts are called. Actions without a word here are shown by their name."""

from typing import Any

WORDS = {
    "user": "人员",
    "group": "群组",
    "key": "接口密钥",
    "article": "知识",
    "revision": "版本",
    "draft": "草稿",
    "category": "分类",
    "licence": "免审资格",
    "approval": "审批",
    "correction": "纠错",
    "request": "知识需求",
    "attachment": "附件",
    "lookup": "检索记录",
    "audit": "审计日志",
    "create": "新增",
    "update": "修改",
    "delete": "删除",
    "activate": "启用",
    "deactivate": "停用",
    "import": "导入",
    "export": "导出",
    "handover": "交接",
    "password_reset": "重置密码",
    "password_change": "修改密码",
    "revoke": "吊销",
    "submit": "提交",
    "approve": "通过",
    "return": "退回",
    "withdraw": "撤回送审",
    "delegate": "转交",
    "replace": "更换审批人",
    "publish": "发布",
    "recall": "撤回",
    "retire": "停用",
    "restore": "恢复",
    "hold": "暂缓发布",
    "resume": "恢复发布",
    "cancel": "取消发布",
    "comment": "批注",
    "discard": "放弃",
    "rebase": "改换依据的",
    "grant": "授予",
    "reveal": "查看",
}


FIELDS = {
    "name": "名称",
    "title": "标题",
    "team": "班组",
    "site": "站点",
    "region": "地区",
    "skills": "技能组",
    "extensions": "分机",
    "active": "在用",
    "roles": "角色",
    "groups": "群组",
    "members": "成员",
    "description": "说明",
    "service": "服务",
    "scopes": "权限",
    "expires_at": "到期",
    "is_service": "服务账号",
    "prefix": "密钥开头",
    "rows": "行数",
    "to": "接手人",
    "reason": "原因",
    "owner_id": "负责人编号",
    "number": "版本",
    "revision": "版本",
    "stage": "审批环节",
    "comment": "意见",
    "route": "发布方式",
    "publication": "发布状态",
    "published_at": "发布时间",
    "effective_from": "生效时间",
    "effective_to": "失效时间",
    "provisional_until": "待核实到期",
    "successor": "替代条目",
    "until": "有效至",
    "login": "工号",
    "category_id": "分类编号",
    "from": "原审批人",
    "state": "状态",
}


def shown(value: Any) -> str:
    """A recorded value as people read it; empty for nothing."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "；".join(f"{key}：{shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "、".join(map(shown, value))
    return "" if value is None else str(value)


def label(action: str) -> str:
    """`user.update` → 修改人员; the name itself when a word is missing."""
    thing, _, act = action.partition(".")
    if act.startswith("password_"):
        return WORDS[act]
    return f"{WORDS[act]}{WORDS[thing]}" if thing in WORDS and act in WORDS else action
