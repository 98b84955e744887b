"""Which phone this is: a random cookie, so that one phone does not check in a whole family of friends.

A hurdle and not a proof: whoever empties the browser is a new phone. It says nothing about the person, and only its
fingerprint is kept, with the check-in it made.
"""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request

from volunteer import signing

LASTS = 400 * 24 * 3600
FINGERPRINT_CHARS = 32


def this() -> str:
    """Return the fingerprint of the phone that asks, and see to it that it keeps its cookie."""
    known = request.cookies.get(_cookie(), "")
    value = known if 20 <= len(known) <= 64 and known.isascii() else signing.scan_id()

    @after_this_request
    def _keep(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            value,
            max_age=LASTS,
            httponly=True,
            secure=current_app.config["HTTPS"],
            samesite="Lax",
            path="/",
        )
        return response

    return signing.fingerprint(value)[:FINGERPRINT_CHARS]


def _cookie() -> str:
    return "__Host-phone" if current_app.config["HTTPS"] else "phone"
