"""Telephone, identity and card numbers, written with ASCII or full-width digits or spoken in Chinese ones.

Service numbers (10086, 12345, 95588, 1065…, 400 and 800), prices, dates and codes are nobody's data.
"""

import re
from datetime import date

from stdnum import luhn
from stdnum.cn import ric

from kms.privacy.kinds import Kind
from kms.privacy.rules import SPOKEN, by_pattern, digits_of, starred

_D = "[0-9０-９]"
_SEP = r"[ \u3000\-－‐–—·.]"
_START = rf"(?<!{_D})"
_END = rf"(?!{_D})(?!\.{_D}{{1,2}}(?!{_D}))"  # not an amount with cents
_CHINA = rf"(?:(?:[+＋]|[0０]{{2}})?[8８][6６]{_SEP}?)?"
_CODE = re.compile(r"[A-Z]{2,}[-_#]?$")
_NO_CODE = re.compile(r"(?:TEL|PHONE|MOBILE|MOB|WX|VX|QQ|SIM)[-_#]?$")


def _mobile() -> str:
    """The groupings that people write; any grouping at all would also take a list of prices."""
    head = "[1１][3-9３-９]"
    groups = [
        f"{head}{_D}{{9}}",
        f"{head}{_D}{_SEP}{_D}{{4}}{_SEP}{_D}{{4}}",
        f"{head}{_D}{_SEP}{_D}{{8}}",
        f"{head}{_D}{{5}}{_SEP}{_D}{{4}}",
        f"{head}{_D}{{2}}{_SEP}{_D}{{3}}{_SEP}{_D}{{4}}",
        f"{head}{_D}{{2}}{_SEP}{_D}{{4}}{_SEP}{_D}{{3}}",
        f"{head}{_D}{_SEP}{_D}{{3}}{_SEP}{_D}{{5}}",
        f"[1１]{_SEP}[3-9３-９](?:{_SEP}{_D}){{9}}",
    ]
    return f"{_START}(?P<china>{_CHINA})(?P<number>{'|'.join(groups)}){_END}"


def _show_mobile(match: re.Match[str]) -> str | None:
    if _is_code(match):
        return None
    return match["china"] + starred(match["number"], 3, 4)


def _is_code(match: re.Match[str]) -> bool:
    """Whether letters before it make it a code: KB-, SN, GD …"""
    before = match.string[max(0, match.start() - 8) : match.start()]
    return bool(_CODE.search(before)) and not _NO_CODE.search(before)


def _show_identity(match: re.Match[str]) -> str | None:
    number = digits_of(match["number"])
    if match["said"] is None and not _is_identity(number):
        return None
    return (match["said"] or "") + starred(match["number"], 6, 4)


def _is_identity(number: str) -> bool:
    if len(number) != 18 or ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return born.year >= 1900


def _show_card(match: re.Match[str]) -> str | None:
    number = digits_of(match["number"])
    if not 15 <= len(number) <= 19:
        return None
    if match["said"] is None and not (_issued(number) and luhn.is_valid(number) and not _is_code(match)):
        return None
    return (match["said"] or "") + starred(match["number"], 4, 4)


def _issued(number: str) -> bool:
    """Numbers of cards begin with 22-27 or 3-9; serial numbers with 20…, service numbers with 10…"""
    return number[:2] >= "22"


def _show_landline(match: re.Match[str]) -> str | None:
    number = digits_of(match["area"]) + digits_of(match["number"])
    if _is_code(match) or not _is_valid_phone(number, "CN"):
        return None
    return match["before"] + match["area"] + match["after"] + starred(match["number"], 0, 4)


def _show_foreign(match: re.Match[str]) -> str | None:
    number = digits_of(match["number"])
    return "+" + starred(match["number"], 2, 3) if _is_valid_phone("+" + number, None) else None


def _is_valid_phone(number: str, region: str | None) -> bool:
    import phonenumbers  # 30 ms that most texts never need

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _show_local(match: re.Match[str]) -> str:
    return match["said"] + starred(match["number"], 0, 3)


def _show_spoken(match: re.Match[str]) -> str:
    return starred(match[0], 3, 4)


def _show_spoken_long(match: re.Match[str]) -> str | None:
    number = digits_of(match[0])
    if _is_identity(number):
        return starred(match[0], 6, 4)
    is_card = 15 <= len(number) <= 19 and _issued(number) and luhn.is_valid(number)
    return starred(match[0], 4, 4) if is_card else None


_SAID_IDENTITY = r"(?P<said>身份证(?:件)?(?:号码|号)?(?:\s|[:：是为])*)"
_SAID_CARD = r"(?P<said>(?:卡号|银行卡|储蓄卡|信用卡)(?:号码|号)?(?:\s|[:：是为])*)"
_SAID_PHONE = r"(?P<said>(?:座机|固话|电话|联系方式)(?:号码|号)?(?:\s|[:：是为])*)"
_SPOKEN = f"[{SPOKEN}]"

_IDENTITY = rf"{_D}{{6}}{_SEP}?{_D}{{4}}{_SEP}?{_D}{{4}}{_SEP}?{_D}{{3}}[0-9０-９xXｘＸ]"
_IDENTITY_OLD = rf"{_D}{{15}}"  # of before 1999, without a checksum: only where it is announced
_CARD = rf"{_D}{{4}}(?:{_SEP}?{_D}{{4}}){{2,3}}{_SEP}?{_D}{{1,4}}"
_AREA = f"[0０](?:[1１][0０]|[2２]{_D}|[3-9３-９]{_D}{{2}})"
_LANDLINE = (
    rf"(?P<before>[（(]?{_CHINA})(?P<area>{_AREA})(?P<after>[）)]?{_SEP}?)"
    rf"(?P<number>{_D}{{3,4}}{_SEP}?{_D}{{4}})"
)
_LOCAL = rf"[2-8２-８]{_D}{{2,3}}{_SEP}?{_D}{{4}}"
_FOREIGN = rf"[1-9１-９](?:{_SEP}?{_D}){{7,14}}"

NUMBER_RULES = (
    by_pattern(Kind.IDENTITY, f"{_SAID_IDENTITY}?{_START}(?P<number>{_IDENTITY}){_END}", _show_identity),
    by_pattern(Kind.IDENTITY, f"{_SAID_IDENTITY}(?P<number>{_IDENTITY_OLD}){_END}", _show_identity),
    by_pattern(Kind.MOBILE, _mobile(), _show_mobile),
    by_pattern(Kind.BANK_CARD, f"{_SAID_CARD}?{_START}(?P<number>{_CARD}){_END}", _show_card),
    by_pattern(Kind.LANDLINE, f"{_START}{_LANDLINE}{_END}", _show_landline),
    by_pattern(Kind.LANDLINE, f"{_SAID_PHONE}(?P<number>{_LOCAL}){_END}", _show_local),
    by_pattern(Kind.FOREIGN_PHONE, rf"[+＋](?P<number>{_FOREIGN}){_END}", _show_foreign),
    by_pattern(Kind.MOBILE, f"[幺一][三四五六七八九]{_SPOKEN}{{9}}(?!{_SPOKEN})", _show_spoken),
    by_pattern(Kind.IDENTITY, f"{_SPOKEN}{{15,19}}[xXｘＸ]?(?!{_SPOKEN})", _show_spoken_long),
)
