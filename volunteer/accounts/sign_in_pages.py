"""Signing in by password or by code, registering, signing out."""

from __future__ import annotations

from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.validators import Optional

from volunteer import community
from volunteer.accounts import (
    consents,
    credentials,
    factors,
    guardians,
    next_stop,
    passwords,
    people,
    phone_codes,
    pictures,
    registration,
    sessions,
    sms,
    welcome_links,
)
from volunteer.accounts.devices import device_of
from volunteer.accounts.forms import CodeForm, PasswordForm, RegisterForm, SignInForm
from volunteer.accounts.models import User
from volunteer.accounts.pages import pages
from volunteer.errors import Refusal, TooMany
from volunteer.forms import Form
from volunteer.i18n import _
from volunteer.identity import BadBirth, BadPhone


def picture_answered() -> tuple[str, str] | None:
    """Return the question and the answer a form brings, where it brings any.

    :raises pictures.PictureNeeded: another picture is asked for
    """
    if "another" in request.form:
        raise pictures.PictureNeeded
    question, answer = (request.form.get(name, "") for name in ("picture", "picture_answer"))
    return (question, answer) if question and answer.strip() else None


def show_picture(form: Any, refusal: Refusal) -> None:
    """Put a new picture on a form; the hint says why, and an error only when an answer was wrong."""
    form.picture.process_data((drawn := pictures.ask()).question)
    form.picture_answer.data, form.drawn = "", drawn
    wrong = isinstance(refusal, pictures.WrongPicture)
    form.picture_answer.errors = [refusal.detail] if wrong else []


def _count_message(phone: str) -> None:
    phone_codes.count_request(phone, request.remote_addr, picture=picture_answered())


def counted(count: Any) -> Any:
    """Count a try before the transaction opens; being told to wait is shown on the form, nothing typed is lost."""

    def before() -> None:
        try:
            count(request.form.get("phone", ""))
        except BadPhone:
            return  # the form says so
        except (TooMany, credentials.WrongCredentials, pictures.PictureNeeded) as refusal:
            g.held_back = refusal

    return before


@pages.get("/sign-in", allow="public")
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(next_stop.after_sign_in(request.args.get("next")))
    form = SignInForm(next=request.args.get("next"))
    return render_template("volunteer/accounts/sign_in.html", form=form)


@pages.post(
    "/sign-in",
    allow="public",
    endpoint="sign_in_now",
    before=counted(lambda phone: credentials.count_try(request, phone)),
)
def sign_in_now() -> ResponseReturnValue:
    form = SignInForm()
    if (held := _held_back(form, "password")) is not None:
        return _again("sign_in", form, held)
    if not form.validate():
        return _again("sign_in", form)
    try:
        user = credentials.authenticate(form.phone.data, form.password.data)
    except credentials.WrongCredentials as refusal:
        form.refuse("password", refusal)
        return _again("sign_in", form)
    credentials.settle(request, user, form.phone.data)
    return welcome(user, form.next.data, how="password")


@pages.get("/sign-in/code", allow="public")
def sign_in_by_code() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(next_stop.after_sign_in(request.args.get("next")))
    form = CodeForm(next=request.args.get("next"))
    return render_template("volunteer/accounts/sign_in_by_code.html", form=form)


@pages.post(
    "/sign-in/code",
    allow="public",
    endpoint="sign_in_by_code_now",
    before=counted(lambda phone: phone_codes.count_guess(phone, "sign_in", request.remote_addr)),
)
def sign_in_by_code_now() -> ResponseReturnValue:
    form = CodeForm()
    if (held := _held_back(form, "code")) is not None:
        return _again("sign_in_by_code", form, held)
    if not form.validate():
        return _again("sign_in_by_code", form)
    try:
        proof = phone_codes.use(form.phone.data, "sign_in", form.code.data)
    except (phone_codes.WrongCode, phone_codes.LapsedCode) as refusal:
        form.refuse("code", refusal)
        return _again("sign_in_by_code", form)
    user = people.by_phone(form.phone.data)
    if user is None:
        # Whoever holds the phone may know: there is no account yet, so here is the way to one, without a second code.
        session["proof"] = proof
        flash(str(_("这个手机号还没有账号，填几项就好。")), "info")
        fresh = RegisterForm(formdata=None, phone=form.phone.data, next=form.next.data)
        return _register_page(fresh, proven=True)
    credentials.let_in(user)
    return welcome(user, form.next.data, how="code")


