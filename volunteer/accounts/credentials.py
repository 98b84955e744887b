"""Proving who one is by password: the same answer in the same time, whether or not the phone is known."""

from __future__ import annotations

from flask import Request, Response, after_this_request, current_app

from volunteer import events, identity, limits, signing
from volunteer.accounts import devices, passwords, people, phones
from volunteer.accounts.models import User
from volunteer.db import transaction
from volunteer.errors import Refusal
from volunteer.i18n import _

#: Wrong passwords from one address; right ones are given back, so a venue's shared address is no obstacle.
WRONG_PER_ADDRESS = "60/hour"
#: And from one browser at an address.
WRONG_PER_DEVICE = "20/hour"
DEVICE_LASTS = 400 * 24 * 3600


@events.kind
class SignInFailed(events.Event):
    """Somebody did not get in; whose account it was, where there is one. What was typed is not kept."""

    user_id: int | None
    how: str


class WrongCredentials(Refusal):
    code = "auth.wrong"
    status = 401
    says = _("手机号或密码不对。忘了密码的话，可以用短信验证码登录。")


class ShutOut(Refusal):
    code = "accounts.suspended"
    status = 403
    says = _("这个账号暂时停用了。")
    who = _("请联系你所在社区的工作人员，他们能告诉你原因，也能恢复。")


def count_try(request: Request, phone: str) -> None:
    """Count a try to sign in; stands apart, so a wrong one stays counted.

    A browser that has been in this account before has a count of its own, so strangers who guess cannot keep the
    owner out.

    :raises volunteer.errors.TooMany: after ten wrong ones, each makes the next wait twice as long
    """
    phone = _spelt(phone)
    limits.hit("sign_in_address", request.remote_addr, WRONG_PER_ADDRESS)
    limits.slow("sign_in", _whose_count(request, phone))
    limits.hit("sign_in_device", f"{request.remote_addr}/{devices.mark()}", WRONG_PER_DEVICE)


def settle(request: Request, user: User, phone: str) -> None:
    """Take the tries back that led to the right one, and remember the browser; after the request."""
    whose, address = _whose_count(request, _spelt(phone)), request.remote_addr
    device = f"{address}/{devices.mark()}"
    known = f"{phones.index(phone).hex()[:20]}"

    @after_this_request
    def _settle(response: Response) -> Response:
        limits.forgive("sign_in", whose)
        limits.give_back("sign_in_address", address, WRONG_PER_ADDRESS)
        limits.give_back("sign_in_device", device, WRONG_PER_DEVICE)
        if not whose.startswith("device:"):
            text = signing.signed(
                phones.keyring(), "device", {"p": known, "d": signing.random_code(16)}, lasts=DEVICE_LASTS
            )
            response.set_cookie(
                cookie_name(),
                text,
                max_age=DEVICE_LASTS,
                httponly=True,
                secure=current_app.config["HTTPS"],
                samesite="Lax",
            )
        return response


def authenticate(phone: str, password: str) -> User:
    """Return whose phone and password these are.

    :raises WrongCredentials: either is wrong; which one is not told
    :raises ShutOut: both are right, and the account is suspended
    """
    user = people.by_phone(_spelt(phone))
    if not passwords.fits(user.password_hash if user else None, password) or user is None:
        note_failure(user, "password")
        raise WrongCredentials
    let_in(user)
    if user.password_hash and passwords.outgrown(user.password_hash, strong=bool(user.holds)):
        user.password_hash = passwords.hashed(password, strong=bool(user.holds))
    return user


def note_failure(user: User | None, how: str) -> None:
    """Write down that a sign-in failed, once the request that leaves no other trace is over."""
    user_id = user.id if user else None
    about, within = (f"account:{user.id}", user.area_path) if user else (None, None)

    @after_this_request
    def _note(response: Response) -> Response:
        with transaction():
            events.record(SignInFailed(user_id=user_id, how=how), about=about, within=within, whom=user_id)
        return response


def let_in(user: User) -> None:
    """Refuse somebody who has proven who they are, and may not come in.

    :raises ShutOut: suspended
    """
    if user.state != "active":
        raise ShutOut


def cookie_name() -> str:
    return "__Host-device" if current_app.config["HTTPS"] else "device"


def _spelt(phone: str) -> str:
    try:
        return identity.phone(phone)
    except identity.BadPhone:
        raise WrongCredentials from None


def _whose_count(request: Request, phone: str) -> str:
    kept = phones.index(phone).hex()
    text = request.cookies.get(cookie_name())
    if text:
        try:
            device = signing.read(phones.keyring(), "device", text)
        except Refusal:
            device = {}
        if device.get("p") == kept[:20]:
            return f"device:{device['d']}"
    return f"phone:{kept}"
