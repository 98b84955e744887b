"""The second factor's pages: asked for at sign-in, set up under 我的, and with it the recovery codes."""

from __future__ import annotations

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import limits, qr
from volunteer.accounts import credentials, factors, next_stop, sessions
from volunteer.accounts.devices import device_of
from volunteer.accounts.forms import AskFactorForm, FactorForm, FirstCodeForm
from volunteer.accounts.models import User
from volunteer.accounts.pages import pages
from volunteer.db import read_only
from volunteer.errors import TooMany
from volunteer.i18n import _

FREE_TRIES = 5


def count_try(user_id: int) -> None:
    """Count a try at a second factor; after five in an hour each waits twice as long as the last.

    :raises volunteer.errors.TooMany: the wait is not over
    """
    limits.slow("factor", user_id, free=FREE_TRIES)


def _count_waiting() -> None:
    with read_only():
        found = sessions.waiting(_cookie())
        user_id = found[1].id if found else None
    if user_id is not None:
        _hold_back(user_id)


def count_own() -> None:
    """Count a try of whoever is signed in, before the transaction opens."""
    with read_only():
        user_id = current_user.id if current_user.is_authenticated else None
    if user_id is not None:
        _hold_back(user_id)


def _hold_back(user_id: int) -> None:
    try:
        count_try(user_id)
    except TooMany as refusal:
        g.held_back = refusal


@pages.get("/sign-in/factor", allow="public")
def ask_factor() -> ResponseReturnValue:
    if sessions.waiting(_cookie()) is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")))
    return _asking(AskFactorForm(next=request.args.get("next")))


@pages.post("/sign-in/factor", allow="public", endpoint="ask_factor_now", before=_count_waiting)
def ask_factor_now() -> ResponseReturnValue:
    found = sessions.waiting(_cookie())
    if found is None:
        flash(str(_("等得太久了，请再登录一次。")), "info")
        return redirect(url_for("accounts.sign_in"))
    row, user = found
    form = AskFactorForm()
    if (refused := try_factor(form, user)) is not None:
        return _asking(form, refused)
    sessions.close(row, quietly=True)
    return _fresh_session(user, redirect(next_stop.safe(form.next.data)))


@pages.get("/me/factor", allow="self")
def factor() -> ResponseReturnValue:
    return _own_page(FirstCodeForm(formdata=None))


@pages.post("/me/factor", allow="self", proof=True)
def begin_factor() -> ResponseReturnValue:
    factors.begin(current_user)
    return redirect(url_for("accounts.factor"))


@pages.post("/me/factor/confirmation", allow="self", proof=True, before=count_own)
def confirm_factor() -> ResponseReturnValue:
    form = FirstCodeForm()
    if (held := _held(form)) is not None:
        return _own_page(form, held)
    if not form.validate():
        return _own_page(form, 422)
    try:
        codes = factors.confirm(current_user, form.code.data)
    except factors.WrongFactor as refusal:
        form.refuse("code", refusal)
        return _own_page(form, 422)
    limits.forgive_after("factor", current_user.id)
    sessions.close_all(current_user)
    return _fresh_session(current_user, _codes_page(codes))


@pages.post("/me/factor/codes", allow="self", proof=True)
def renew_recovery() -> ResponseReturnValue:
    return _codes_page(factors.renew_recovery(current_user))


def try_factor(form: FactorForm, user: User) -> int | None:
    """Take the code on a form; return the status to show the form again with, None when it was right."""
    if (held := _held(form)) is not None:
        return held
    if not form.validate():
        return 422
    try:
        factors.check(user, form.recovery.data or form.code.data)
    except factors.WrongFactor as refusal:
        credentials.note_failure(user, "factor")
        form.refuse("recovery" if form.recovery.data else "code", refusal)
        return 422
    limits.forgive_after("factor", user.id)
    return None


def _held(form: FactorForm | FirstCodeForm) -> int | None:
    refusal: TooMany | None = g.pop("held_back", None)
    if refusal is None:
        return None
    form.validate()
    form.refuse("code", refusal)
    g.retry_after = refusal.facts.get("retry_after")
    return 429


def _fresh_session(user: User, answer: ResponseReturnValue) -> Response:
    cookie = sessions.open(user, device_of(request.headers.get("User-Agent", "")), "factor")
    return sessions.hand_over(make_response(answer), cookie)


def _cookie() -> str | None:
    return request.cookies.get(current_app.config["SESSION_ROW_COOKIE"])


def _asking(form: AskFactorForm, status: int = 200) -> Response:
    return waited(make_response(render_template("volunteer/accounts/ask_factor.html", form=form), status))


def _own_page(form: FirstCodeForm, status: int = 200) -> Response:
    begun = factors.begun(current_user)
    confirmed = begun is not None and begun.confirmed_at is not None
    key = factors.secret(current_user, begun) if begun is not None and not confirmed else None
    page = render_template(
        "volunteer/accounts/factor.html",
        form=form,
        begun=begun,
        confirmed=confirmed,
        key=" ".join(key[n : n + 4] for n in range(0, len(key), 4)) if key else None,
        picture=qr.svg(factors.address(current_user, key)) if key else None,
        left=factors.left(current_user),
        needed=current_user.factor_missing,
    )
    return waited(make_response(page, status))


def _codes_page(codes: list[str]) -> Response:
    return make_response(render_template("volunteer/accounts/recovery_codes.html", codes=codes))


def waited(response: Response) -> Response:
    """Say for how long to wait to machines too."""
    if response.status_code == 429 and g.get("retry_after"):
        response.headers["Retry-After"] = str(g.retry_after)
    return response
