"""Fields of our own: what is normalised, what is refused, and the sentence that says so."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from volunteer.forms import Form, NameField, NumberField, PhoneField, ReasonField, TextField, WordsField


class Trial(Form):
    """One of each."""

    phone = PhoneField("手机")
    name = NameField("姓名")
    title = TextField("标题", most=10)
    words = WordsField("说明", most=20)
    number = NumberField("人数", least=1, most=50)
    reason = ReasonField()


GOOD = {
    "phone": "+86 138-0000-0001",
    "name": "买买提·吐尔逊",
    "title": "便民义剪",
    "words": "第一行\n第二行",
    "number": "12",
    "reason": "手机没电",
}


def _form(app: Flask, **changes: Any) -> Trial:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        with app.test_request_context("/", method="POST", data=GOOD | changes):
            form = Trial()
            form.validate()
            return form
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_what_fits_comes_out_normal(app: Flask) -> None:
    form = _form(app)
    assert form.errors == {}
    assert form.phone.data == "13800000001" and form.name.data == "买买提·吐尔逊" and form.number.data == 12


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "12345"),
        ("name", "王\u202e明"),
        ("name", "王\u200b明"),
        ("name", "\U0001f600"),
        ("title", "一二三四五六七八九十一"),
        ("title", "换\u0000行"),
        ("words", "\u2066藏起来"),
        ("number", "0"),
        ("number", "51"),
        ("number", "9" * 40),
        ("number", "十二"),
        ("number", ""),
        ("reason", ""),
    ],
)
def test_what_does_not_fit_says_why_and_is_not_lost(app: Flask, field: str, typed: str) -> None:
    form = _form(app, **{field: typed})
    assert list(form.errors) == [field]
    assert all("%" not in str(error) and "{" not in str(error) for error in form.errors[field])
    with app.test_request_context("/"):
        (place, _label, sentence) = form.summary[0]
        assert place == field and sentence


def test_a_rare_character_is_a_name(app: Flask) -> None:
    assert _form(app, name="\U00020bb7野").errors == {}
