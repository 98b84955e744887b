"""T36 and the issue's bad input: people are let in however they type, and nobody hides in a name."""

from datetime import date

import pytest

from volunteer import identity
from volunteer.identity import (
    BadBirth,
    BadName,
    BadPhone,
    BadText,
    BrokenName,
    LongName,
    LongText,
    NoName,
    NoText,
    OnlyDigits,
    SymbolInName,
    UnseenInName,
    UnseenInText,
)

# ── phones ──


@pytest.mark.parametrize(
    "text",
    [
        "13900000001",
        " 139 0000 0001 ",
        "139-0000-0001",
        "+8613900000001",
        "+86 139 0000 0001",
        "+86-139-0000-0001",
        "86 13900000001",
        "008613900000001",
        "0086-139-0000-0001",
        "(+86) 139 0000 0001",
        "（＋８６）１３９０００００００１",
        "１３９０００００００１",
        "１３９－００００－０００１",
        "139—0000—0001",
        "139·0000·0001",
        "139、0000、0001",
        "139.0000.0001",
        "013900000001",
        "tel:+8613900000001",
        "\u202d+86 139 0000 0001\u202c",
        "\u200b139\u00a00000\u30000001\ufeff",
        "139\u22120000\u22120001",
        "١٣٩٠٠٠٠٠٠٠١",
        "一三九〇〇〇〇〇〇〇一",
        "幺三九零零零零零零零幺",
    ],
)
def test_a_number_is_the_same_however_it_is_typed(text):
    assert identity.phone(text) == "13900000001"


@pytest.mark.parametrize("text", ["+852 9123 4567", "00852-91234567", "+85291234567"])
def test_a_number_from_elsewhere_keeps_its_country(text):
    assert identity.phone(text) == "+85291234567"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "1390000000", "139000000011", "12900000001", "23900000001", "0755-28812345", "075528812345",
        "10086", "110", "abc", "1390000000l", "139OOOOOOO1", "13900000001 转 8", "13900000001/13900000002",
        "+86 0755 2881 2345", "+85200000000", "+852 2881 2345", "+8612345678901", "+1 234", "+999999999999", "😀13900000001", "=13900000001",
        "139+00000001", "1" * 61, "1" * 100_000, "\x0013900000001", "\ud80013900000001", "13900000001\n13900000001",
    ],
)  # fmt: skip
def test_what_is_no_mobile_number_is_refused_with_a_sentence(text):
    with pytest.raises(BadPhone) as refusal:
        identity.phone(text)
    assert (refusal.value.code, refusal.value.status) == ("phone.invalid", 422)
    assert refusal.value.detail == "手机号要 11 位，以 1 开头，请再看一看。"


# ── names ──

PAGE = """
王伟 李娜 张敏 刘洋 陈静 杨丽 赵军 黄强 周磊 吴艳 徐杰 孙涛 马超 朱婷 胡明 郭鹏 何平 高峰 林霞 罗刚
王小明 李一一 张志强 刘德华 陈思思 杨紫琼 赵子龙 黄飞鸿 周星驰 吴彦祖 欧阳修 司马光 诸葛亮 上官婉儿 皇甫嵩 尉迟恭
东方不败 令狐冲 慕容复 独孤求败 欧阳夏丹 王李小明 爱新觉罗溥仪 叶赫那拉杏贞 那木汗 其其格 陈阿妹 林阿公 单于 仉督 亓官 妫海
买买提·吐尔逊 古丽娜扎尔·拜合提亚尔 阿不都热西提·阿不都拉 迪丽热巴·迪力木拉提 艾力·买买提 帕尔哈提·哈力克 阿依努尔·库尔班
热依扎·阿里木江 努尔·白克力 阿凡提·纳斯尔丁·霍加 扎西·多吉 才旦·卓玛 尼玛·次仁·旺堆 巴特尔·额尔德尼 乌兰·托娅 阿诗玛·阿黑 依罗娜·玉香
卡比努尔·艾则孜·买买提明 赛福鼎·艾则孜 司马义·艾买提 铁木尔·达瓦买提 包尔汉·沙希迪 阿沛·阿旺晋美 帕巴拉·格列朗杰 热地 次旺俊美
𠮷野 𠮷田明 李𬭚 王𬀩 陈𬴂 赵𫍯 张㛃 刘䶮 高䶮 周𡋾 吴𪨶 黄𫘧 林𬬭 马𮧵 孙𰻞 郑𲎯 何㐂 许〇 李〇一 朱䒟 王𡧳 钱𫖯
李喆 陶喆 朱镕基 张翀 王珺 李堃 赵犇 刘羴 周鱻 吴燚 陈淼 林森 牛犇 龙龘 王曌 武曌 杨垚 石磊 余鑫 郁郁 佐佐木 佐々木希
Smith O'Brien Jean-Luc Anne-Marie Müller Nguyễn Søren Łukasz Çelik Þóra Dvořák Ñuñez José François Zoë Björk Ngô Đặng
John_Smith Mary_Jane_Watson J._R._Smith Martin_Luther_King_Jr. Jean-Luc_O'Brien Nguyễn_Thị_Minh_Khai Nguyễn_Văn_Bảy
Иванов Иван_Иванович Дмитрий_Шостакович Ким_Чен Γιώργος_Παπαδόπουλος Օhanyan محمد تۇرسۇن_مەمەت عبد_الله
김민수 이영희 田中太郎 高橋さくら アベ_シンゾウ สมชาย ธนพล राम अमिताभ བསོད་ནམས བསོད་ནམས་ ᠪᠠᠲᠤ 志愿者0001 李明2
"""
REAL = PAGE.split()


