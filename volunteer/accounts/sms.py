"""Sending a text message, through whichever provider the configuration names.

A provider is a function of phone and words, registered under its name; `console` writes to the terminal, `none` says
that this installation sends no messages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from flask import after_this_request, current_app
from flask.wrappers import Response

from volunteer import metrics
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

Provider = Callable[[str, str], None]
PROVIDERS: dict[str, Provider] = {}


class NoMessages(Refusal):
    code = "sms.none"
    status = 503
    says = _("这里暂时不发短信。请用密码登录，或请社区工作人员帮你办。")


def provider(name: str) -> Callable[[Provider], Provider]:
    """Register a way of sending under a name for SMS_PROVIDER."""

    def register(send: Provider) -> Provider:
        PROVIDERS[name] = send
        return send

    return register


@provider("console")
def _console(phone: str, words: str) -> None:
    print(f"[SMS {phone}] {words}", file=sys.stderr, flush=True)


@provider("none")
def _none(phone: str, words: str) -> None:
    raise NoMessages


def ready() -> None:
    """Refuse before anything is written, where no message could be sent.

    :raises NoMessages: this installation sends none
    """
    if current_app.config["LIYU"].sms_provider == "none":
        raise NoMessages


def send(phone: str, words: Sentence) -> None:
    """Send a message now, in Chinese."""
    try:
        PROVIDERS[current_app.config["LIYU"].sms_provider](phone, words.within("zh"))
    except Exception:
        metrics.count("sms", "refused")
        raise
    metrics.count("sms", "sent")


def send_after(phone: str, words: Sentence) -> None:
    """Send a message once the request has kept what it did; a request that leaves no trace sends none."""

    @after_this_request
    def _send(response: Response) -> Response:
        if response.status_code < 400:
            send(phone, words)
        return response
