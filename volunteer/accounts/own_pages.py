"""A person's own pages: particulars, password, sessions, consents, the guardian, one's own copy, leaving."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, community
from volunteer.accounts import (
    closing,
    consents,
    copies,
    guardians,
    lost,
    passwords,
    phone_codes,
    phones,
    pictures,
    profile,
    sessions,
    sms,
)
from volunteer.accounts.devices import device_of
from volunteer.accounts.forms import (
    GuardianCodeForm,
    GuardianForm,
    GuardianMessageForm,
    PasswordForm,
    ProfileForm,
)
from volunteer.accounts.models import Guardian, SignIn
from volunteer.accounts.pages import pages
from volunteer.accounts.roles import NAMES
from volunteer.accounts.sign_in_pages import counted, picture_answered, show_picture
from volunteer.db import read_only
from volunteer.errors import NotFound, Refusal, TooMany
from volunteer.i18n import _


@pages.get("/me", allow="self")
def me() -> ResponseReturnValue:
    return render_template(
        "volunteer/accounts/me.html",
        home=community.get(current_user.home_id),
        days=profile.member_days(current_user) + 1,
        roles=[(NAMES[hold.role], hold) for hold in current_user.holds],
        waits_for_guardian=guardians.needs_guardian(current_user),
        closes_at=closing.closes_at(current_user),
    )


@pages.get("/me/profile", allow="self")
def edit_profile() -> ResponseReturnValue:
    form = ProfileForm(
        name=current_user.name,
        home=current_user.home_id,
        birth_on=current_user.birth_on,
        skills="，".join(current_user.skills),
        safe_phrase=current_user.safe_phrase,
    )
    return render_template("volunteer/accounts/profile.html", form=form)


@pages.post("/me/profile", allow="self")
def change_profile() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return render_template("volunteer/accounts/profile.html", form=form), 422
    try:
        profile.change(
            current_user,
            name=form.name.data,
            home=community.get(form.home.data),
            birth_on=form.birth_on.data,
            skills=form.skills.data or "",
            safe_phrase=form.safe_phrase.data or "",
        )
    except (
        profile.NameIsProven,
        profile.BirthIsFixed,
        guardians.TooYoung,
        guardians.GuardianNeeded,
    ) as refusal:
        form.refuse("birth_on", refusal)
        return render_template("volunteer/accounts/profile.html", form=form), 422
    flash(str(_("改好了。")), "good")
    return redirect(url_for("accounts.me"))


@pages.get("/me/password", allow="self")
def edit_password() -> ResponseReturnValue:
    return render_template(
        "volunteer/accounts/password.html", form=PasswordForm(chosen_before=bool(current_user.password_hash))
    )


@pages.post("/me/password", allow="self")
def change_password() -> ResponseReturnValue:
    if not current_user.password_hash:
        access.require_proof()  # a first password would otherwise prove whoever holds the browser
    form = PasswordForm(chosen_before=bool(current_user.password_hash))
    if not form.validate():
        return render_template("volunteer/accounts/password.html", form=form), 422
    try:
        profile.change_password(current_user, form.old.data, form.new.data)
    except profile.WrongPassword as refusal:
        form.refuse("old", refusal)
        return render_template("volunteer/accounts/password.html", form=form), 422
    except passwords.Weak as refusal:
        form.refuse("new", refusal)
        return render_template("volunteer/accounts/password.html", form=form), 422
    flash(str(_("密码改好了。别的手机和电脑上都已退出。")), "good")
    cookie = sessions.open(current_user, device_of(request.headers.get("User-Agent", "")), "password")
    return sessions.hand_over(make_response(redirect(url_for("accounts.me"))), cookie)


@pages.get("/me/sessions", allow="self")
def my_sessions() -> ResponseReturnValue:
    return render_template(
        "volunteer/accounts/sessions.html", rows=sessions.mine(current_user), here=g.get("sign_in_id")
    )


@pages.post("/me/sessions/<int:session_id>/ending", allow="self")
def end_session(session_id: int) -> ResponseReturnValue:
    row = access.find(SignIn, session_id, right="self")
    sessions.close(row)
    flash(str(_("那台设备已经退出。")), "good")
    return redirect(url_for("accounts.my_sessions"))


@pages.post("/me/lost-phone", allow="self")
def lose_phone() -> ResponseReturnValue:
    """End what a lost phone could still open, show or spend."""
    lost.report(current_user, but=g.get("sign_in_id"))
    flash(str(_("别处都退出了，旧的码和卡不能用了，礼遇券先冻结着。")), "good")
    return redirect(url_for("accounts.my_sessions"))


@pages.post("/me/sessions/ending", allow="self")
def end_sessions() -> ResponseReturnValue:
    sessions.close_all(current_user, but=g.get("sign_in_id"))
    flash(str(_("别的设备都已退出，只留下这一台。")), "good")
    return redirect(url_for("accounts.my_sessions"))


@pages.get("/me/consents", allow="self")
def my_consents() -> ResponseReturnValue:
    return render_template(
        "volunteer/accounts/consents.html",
        purposes=consents.PURPOSES.values(),
        standing=consents.in_force(current_user),
        history=consents.history(current_user),
    )


@pages.post("/me/consents/<purpose>", allow="self")
def give_consent(purpose: str) -> ResponseReturnValue:
    consents.give(current_user, [purpose])
    flash(str(_("记下了，谢谢。")), "good")
    return redirect(url_for("accounts.my_consents"))


@pages.post("/me/consents/<purpose>/withdrawal", allow="self")
def withdraw_consent(purpose: str) -> ResponseReturnValue:
    consents.withdraw(current_user, purpose)
    flash(str(_("收回了，从现在起不再用于这件事。")), "good")
    return redirect(url_for("accounts.my_consents"))


# ── the guardian of a minor ──


@pages.get("/me/guardian", allow="self")
def guardian() -> ResponseReturnValue:
    return _guardian_page(GuardianForm(), GuardianCodeForm())


def _count_guardian_message(_phone: str) -> None:
    if (row := _named()) is not None:
        number = phones.of_guardian(row, current_user)
        phone_codes.count_request(number, request.remote_addr, picture=picture_answered())


def _count_guardian_guess(_phone: str) -> None:
    if (row := _named()) is not None:
        number = phones.of_guardian(row, current_user)
        phone_codes.count_guess(number, "guardian", request.remote_addr)


def _named() -> Guardian | None:
    if not current_user.is_authenticated:
        return None
    with read_only():
        return guardians.named(current_user)


@pages.post("/me/guardian", allow="self")
def name_guardian() -> ResponseReturnValue:
    form = GuardianForm()
    if not form.validate():
        return _guardian_page(form, GuardianCodeForm(formdata=None), 422)
    try:
        guardians.name(current_user, form.phone.data)
    except guardians.OwnGuardian as refusal:
        form.refuse("phone", refusal)
        return _guardian_page(form, GuardianCodeForm(formdata=None), 422)
    return redirect(url_for("accounts.guardian"))


@pages.post("/me/guardian/message", allow="self", before=counted(_count_guardian_message))
def send_guardian_code() -> ResponseReturnValue:
    row = guardians.named(current_user)
    if row is None:
        raise guardians.NoGuardianNamed
    if isinstance(refusal := g.get("held_back"), pictures.PictureNeeded):
        show_picture(asking := GuardianMessageForm(), refusal)
        return _guardian_page(GuardianForm(formdata=None), GuardianCodeForm(formdata=None), 422, asking)
    _told_to_wait()
    sms.ready()
    phone = phones.of_guardian(row, current_user)
    code = phone_codes.issue(phone, "guardian")
    sms.send_after(phone, phone_codes.words("guardian", code=code, name=current_user.name_masked))
    flash(str(_("确认短信已经发到 {phone}。", phone=row.phone_masked)), "good")
    return redirect(url_for("accounts.guardian"))


@pages.post("/me/guardian/confirmation", allow="self", before=counted(_count_guardian_guess))
def confirm_guardian() -> ResponseReturnValue:
    def agree(row: Guardian) -> ResponseReturnValue:
        guardians.confirm(current_user, row)
        flash(str(_("监护人同意了，可以报名服务日了。")), "good")
        return redirect(url_for("home.index"))

    return _by_the_guardians_code(agree)


@pages.post("/me/guardian/withdrawal", allow="self", before=counted(_count_guardian_guess))
def withdraw_guardian() -> ResponseReturnValue:
    """The guardian takes the agreement back, by the same code to the same phone as they gave it."""

    def withdraw(row: Guardian) -> ResponseReturnValue:
        guardians.withdraw(current_user, row)
        flash(str(_("监护人撤回了同意，暂时不能参加服务日。")), "info")
        return redirect(url_for("accounts.guardian"))

    return _by_the_guardians_code(withdraw)


def _by_the_guardians_code(act: Callable[[Guardian], ResponseReturnValue]) -> ResponseReturnValue:
    """Do what only the guardian may decide, once the code that went to the guardian's phone is typed."""
    row = guardians.named(current_user)
    if row is None:
        raise guardians.NoGuardianNamed
    _told_to_wait()
    form = GuardianCodeForm()
    if not form.validate():
        return _guardian_page(GuardianForm(formdata=None), form, 422)
    try:
        phone_codes.use(phones.of_guardian(row, current_user), "guardian", form.code.data)
    except (phone_codes.WrongCode, phone_codes.LapsedCode) as refusal:
        form.refuse("code", refusal)
        return _guardian_page(GuardianForm(formdata=None), form, 422)
    return act(row)