@pages.post(
    "/sign-in/code/message",
    allow="public",
    before=counted(_count_message),
)
def send_sign_in_code() -> ResponseReturnValue:
    return _send_code("sign_in_by_code", CodeForm(), "sign_in")


@pages.get("/register", allow="public")
def register() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(next_stop.after_sign_in(request.args.get("next")))
    return _register_page(RegisterForm(next=request.args.get("next")))


@pages.post(
    "/register/message",
    allow="public",
    before=counted(_count_message),
)
def send_register_code() -> ResponseReturnValue:
    return _send_code("register", RegisterForm(), "register")


@pages.post(
    "/register",
    allow="public",
    endpoint="register_now",
    before=counted(lambda phone: phone_codes.count_guess(phone, "register", request.remote_addr)),
)
def register_now() -> ResponseReturnValue:
    form = RegisterForm()
    proven = _proven(form)
    if (held := _held_back(form, "code")) is not None:
        return _register_page(form, held)
    valid = form.validate()
    if not proven and not form.phone.errors and not form.code.errors:
        try:
            session["proof"] = phone_codes.use(form.phone.data, "register", form.code.data)
            proven = True
        except (phone_codes.WrongCode, phone_codes.LapsedCode) as refusal:
            form.refuse("code", refusal)
    if not proven:
        return _register_page(form, 422)
    if (known := people.by_phone(form.phone.data)) is not None:
        credentials.let_in(known)
        flash(str(_("你已经有账号了，帮你登录好了。")), "info")
        return welcome(known, form.next.data, how="code")
    if not valid or (user := _registered(form)) is None:
        # The code was right: it is used up, and need not be typed again while the rest is mended.
        phone_codes.use_after(session["proof"])
        return _register_page(form, 422, proven=True)
    if guardians.needs_guardian(user):
        return welcome(user, "/me/guardian", how="code")
    flash(str(_("欢迎你，{name}。看看最近的服务日吧。", name=user.name)), "good")
    return welcome(user, form.next.data, how="code")


def _registered(form: RegisterForm) -> User | None:
    """Register whom the form speaks of; a refusal stands beside its field, and nobody is registered."""
    try:
        return registration.register(
            name=form.name.data,
            phone=form.phone.data,
            home=community.get(form.home.data),
            password=form.password.data or None,
            birth_on=form.birth_on.data,
            consents=("basic", *(form.others.data or ())),
            guardian_phone=form.guardian_phone.data or None,
        )
    except passwords.Weak as refusal:
        form.refuse("password", refusal)
    except (guardians.GuardianNeeded, guardians.OwnGuardian) as refusal:
        form.refuse("guardian_phone", refusal)
    except (guardians.TooYoung, BadBirth) as refusal:
        form.refuse("birth_on", refusal)
    return None


@pages.get("/welcome/<token>", allow="public")
def welcome_link(token: str) -> ResponseReturnValue:
    """Where somebody who was made an administrator chooses their password."""
    return _welcome_page(welcome_links.whose(token), PasswordForm(chosen_before=False))


@pages.post("/welcome/<token>", allow="public")
def choose_password(token: str) -> ResponseReturnValue:
    form = PasswordForm(chosen_before=False)
    user = welcome_links.whose(token)
    if not form.validate():
        return _welcome_page(user, form, 422)
    try:
        welcome_links.use(token, form.new.data)
    except passwords.Weak as refusal:
        form.refuse("new", refusal)
        return _welcome_page(user, form, 422)
    return welcome(user, "/me/factor" if user.factor_missing else "/", how="link")


