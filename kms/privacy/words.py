"""Names after the words that announce them, addresses by pattern, e-mail addresses and number plates."""

import re
from collections.abc import Iterator

from kms.privacy.kinds import Kind
from kms.privacy.rules import Hit, Rule, by_pattern

# The most common family names; those that are everyday words (时, 和, 都, 那) are left out.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍"
    "涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景"
    "党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|宇文|长孙|南宫|独孤|百里"
_SURNAME = f"(?:{_COMPOUND}|[{_SURNAMES}])"
# Words that may follow a name at once; without them 张伟明天来 would lose its 明.
_FOLLOWING = (
    "明天|明早|明晚|今天|今早|昨天|后天|刚才|刚刚|电话|手机|号码|打电|住在|家住|家里|想要|想办|想问|想查|要办|要查|要求|"
    "这个|那个|请帮|请问|帮我|帮忙|办理|查询|先生|女士|小姐|同学|老师|公司|身份|怎么|为什|什么|不是|没有|有个|可以|能不|"
    "申请|反映|投诉|来电|来办|来问|的|了|是|在|我|你|您|他|她|吗|呢|吧|啊|就是|也是|和我"
)
_HAN = r"[\u4e00-\u9fff]"
_GIVEN = rf"(?!(?:{_FOLLOWING})){_HAN}(?:(?!(?:{_FOLLOWING})){_HAN})?"
_CALLED = (
    r"(?:我叫|我的名字(?:叫|是)?|名字(?:叫|是)|本人(?:叫|姓名)?|姓名|联系人|收件人|经办人|户主|机主)"
    r"(?:名字|姓名)?[ 　]?[:：是为叫]?[ 　]?"
)
_NOT_NAMES = re.compile(
    "金卡|金牌|黄金|白金|白卡|高级|高校|程序|方便|方案|万能|任何|安装|安卓|时候|许多|严重|常用|路人|路过|管理|农民|农村|"
    "司机|师傅|商户|商家|商务|华为|全家|全国|全球|全部|应该|连续|连接|文员|文化|施工|安全|江苏|江西|安徽|温州|成都|黄山|金华|"
    "石家|宁波|宁夏|柳州|桂林|吉林|兰州|苏州|徐州|杭州|郑州|武汉|明白|单位|单独|单宽|解约|解除|房东|房主|车主|车险|米粉|"
    "简单|包月|包年|成年|成人|成功|席位|费用|项目|关于|关机|关停|关系|左边|温馨|通过|经常|向贵|向你|向您|于今|于昨|明确|"
    "查到|查询|时间|元旦|方式|方向|万一|全是|全都|安排|陆续|强制|段时|连不|车里|游客|顾客|党员|宫颈|解释|路由"
)
# Anything may follow 我是, so only a whole clause that looks like a name counts.
_CLAUSE_END = r"(?=[，。！？；、,.!?;\s]|$|我)"

_ROAD_END = "(?:路|街|街道|大道|巷|胡同|弄|村|小区|社区|花园|花苑|苑|家园|公寓|大厦|广场|新村|名都|山庄)"
_STREET = re.compile(rf"[\u4e00-\u9fff0-9０-９]{{1,20}}{_ROAD_END}[ ，,]?$")
_NO_STREET = re.compile("(?:线路|链路|电路|网路|通路|回路|套路|思路)[ ，,]?$")
_NUMBER = (
    r"(?<![0-9０-９A-Za-z])(?:[甲乙丙丁]?[0-9０-９]{1,5}|[一二三四五六七八九十百零〇]{1,5}|[A-Za-zＡ-Ｚ])"
    r"(?:[-－—][0-9０-９]{1,4}){0,3}"
)
_UNIT = rf"{_NUMBER}(?:号楼|号院|号|栋|幢|座|单元|层|楼|室|户|房|弄)"
_UNITS = re.compile(
    rf"(?:{_UNIT}[,， ]?)*{_UNIT}(?![线路机码卡])(?:[0-9０-９]{{3,4}}(?![0-9０-９元年月日个兆M]))?"
)
_ONE_UNIT = re.compile(_UNIT)
_DOOR = re.compile("[号栋幢座室户房弄]|单元")
_HOME = re.compile("[栋幢室]|单元|号楼")
# What stays of an address: up to the district, or the words that announce it.
_PLACE = re.compile(
    "(?<![小社])[省市区县镇乡州旗盟]|(?:家住|住址|地址|位于|[送寄搬移装住]到|[装住]在)(?:是|为|在)?|[住到在]"
)
_LOOK_BACK = 24


def _show_name(match: re.Match[str]) -> str | None:
    if _NOT_NAMES.match(match["surname"] + match["given"]):
        return None
    return match["said"] + match["surname"] + "**"


def _show_surname(match: re.Match[str]) -> str:
    return match["said"] + "*" + (match["then"] + "**" if match["then"] else "")


def _show_email(match: re.Match[str]) -> str:
    return f"{match['name'][0]}***@{match['host']}"


def _show_plate(match: re.Match[str]) -> str:
    return match["place"] + "****" + match[0][-1]


def _addresses(text: str) -> Iterator[Hit]:
    """From the house number back: scanning for streets would try every character."""
    end = 0
    for units in _UNITS.finditer(text):
        before = text[max(end, units.start() - _LOOK_BACK) : units.start()]
        street = _STREET.search(before)
        if not _is_home(street, units[0]):
            continue
        start = units.start() - _hidden_length(street[0] if street else "")
        end = units.end()
        yield Hit(start, end, "***")


def _is_home(street: re.Match[str] | None, units: str) -> bool:
    if street is not None and not _NO_STREET.search(street[0]):
        return bool(_DOOR.search(units))
    several = len(_ONE_UNIT.findall(units)) > 1 or units[-1].isdecimal()
    return several and bool(_HOME.search(units))


def _hidden_length(street: str) -> int:
    ends = [found.end() for found in _PLACE.finditer(street) if found.end() < len(street.rstrip(" ，,"))]
    return len(street) - max(ends, default=0)


WORD_RULES = (
    by_pattern(
        Kind.EMAIL,
        r"(?P<name>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
        _show_email,
    ),
    by_pattern(
        Kind.PLATE,
        "(?P<place>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z])[·• ]?"
        "(?=[A-Z]{0,5}[0-9])[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])",
        _show_plate,
    ),
    by_pattern(Kind.NAME, f"(?P<said>{_CALLED})(?P<surname>{_SURNAME})(?P<given>{_GIVEN})", _show_name),
    by_pattern(
        Kind.NAME,
        f"(?P<said>(?:我|免贵|本人)姓[是:： ]?)(?P<surname>{_SURNAME})"
        f"(?:(?P<then>[，, ]?(?:名字叫|名字是|名叫|全名|名|叫))(?P<given>{_GIVEN}))?",
        _show_surname,
    ),
    by_pattern(
        Kind.NAME, f"(?P<said>我是)(?P<surname>{_SURNAME})(?P<given>{_GIVEN}){_CLAUSE_END}", _show_name
    ),
    Rule(Kind.ADDRESS, _addresses),
)
