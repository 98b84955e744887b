"""Who somebody says they are, in one spelling: phone numbers, names, free words, ages.

Lenient about how a thing was typed, strict about what it is. Each refusal says the one thing to change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import phonenumbers

from volunteer.errors import Refusal
from volunteer.i18n import _

NAME_MAX = 40
NICKNAME_MAX = 20
MARKS_MAX = 4
_RAW_MAX = 400

_DOTS = frozenset("·•‧∙⋅・･")
_APOSTROPHES = frozenset("'’‘ʼ")
_HYPHENS = frozenset("‐‑–")
_JOINERS = frozenset(" ·'-.\u0f0b")  # the last one stands between the syllables of a Tibetan name
_CLOSING = frozenset(".\u0f0b")
_BROKEN = re.compile(r"··|--|''|\.\.|·[ .'-]|[ .'-]·")
_NUMERALS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_MAINLAND = re.compile(r"(?:\+?86|0086)?0?(1[3-9][0-9]{9})")

# What prints nothing, turns the reading direction, or belongs to no script.
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\ufe0e\ufe0f"
)
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PASTED_ALONG = re.compile("[\u00ad\u200b\u2060\ufeff]")


class BadPhone(Refusal):
    code = "phone.invalid"
    status = 422
    says = _("手机号要 11 位，以 1 开头，请再看一看。")


class BadName(Refusal):
    code = "name.invalid"
    status = 422
    says = _("这个名字我们读不懂，请再看一看。")


class NoName(BadName):
    says = _("请填上名字。")


class LongName(BadName):
    says = _("名字最多 {longest} 个字，请短一点。")


class UnseenInName(BadName):
    says = _("名字里有看不见的字符，可能是粘贴带进来的，请删掉重新打一遍。")


class SymbolInName(BadName):
    says = _("名字里不能有表情或符号：{char}")


class OnlyDigits(BadName):
    says = _("名字不能只有数字。")


class BrokenName(BadName):
    says = _("名字里的点、横线和空格要放在字的中间。")


class BadText(Refusal):
    code = "text.invalid"
    status = 422
    says = _("这段文字我们读不懂，请再看一看。")


class NoText(BadText):
    says = _("这里要写几个字。")


class LongText(BadText):
    says = _("最多 {longest} 个字，现在有 {length} 个。")


class UnseenInText(BadText):
    says = _("文字里有看不见的控制字符，可能是粘贴带进来的，请删掉重新打一遍。")


class BadBirth(Refusal):
    code = "birth.invalid"
    status = 422
    says = _("出生日期在今天之后，请再看一看。")


# ── phone ──


def phone(text: str) -> str:
    """Return the one spelling of a mobile number: 13900000001, or +85291234567 from elsewhere.

    :raises BadPhone: if it is none; a landline cannot receive our messages
    """
    if len(text) > 60:
        raise BadPhone
    plain = _plain_digits(text)
    if mainland := _MAINLAND.fullmatch(plain):
        return mainland[1]
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", plain) or plain.startswith("+86"):
        raise BadPhone
    try:
        found = phonenumbers.parse(plain)
    except phonenumbers.NumberParseException:
        raise BadPhone from None
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if phonenumbers.number_type(found) not in mobile:  # a number that cannot be has no type
        raise BadPhone
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _plain_digits(text: str) -> str:
    """Digits of any keyboard as 0–9, a leading plus kept, and what people put between them gone."""
    plain = ""
    for char in unicodedata.normalize("NFKC", text).strip().removeprefix("tel:").translate(_NUMERALS):
        if (digit := unicodedata.decimal(char, None)) is not None:
            plain += str(digit)
        elif char == "+" and not plain:
            plain = "+"
        elif char not in "\t−" and unicodedata.category(char)[0] not in "ZP" and _kind(char) != "Cf":
            raise BadPhone
    return plain


# ── names ──


def person_name(text: str) -> str:
    """Return a person's name as it is written, in one spelling: 王小明, 买买提·吐尔逊, Jean-Luc O'Brien.

    :raises BadName: saying what cannot stand in a name
    """
    signs = _usual_signs(_checked_length(text))
    if emoji := next((char for char in signs if _kind(char) == "So" and char not in _UNSEEN), None):
        raise SymbolInName(char=emoji)
    name = _one_line(signs)
    letters = list(graphemes(name))
    if not name:
        raise NoName
    if len(letters) > NAME_MAX:
        raise LongName(longest=NAME_MAX)
    for letter in letters:
        base, marks = letter[0], letter[1:]
        if not (base in _JOINERS and not marks) and not is_letter(base) and not base.isdecimal():
            raise SymbolInName(char=letter)
        if len(marks) > MARKS_MAX or not all(_sits_on(base, mark) for mark in marks):
            raise UnseenInName
    if not any(map(is_letter, name)):
        raise OnlyDigits if any(map(str.isdecimal, name)) else BrokenName
    if name[0] in _JOINERS or name[-1] in _JOINERS - _CLOSING or _BROKEN.search(name):
        raise BrokenName
    return name


def nickname(text: str) -> str:
    """Return what somebody likes to be called; emoji are welcome.

    :raises BadName: if it is empty, too long or hides something
    """
    name = _one_line(_checked_length(text), glued=True)
    if not name:
        raise NoName
    letters = list(graphemes(name))
    if len(letters) > NICKNAME_MAX:
        raise LongName(longest=NICKNAME_MAX)
    if any(len(letter) > 1 + MARKS_MAX for letter in letters):
        raise UnseenInName
    return name


def graphemes(text: str) -> Iterator[str]:
    """Yield what a reader counts as one character: a letter with the marks that sit on it."""
    part = ""
    for char in text:
        if part and not unicodedata.category(char).startswith("M"):
            yield part
            part = ""
        part += char
    if part:
        yield part


def _checked_length(text: str) -> str:
    if len(text) > _RAW_MAX:
        raise LongName(longest=NAME_MAX)
    return text


def _usual_signs(text: str) -> str:
    """The text with the dots, apostrophes and hyphens of all keyboards as the usual ones."""
    # Full-width letters, and radicals that look like the character they stand for (PDFs have those).
    text = re.sub("[\uff01-\uff5e\u2f00-\u2fd5]", lambda found: unicodedata.normalize("NFKC", found[0]), text)
    signs = ""
    for place, char in enumerate(text):
        between = is_han(text[place - 1 : place]) and is_han(text[place + 1 : place + 2])
        if char in _DOTS or (char in ".。" and between):
            char = "·"
        elif char in _APOSTROPHES:
            char = "'"
        elif char in _HYPHENS:
            char = "-"
        signs += char
    return signs


def _one_line(text: str, *, glued: bool = False) -> str:
    """The text in NFC, with single spaces and none between Chinese characters; nothing unseen passes."""
    text = unicodedata.normalize("NFC", text.strip())
    for place, char in enumerate(text):
        if (char in _UNSEEN or _kind(char) in _UNSEEN_KINDS) and not (glued and _glues(text, place)):
            raise UnseenInName
    text = " ".join(text.split())
    # 王 明: lists pad short names so that they line up.
    return "".join(
        char
        for place, char in enumerate(text)
        if char != " " or not (is_han(text[place - 1 : place]) and is_han(text[place + 1 : place + 2]))
    )


def _glues(text: str, place: int) -> bool:
    """Whether the character there makes one emoji of its neighbours."""
    before, after = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    if text[place] == "\ufe0f":
        return _kind(before) in ("So", "Sm") or (before in "0123456789#*" and after == "\u20e3")
    return (
        text[place] == "\u200d"
        and (before == "\ufe0f" or _kind(before) in ("So", "Sk"))
        and _kind(after) == "So"
    )


# ── words ──


def free_text(text: str, longest: int, *, lines: bool = False, empty: bool = False) -> str:
    """Return words as typed, in one spelling: a title or a reason, or with `lines` a text of several.

    Invisible characters that a paste brings along are dropped; control characters, and those that turn the
    reading direction, are refused.

    :raises BadText: saying what is wrong
    """
    if len(text) > 8 * longest + 1000:
        raise LongText(longest=longest, length=len(text))
    words = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", _PASTED_ALONG.sub("", text)).replace("\t", " ")
    words = unicodedata.normalize("NFC", words).strip()
    for char in words:
        if char != "\n" and (_kind(char) in ("Cc", "Cs", "Cn") or char in _TURNING):
            raise UnseenInText
    if lines:
        words = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in words.split("\n")))
    else:
        words = " ".join(words.split())
    if not words and not empty:
        raise NoText
    if len(words) > longest:
        raise LongText(longest=longest, length=len(words))
    return words


# ── characters ──


def is_letter(char: str) -> bool:
    """Whether a character may stand in a name: a letter of any script, not one dressed up as a sign."""
    dressed = unicodedata.decomposition(char).startswith(
        ("<font>", "<circle>", "<square>", "<super>", "<sub>")
    )
    return _kind(char).startswith("L") and char not in _UNSEEN and not dressed


def is_han(char: str) -> bool:
    """Whether it is one Chinese character: the basic block, extensions A to J, compatibility, or 〇."""
    if len(char) != 1:
        return False
    point = ord(char)
    return (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0x20000 <= point <= 0x3347F
        or 0xF900 <= point <= 0xFAD9
        or char == "〇"
    )


def _kind(char: str) -> str:
    # Rare characters and emoji of the last years are younger than the tables of this Python.
    if is_han(char):
        return "Lo"
    kind = unicodedata.category(char) if char else ""
    return "So" if kind == "Cn" and "\U0001f000" <= char <= "\U0001faff" else kind


def _sits_on(base: str, mark: str) -> bool:
    if (
        "\ufe00" <= mark <= "\ufe02" or "\U000e0100" <= mark <= "\U000e01ef"
    ):  # a written form of one character
        return is_han(base)
    return unicodedata.category(mark) in ("Mn", "Mc") and mark not in _UNSEEN and base not in _JOINERS


# ── age ──


def age(birth: date, on: date) -> int:
    """Return how many birthdays somebody has had by that day; one of 29 February counts on 1 March.

    :raises BadBirth: if they are not born yet
    """
    if birth > on:
        raise BadBirth
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