def _welcome_page(user: User, form: PasswordForm, status: int = 200) -> Response:
    return make_response(render_template("volunteer/accounts/welcome.html", person=user, form=form), status)


@pages.post("/sign-out", allow="self")
def sign_out() -> ResponseReturnValue:
    if "sign_in_id" in g:
        row = next((one for one in sessions.mine(current_user) if one.id == g.sign_in_id), None)
        if row is not None:
            sessions.close(row)
    session.clear()
    flash(str(_("已经退出。下次再见。")), "good")
    response = sessions.take_back(make_response(redirect("/")))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def welcome(user: User, wanted: str | None, *, how: str) -> Response:
    """Begin a new session in this browser and go on to what the person came for."""
    target = next_stop.after_sign_in(wanted)
    # Whatever the browser carried before was a stranger's: only a kept scan and what was said come along.
    kept = {key: session[key] for key in ("claim", "_flashes") if key in session}
    session.clear()
    session.update(kept)
    sessions.drop(request.cookies.get(current_app.config["SESSION_ROW_COOKIE"]))
    g.pop("renewing", None)
    waiting = factors.enrolled(user)
    if waiting:
        target = url_for("accounts.ask_factor", next=target)
    cookie = sessions.open(user, device_of(request.headers.get("User-Agent", "")), how, waiting=waiting)
    return sessions.hand_over(make_response(redirect(target)), cookie)


def _held_back(form: Form, field: str) -> int | None:
    refusal: Refusal | None = g.pop("held_back", None)
    if refusal is None:
        return None
    form.validate()
    form.refuse(field, refusal)
    g.retry_after = refusal.facts.get("retry_after")
    return 429 if isinstance(refusal, TooMany) else 422


def _again(page: str, form: Form, status: int = 422) -> Response:
    """Show a form once more; told to wait, it says for how long to machines too."""
    response = make_response(render_template(f"volunteer/accounts/{page}.html", form=form), status)
    if status == 429 and g.get("retry_after"):
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _proven(form: RegisterForm) -> bool:
    """Whether this browser proved a moment ago that it holds the phone; then it need not type a code."""
    try:
        proven = phone_codes.proven(session.get("proof"), form.phone.data or "")
    except BadPhone:
        return False
    if proven:
        form.code.validators = [Optional()]
    return proven


def _register_page(form: RegisterForm, status: int = 200, *, proven: bool = False) -> Response:
    page = render_template(
        "volunteer/accounts/register.html",
        form=form,
        purposes=consents.PURPOSES,
        guardian_text=consents.GUARDIAN_TEXT,
        proven=proven,
    )
    response = make_response(page, status)
    if status == 429 and g.get("retry_after"):
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _send_code(page: str, form: Any, purpose: phone_codes.Purpose) -> ResponseReturnValue:
    show = _register_page if isinstance(form, RegisterForm) else lambda f, s=200: _again(page, f, s)
    if isinstance(refusal := g.get("held_back"), pictures.PictureNeeded):
        _held_back(form, "picture_answer")
        _only(form, "phone")
        show_picture(form, refusal)
        return show(form, 422)
    if (held := _held_back(form, "phone")) is not None:
        _only(form, "phone")
        return show(form, held)
    form.validate()
    if form.phone.errors:
        _only(form, "phone")
        return show(form, 422)
    sms.ready()
    code = phone_codes.issue(form.phone.data, purpose)
    sms.send_after(form.phone.data, phone_codes.words(purpose, code=code))
    _only(form)
    form.sent_to = form.phone.data
    return show(form, 200)


def _only(form: Form, *fields: str) -> None:
    """Say nothing yet of what has not been filled in: only the phone was asked for."""
    for field in form:
        if field.name not in fields:
            field.errors = []