def _told_to_wait() -> None:
    refusal: Refusal | None = g.pop("held_back", None)
    if isinstance(refusal, TooMany):
        raise refusal


def _guardian_page(
    naming: GuardianForm,
    confirming: GuardianCodeForm,
    status: int = 200,
    asking: GuardianMessageForm | None = None,
) -> Response:
    page = render_template(
        "volunteer/accounts/guardian.html",
        naming=naming,
        confirming=confirming,
        asking=asking,
        row=guardians.named(current_user),
        minor=guardians.is_minor(current_user.birth_on),
        text=consents.GUARDIAN_TEXT,
        text_under_14=consents.GUARDIAN_TEXT_UNDER_14,
    )
    return make_response(page, status)


# ── one's own copy, and leaving ──


@pages.get("/me/copy", allow="self")
def copy() -> ResponseReturnValue:
    return render_template("volunteer/accounts/copy.html", parts=copies.titles())


@pages.get("/me/copy.json", allow="self")
def copy_as_json() -> ResponseReturnValue:
    response = make_response(copies.as_json(current_user))
    response.content_type = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=liyu-my-data.json"
    return response


@pages.get("/me/copy/<part>.csv", allow="self")
def copy_as_csv(part: str) -> ResponseReturnValue:
    text = copies.as_csv(current_user, part)
    if text is None:
        raise NotFound
    response = make_response(text)
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename=liyu-{part}.csv"
    return response


@pages.get("/me/closing", allow="self")
def leaving() -> ResponseReturnValue:
    return render_template("volunteer/accounts/closing.html", closes_at=closing.closes_at(current_user))


@pages.post("/me/closing", allow="self")
def ask_closing() -> ResponseReturnValue:
    closing.ask(current_user)
    return redirect(url_for("accounts.leaving"))


@pages.post("/me/closing/withdrawal", allow="self")
def withdraw_closing() -> ResponseReturnValue:
    closing.withdraw(current_user)
    flash(str(_("好的，账号留着。")), "good")
    return redirect(url_for("accounts.me"))
