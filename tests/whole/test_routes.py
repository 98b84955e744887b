"""Every route names a right that some role has; the list of what strangers may open is spelt out and short."""

from __future__ import annotations

from flask import Flask

from volunteer import access
from volunteer.accounts.roles import ROLES

#: What anybody may open or send without signing in. A new line here is a decision.
PUBLIC = {
    "accounts.ask_factor",
    "accounts.ask_factor_now",
    "accounts.choose_password",
    "accounts.register",
    "accounts.register_now",
    "accounts.send_register_code",
    "accounts.send_sign_in_code",
    "accounts.sign_in",
    "accounts.sign_in_by_code",
    "accounts.sign_in_by_code_now",
    "accounts.sign_in_now",
    "accounts.welcome_link",
    "accounts_api.create_token",
    "checkin.opened",
    "checkin.pass_opened",
    "closing.as_json",
    "community.index",
    "community.stations",
    "complaints.ask_at_plaque",
    "complaints.file_at_plaque",
    "counter_offline.show",
    "csp.report",
    "giving.index",
    "giving.show",
    "health.alive",
    "health.ready",
    "home.index",
    "mart.index",
    "mart.show",
    "metrics.metrics_now",
    "offer_draws.show",
    "offer_pictures.show",
    "offers.index",
    "offers.show",
    "offline.manifest",
    "offline.shell",
    "offline.worker",
    "open_books.as_json",
    "open_books.index",
    "openapi.docs",
    "openapi.openapi",
    "partners.plaque",
    "partners.plaque_sheet",
    "rulebook.public",
    "scheme.show",
    "partners.thanks",
    "patrols.figures",
    "patrols.opened",
    "posters.opened",
    "preferences.set",
    "screens.ask",
    "statement_check.show",
    "screens.ahead",
    "screens.now",
    "screens.wall",
    "service_days.calendar",
    "service_days.draw",
    "service_days.own_feed",
    "service_days.poster",
    "service_days.show",
    "service_days.stall",
    "service_days.subscribe",
    "service_days.subscription",
    "service_days.take_along",
    "sheets.opened",
    "supplements.publicity",
    "vouchers.opened",
}


def test_every_route_names_a_right_that_somebody_has(app: Flask) -> None:
    """T13, T21."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            allow = getattr(app.view_functions[rule.endpoint], "allow", None)
            assert allow is not None, f"{rule} was mounted past the door"
            assert access.known(allow), f"{rule}: nobody has the right {allow}"


def test_every_right_is_used_by_a_route_or_a_verb(app: Flask) -> None:
    from tests.whole.sources import python_text

    asked = python_text()
    for role, rights in ROLES.items():
        idle = [right for right in rights if f'"{right}"' not in asked and f"'{right}'" not in asked]
        assert idle == [], f"{role} has {idle}, and nothing asks for it"


def test_what_strangers_may_open_is_spelt_out(app: Flask) -> None:
    """T13."""
    open_to_all = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "allow", None) == access.PUBLIC
    }
    assert open_to_all == PUBLIC


def test_a_get_never_writes_and_a_post_always_has_a_form(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert len(methods) == 1, f"{rule} answers {methods}: one rule, one method"
