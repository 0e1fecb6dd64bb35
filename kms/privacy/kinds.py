"""What counts as personal data."""

from enum import StrEnum


class Kind(StrEnum):
    MOBILE = "mobile"
    LANDLINE = "landline"
    FOREIGN_PHONE = "foreign_phone"
    IDENTITY = "identity"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    PLATE = "plate"
    NAME = "name"
    ADDRESS = "address"


KIND_LABELS: dict[Kind, str] = {
    Kind.MOBILE: "手机号",
    Kind.LANDLINE: "座机号",
    Kind.FOREIGN_PHONE: "境外电话",
    Kind.IDENTITY: "身份证号",
    Kind.BANK_CARD: "银行卡号",
    Kind.EMAIL: "邮箱",
    Kind.PLATE: "车牌号",
    Kind.NAME: "姓名",
    Kind.ADDRESS: "地址",
}
