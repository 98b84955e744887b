"""T36, F19: what is sent may be large, deep or swollen only so far, and each limit answers by name."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from PIL import Image
from werkzeug.test import encode_multipart

from volunteer import accounts, bodies, qr
from volunteer.service_days import calendar_table


def _zip(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _workbook(rows: int) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["日期", "类型", "名称"])
        for n in range(rows):
            sheet.write_row(n + 1, 0, [date(2026, 1, 1 + n % 28).isoformat(), "休", "元旦"])
    return packed.getvalue()


def test_a_workbook_that_swells_is_refused_before_it_is_read() -> None:
    """T36: fifty megabytes of nothing in fifty kilobytes."""
    bomb = _zip(**{"xl/worksheets/sheet1.xml": b"\0" * 50_000_000})
    assert len(bomb) < 100_000 and bodies.swells(bomb)
    with pytest.raises(calendar_table.TooBig):
        calendar_table.parse_table(bomb)


def test_its_own_word_about_its_size_is_not_believed() -> None:
    bomb = bytearray(_zip(**{"a.xml": b"\0" * 50_000_000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        begins = bomb.index(mark) + at
        bomb[begins : begins + 4] = (1000).to_bytes(4, "little")
    assert bodies.swells(bytes(bomb)) or calendar_table_refuses(bytes(bomb))


def calendar_table_refuses(raw: bytes) -> bool:
    try:
        calendar_table.parse_table(raw)
    except calendar_table.Unreadable:
        return True
    return False


def test_real_workbooks_and_broken_ones_do_not_swell() -> None:
    assert not bodies.swells(_workbook(28)) and not bodies.swells(_workbook(5000))
    assert not bodies.swells(b"PK") and not bodies.swells(b"PK\x03\x04" + b"x" * 500)


def test_people_from_a_swollen_table_are_no_table(command: Any, tmp_path: Path) -> None:
    """T36, T33."""
    table = tmp_path / "people.xlsx"
    table.write_bytes(_zip(**{"xl/worksheets/sheet1.xml": b"\0" * 50_000_000}))
    answer = command("accounts", "import", str(table))
    assert answer.exit_code != 0 and "Traceback" not in answer.output


@pytest.mark.parametrize(("depth", "status"), [(5, 422), (19, 422), (30, 400), (100_000, 400)])
def test_json_is_twenty_deep_at_most(app: Flask, depth: int, status: int) -> None:
    """T36."""
    body = '{"phone":' + "[" * depth + "]" * depth + "}"
    answer = app.test_client().post("/api/v1/tokens", data=body, content_type="application/json")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("number", "status"), [(2**53, 422), (2**53 + 1, 400), (-(2**60), 400), (10**400, 400)]
)
def test_numbers_are_as_large_as_a_database_holds(app: Flask, number: int, status: int) -> None:
    """T36."""
    answer = app.test_client().post(
        "/api/v1/tokens", data='{"phone": ' + str(number) + "}", content_type="application/json"
    )
    assert answer.status_code == status


def test_a_form_is_a_quarter_of_a_megabyte_and_a_photo_five(visitor: Any, xiaoman: accounts.User) -> None:
    """T36."""
    browser = visitor(xiaoman)
    assert browser.post("/me/profile", {"name": "满" * 300_000}).status_code == 413
    assert browser.post("/me/profile", {f"f{n}": "" for n in range(20_000)}).status_code in (413, 422)
    for size, refused in ((4_000_000, (422,)), (6_000_000, (413, 422))):
        fields = {"csrf_token": browser.csrf_token(), "photo": (io.BytesIO(b"\xff" * size), "photo.jpg")}
        boundary, body = encode_multipart(fields)
        answer = browser.open(
            "/scan/photo", method="POST", data=body, content_type=f"multipart/form-data; boundary={boundary}"
        )
        assert answer.status_code in refused, size


def test_a_picture_of_twenty_million_pixels_is_the_largest() -> None:
    """T36: a hundred million white ones fit into few bytes, and are not unpacked."""
    packed = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(packed, "PNG")
    assert len(packed.getvalue()) < 100_000
    with pytest.raises(qr.BigPhoto):
        qr.read(packed.getvalue())


def test_a_body_says_what_is_wrong_in_the_words_of_our_contract(app: Flask) -> None:
    answer = app.test_client().post(
        "/api/v1/tokens", data=json.dumps({"phone": 3}), content_type="application/json"
    )
    assert answer.json["code"] == "form.invalid" and set(answer.json["errors"]) == {"phone", "password"}


def test_a_number_is_as_small_as_text_as_it_is_as_a_number(device: Any, xiaoman: accounts.User) -> None:
    """T36: twenty nines in quotes are read as a number where one is asked for, and are too many all the same."""
    phone = device(xiaoman)
    for nines in (99_999_999_999_999_999_999, "99999999999999999999"):
        answer = phone.post("/api/v1/teams", json={"name": "清洁队", "kind": "party", "area_id": nines})
        assert (answer.status_code, answer.json["code"]) == (400, "request.malformed")
