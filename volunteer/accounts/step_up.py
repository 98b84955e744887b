"""再确认一下是你本人: before an act that matters, whoever signed in a while ago shows it once more (S08).

A form that was refused for it comes along in hidden fields and is sent again once the person has shown it: nothing
typed is lost.
"""

from __future__ import annotations

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import limits
from volunteer.accounts import factors, next_stop, passwords, profile, sessions
from volunteer.accounts.factor_pages import count_own, try_factor, waited
from volunteer.accounts.forms import FactorForm, ProofForm
from volunteer.accounts.pages import pages

#: What the page itself asks for; everything else in the form belongs to the act that waits.
OWN = ("csrf_token", "proof-password", "proof-code", "proof-recovery", "proof-next", "proof-act")


def init_app(app: Flask) -> None:
    """Have acts that ask for a proof answered with this page."""
    app.extensions["step_up"] = _instead


@pages.get("/me/proof", allow="self")
def prove_it() -> ResponseReturnValue:
    return _page(next_stop.safe(request.args.get("next")), act=False)


@pages.post("/me/proof", allow="self", endpoint="prove_it_now", before=count_own)
def prove_it_now() -> ResponseReturnValue:
    act, wanted = request.form.get("proof-act") == "1", next_stop.safe(request.form.get("proof-next"))
    form = _form()
    refused = _refused(form)
    if refused is not None:
        return _page(wanted, act=act, form=form, status=refused)
    if "sign_in_id" in g:
        sessions.prove(g.sign_in_id)
    # 307: the browser sends what waited again, as it was.
    return redirect(wanted, 307 if act else 303)


def _instead() -> Response:
    if request.method == "GET":
        return make_response(redirect(url_for("accounts.prove_it", next=request.full_path.rstrip("?"))))
    return _page(request.path, act=True, status=403)


def _form(*, fresh: bool = False) -> FactorForm | ProofForm:
    kind = FactorForm if factors.enrolled(current_user) else ProofForm
    return kind(prefix="proof", formdata=None) if fresh else kind(prefix="proof")


def _refused(form: FactorForm | ProofForm) -> int | None:
    if isinstance(form, FactorForm):
        return try_factor(form, current_user)
    if (held := g.pop("held_back", None)) is not None:
        form.refuse("password", held)
        g.retry_after = held.facts.get("retry_after")
        return 429
    if not form.validate():
        return 422
    if not passwords.fits(current_user.password_hash, form.password.data):
        form.refuse("password", profile.WrongPassword())
        return 422
    limits.forgive_after("factor", current_user.id)
    return None


def _page(
    wanted: str, *, act: bool, form: FactorForm | ProofForm | None = None, status: int = 200
) -> Response:
    form = form or _form(fresh=True)
    kept = [(key, value) for key, value in request.form.items(multi=True) if key not in OWN] if act else []
    page = render_template(
        "volunteer/accounts/proof.html",
        form=form,
        wanted=wanted,
        act=act,
        kept=kept,
        by_code=isinstance(form, FactorForm),
        possible=isinstance(form, FactorForm) or bool(current_user.password_hash),
    )
    return waited(make_response(page, status))