def test_the_list_of_real_names_is_long_enough():
    """T36."""
    assert len(set(REAL)) >= 120


@pytest.mark.parametrize("name", [name.replace("_", " ") for name in REAL])
def test_people_have_all_sorts_of_names(name):
    """T36."""
    assert identity.person_name(name) == name


@pytest.mark.parametrize(
    "typed, name",
    [
        ("  王小明 ", "王小明"),
        ("王　明", "王明"),
        ("王 小 明", "王小明"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提。吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("O’Brien", "O'Brien"),
        ("John   Smith", "John Smith"),
        ("ＪＯＨＮ", "JOHN"),
        ("Ze\u0301", "Zé"),
        ("王⼩明", "王小明"),
        ("\uf900", "豈"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("Jean‐Luc", "Jean-Luc"),
    ],
)
def test_a_name_has_one_spelling(typed, name):
    """T36."""
    assert identity.person_name(typed) == name


@pytest.mark.parametrize(
    "text, refusal",
    [
        ("", NoName), (" 　 ", NoName),
        ("王" * 41, LongName), ("a" * 401, LongName),
        ("王\u200c明", UnseenInName), ("王\u200b明", UnseenInName), ("\ufeff王明", UnseenInName),
        ("王\u200d明", UnseenInName), ("王\u202e明", UnseenInName), ("王\u2066明\u2069", UnseenInName),
        ("王\x00明", UnseenInName), ("王\n明", UnseenInName), ("王\t明", UnseenInName), ("王\x7f明", UnseenInName),
        ("王\u2028明", UnseenInName), ("王\ud800", UnseenInName), ("王\ue000", UnseenInName), ("王\u3164", UnseenInName),
        ("王\u115f明", UnseenInName), ("王\ufe0f明", UnseenInName), ("\u2800\u2800", UnseenInName),
        ("王\U000e0041", UnseenInName), ("a" + "\u0301" * 9, UnseenInName), ("王\u00ad明", UnseenInName),
        ("王小明😀", SymbolInName), ("👨‍👩‍👧", SymbolInName), ("小❤️", SymbolInName), ("🫨王", SymbolInName), ("王★", SymbolInName),
        ("<b>王</b>", SymbolInName), ("王(组长)", SymbolInName), ("=王明", SymbolInName), ("王,明", SymbolInName),
        ("a@b", SymbolInName), ("𝕎𝕒𝕟𝕘", SymbolInName), ("王①", SymbolInName), ("\u0301王", SymbolInName), ("王/明", SymbolInName),
        ("12345", OnlyDigits), ("１２３", OnlyDigits), ("1 2", OnlyDigits),
        ("·", BrokenName), ("·王", BrokenName), ("王·", BrokenName), ("王··明", BrokenName), ("-", BrokenName),
        ("Anne--Marie", BrokenName), ("'Brien", BrokenName), ("王·-明", BrokenName), ("王-", BrokenName),
    ],
)  # fmt: skip
def test_nobody_hides_in_a_name(text, refusal):
    """T36."""
    with pytest.raises(refusal) as refused:
        identity.person_name(text)
    assert (refused.value.code, refused.value.status) == ("name.invalid", 422)
    assert refused.value.detail and "{" not in refused.value.detail


def test_a_name_of_forty_characters_is_long_and_fine():
    assert identity.person_name("𠮷" * 40) == "𠮷" * 40
    assert identity.person_name("葛\U000e0100" * 40) == "葛\U000e0100" * 40


def test_what_cannot_stand_in_a_name_is_shown():
    with pytest.raises(SymbolInName, match="名字里不能有表情或符号：😀"):
        identity.person_name("王😀")


@pytest.mark.parametrize(
    "name",
    ["小满", "小满😀", "👨‍👩‍👧 一家", "❤️‍🔥", "👍🏽", "🩷", "1️⃣号", "A_b-c", "007", "(*^_^*)", "🇨🇳", "小★星"],
)
def test_what_people_like_to_be_called(name):
    assert identity.nickname(f" {name} ") == name


@pytest.mark.parametrize(
    "text",
    ["", "　", "满" * 21, "小\u202e满", "小\u200b满", "小\u200d满", "小\ufe0f满", "小\n满", "小\x1b[31m", "\ud800", "a" + "\u0301" * 8,
     "😀\u200d", "\u200d😀", "\ue001"],
)  # fmt: skip
def test_a_nickname_hides_nothing_either(text):
    """T36."""
    with pytest.raises(BadName) as refusal:
        identity.nickname(text)
    assert refusal.value.code == "name.invalid"


# ── words ──


def test_a_title_is_one_line():
    assert identity.free_text("  周日\t理发\r\n义诊 ", 40) == "周日 理发 义诊"
    assert identity.free_text("<b>重阳</b> & 😀 “好”", 40) == "<b>重阳</b> & 😀 “好”"


def test_a_text_keeps_its_lines():
    typed = " 一、集合  \r\n\r\n\r\n\r\n二、出发\u2028三、回来\n"
    assert identity.free_text(typed, 100, lines=True) == "一、集合\n\n二、出发\n三、回来"


def test_what_a_paste_brings_along_is_dropped():
    assert identity.free_text("\ufeff重阳\u200b节\u00ad\u2060", 10) == "重阳节"
    assert identity.free_text("👨‍👩‍👧", 10) == "👨‍👩‍👧"


@pytest.mark.parametrize(
    "text, refusal",
    [("", NoText), (" \n ", NoText), ("\u200b", NoText), ("字" * 11, LongText), ("字" * 9999, LongText), ("a\x00b", UnseenInText),
     ("a\x1b[31mb", UnseenInText), ("a\u202eb", UnseenInText), ("a\u2067b", UnseenInText), ("a\ud800", UnseenInText), ("a\x0bb", UnseenInText)],
)  # fmt: skip
def test_words_are_refused_with_a_sentence(text, refusal):
    with pytest.raises(refusal) as refused:
        identity.free_text(text, 10)
    assert isinstance(refused.value, BadText)
    assert (refused.value.code, refused.value.status) == ("text.invalid", 422)
    assert "{" not in refused.value.detail


def test_a_note_may_be_left_empty_where_that_is_said():
    assert identity.free_text("  ", 10, empty=True) == ""


# ── age ──


@pytest.mark.parametrize(
    "birth, on, years",
    [
        (date(2012, 3, 8), date(2026, 3, 7), 13),
        (date(2012, 3, 7), date(2026, 3, 7), 14),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2026, 3, 7), date(2026, 3, 7), 0),
    ],
)
def test_people_are_a_year_older_on_their_birthday(birth, on, years):
    assert identity.age(birth, on) == years


def test_nobody_is_born_tomorrow():
    with pytest.raises(BadBirth, match="今天之后"):
        identity.age(date(2026, 3, 8), date(2026, 3, 7))
