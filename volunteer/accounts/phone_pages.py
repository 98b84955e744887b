"""换手机号: the new number is proven by a code, the person by what they signed in with."""

from __future__ import annotations

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer.accounts import guardians, phone_changes, phone_codes, pictures, registration, sms
from volunteer.accounts.forms import NewPhoneForm
from volunteer.accounts.pages import pages
from volunteer.accounts.sign_in_pages import counted, picture_answered, show_picture
from volunteer.errors import TooMany
from volunteer.i18n import _
from volunteer.privacy import mask_phone


@pages.get("/me/phone", allow="self", proof=True)
def edit_phone() -> ResponseReturnValue:
    return _page(NewPhoneForm())


def _count_message(phone: str) -> None:
    phone_codes.count_request(phone, request.remote_addr, picture=picture_answered())


@pages.post("/me/phone/message", allow="self", proof=True, before=counted(_count_message))
def send_phone_code() -> ResponseReturnValue:
    """The same answer whether or not somebody has the number: only who holds the phone learns it."""
    form = NewPhoneForm()
    form.validate()
    form.code.errors = []
    refusal = g.pop("held_back", None)
    if isinstance(refusal, pictures.PictureNeeded):
        show_picture(form, refusal)
        return _page(form, 422)
    if refusal is not None:
        return _wait(form, "phone", refusal)
    if form.phone.errors:
        return _page(form, 422)
    sms.ready()
    code = phone_codes.issue(form.phone.data, "phone")
    sms.send_after(form.phone.data, phone_codes.words("phone", code=code))
    form.sent_to = form.phone.data
    return _page(form)


@pages.post(
    "/me/phone",
    allow="self",
    proof=True,
    before=counted(lambda phone: phone_codes.count_guess(phone, "phone", request.remote_addr)),
)
def change_phone() -> ResponseReturnValue:
    form = NewPhoneForm()
    valid = form.validate()
    if (held := g.pop("held_back", None)) is not None:
        return _wait(form, "code", held)
    if not valid:
        return _page(form, 422)
    try:
        old = phone_changes.change(current_user, form.phone.data, form.code.data, but=g.get("sign_in_id"))
    except (phone_codes.WrongCode, phone_codes.LapsedCode) as refusal:
        form.refuse("code", refusal)
        return _page(form, 422)
    except (phone_changes.SamePhone, guardians.OwnGuardian, registration.PhoneTaken) as refusal:
        form.refuse("phone", refusal)
        return _page(form, 422)
    sms.send_after(old, phone_codes.moved(mask_phone(form.phone.data)))
    flash(str(_("手机号换好了，以后用新号码登录。别的手机和电脑上都已退出。")), "good")
    return redirect(url_for("accounts.me"))


def _wait(form: NewPhoneForm, field: str, refusal: TooMany) -> Response:
    form.refuse(field, refusal)
    response = _page(form, 429)
    response.headers["Retry-After"] = str(refusal.facts.get("retry_after", 60))
    return response


def _page(form: NewPhoneForm, status: int = 200) -> Response:
    return make_response(render_template("volunteer/accounts/phone.html", form=form), status)
