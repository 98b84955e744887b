"""What is sent to us as JSON: sane, shallow, of the right type, or refused by name."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Annotated, Any, NoReturn

from flask import request
from pydantic import StringConstraints, ValidationError

from volunteer.errors import Invalid, Refusal
from volunteer.i18n import _


class Malformed(Refusal):
    code = "request.malformed"
    status = 400
    says = _("发来的内容读不懂，请检查 JSON 的格式。")


class WrongType(Refusal):
    code = "request.media_type"
    status = 415
    says = _("请用 application/json 发送。")


class TooLarge(Refusal):
    code = "request.too_large"
    status = 413
    says = _("内容太大了。文字请少一些，照片请压缩到 5 MB 以内。")


#: A workbook may be so many times as large unpacked as it was sent; a small one compresses well and harms nobody.
UNPACKED_RATIO_MAX = 20
UNPACKED_SMALL = 2 * 1024 * 1024
#: What every reader of JSON and every column of ours can hold.
NUMBER_MAX = 2**53
#: What the sender calls what it sends, so that the same thing sent again is known for the same.
NAME = r"[A-Za-z0-9_.:\-]{1,64}"

ScanName = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


def parse_body(model: Any) -> Any:
    """Return the JSON body as the pydantic model.

    :raises Malformed: not JSON, nested too deep, or a number beyond 2**53
    :raises volunteer.errors.Invalid: with `errors` naming each field
    """
    raw = request.get_data(cache=True)
    if raw and not request.is_json:
        raise WrongType
    try:
        data = json.loads(raw or b"{}", parse_int=_sane_int, parse_constant=_no_constant)
        _shallow(data)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    try:
        made = model.model_validate(data)
    except ValidationError as error:
        problems: dict[str, list[str]] = {}
        for one in error.errors(include_url=False):
            problems.setdefault(".".join(map(str, one["loc"])) or "body", []).append(one["msg"])
        raise Invalid(errors=problems) from error
    # A number may come as text, and is read as a number where one is asked for.
    if any(_too_large(value) for value in vars(made).values()):
        raise Malformed
    return made


def _too_large(value: Any) -> bool:
    if isinstance(value, list):
        return any(_too_large(one) for one in value)
    return isinstance(value, int) and abs(value) > NUMBER_MAX


def _sane_int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > NUMBER_MAX:
        raise ValueError("number too large")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _shallow(value: Any, depth: int = 0) -> None:
    if depth > 20:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no text
        if "\x00" in value:
            raise ValueError("NUL in text")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _shallow(inner, depth + 1)


def swells(packed: bytes) -> bool:
    """Whether a workbook (a zip) is far larger than it looks; counted by unpacking, as its own word may be false."""
    room = max(UNPACKED_RATIO_MAX * len(packed), UNPACKED_SMALL)
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as part:
                    while piece := part.read(64 * 1024):
                        room -= len(piece)
                        if room < 0:
                            return True
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return False  # no sound zip: whoever reads it says so
    return False
