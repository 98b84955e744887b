"""礼遇: the platform on one page — what is mounted, in what order."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from volunteer import clock, i18n, render, signing, web
from volunteer.accounts import recognition
from volunteer.checkin import api as checkin_api
from volunteer.checkin import nightly as checkin_nightly
from volunteer.checkin import views as checkin_views
from volunteer.config import Config
from volunteer.dashboards import panels as volunteer_panels
from volunteer.dashboards import views as dashboard_views
from volunteer.db import db, engine_options
from volunteer.hours import panels as hours_panels
from volunteer.ledger import panels as ledger_panels
from volunteer.operation import command, health, openapi
from volunteer.service_days import panels as service_day_panels

# ── what is mounted ─────────────────────────────────────────────────────────────────────────────────────
# Imported, therefore alive: a test compares the files on disk with these lists.

PAGES = (
    dashboard_views.pages,
    checkin_views.pages,
    health.pages,
    openapi.pages,
)
APIS = (checkin_api.api,)
REACTIONS = ()
NIGHTLY = (checkin_nightly,)
PANELS = (volunteer_panels, hours_panels, service_day_panels, ledger_panels)
COMMANDS = (*command.COMMANDS,)


def create_app(config: Config | None = None) -> Flask:
    """Return the application for this configuration (the environment's, when none is given)."""
    config = config or Config.from_env()
    app = Flask(__name__)
    app.config.update(
        LIYU=config,
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        BASE_URL=config.base_url,
        HTTPS=config.https,
        SESSION_COOKIE_NAME="__Host-form" if config.https else "form",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_ROW_COOKIE="__Host-sid" if config.https else "sid",
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        BABEL_DEFAULT_LOCALE="zh",
        TESTING=config.testing,
    )
    app.extensions["keyring"] = signing.Keyring(config.secret_keys)
    if config.clock:
        clock.rehearse(config.clock)

    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    Babel(app, locale_selector=i18n.locale)
    csrf = CSRFProtect(app)
    recognition.init_app(app)
    web.init_app(app)
    render.init_app(app)
    for blueprint in (*PAGES, *APIS):
        if blueprint.json:
            csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    for one in COMMANDS:
        app.cli.add_command(one)
    return app
