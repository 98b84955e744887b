"""礼遇: the platform on one page — what is mounted, in what order."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from rewards import demo
from rewards.cover import nightly as cover_nightly
from rewards.cover import panels as cover_panels
from rewards.cover import views as cover_views
from rewards.demo import commands as demo_commands
from rewards.giving import api as giving_api
from rewards.giving import ending_views as giving_endings
from rewards.giving import family_views as giving_family
from rewards.giving import nightly as giving_nightly
from rewards.giving import office_views as giving_office
from rewards.giving import panels as giving_panels
from rewards.giving import reactions as giving_reactions
from rewards.giving import views as giving_views
from rewards.mart import api as mart_api
from rewards.mart import counter_views as mart_counter
from rewards.mart import office_views as mart_office
from rewards.mart import views as mart_views
from rewards.offers import api as offer_api
from rewards.offers import draw_views, slot_views
from rewards.offers import nightly as offer_nightly
from rewards.offers import picture_views as offer_picture_views
from rewards.offers import reactions as offer_reactions
from rewards.offers import views as offer_views
from rewards.partners import api as partner_api
from rewards.partners import complaint_views, visit_views
from rewards.partners import nightly as partner_nightly
from rewards.partners import panels as partner_panels
from rewards.partners import views as partner_views
from rewards.scheme import views as scheme_views
from rewards.settlements import api as settlement_api
from rewards.settlements import dispute_views, ending_views, genuine_views, objection_views
from rewards.settlements import nightly as settlement_nightly
from rewards.settlements import panels as settlement_panels
from rewards.settlements import reactions as settlement_reactions
from rewards.settlements import views as settlement_views
from rewards.vending import api as vending_api
from rewards.vouchers import api as voucher_api
from rewards.vouchers import booking_views, counter_offline, picture_views, undo_views
from rewards.vouchers import nightly as voucher_nightly
from rewards.vouchers import reactions as voucher_reactions
from rewards.vouchers import views as voucher_views
from volunteer import answers, i18n, kept, lanes, logs, metrics, origins, render, replicas, signing, web
from volunteer.accounts import api as account_api
from volunteer.accounts import commands as account_commands
from volunteer.accounts import nightly as account_nightly
from volunteer.accounts import recognition, step_up
from volunteer.accounts import views as account_views
from volunteer.activities import api as activity_api
from volunteer.activities import panels as activity_panels
from volunteer.activities import views as activity_views
from volunteer.anomalies import nightly as anomaly_nightly
from volunteer.anomalies import views as anomaly_views
from volunteer.appeals import panels as appeal_panels
from volunteer.appeals import views as appeal_views
from volunteer.backup import commands as backup_commands
from volunteer.checkin import api as checkin_api
from volunteer.checkin import (
    card_views,
    gate_views,
    offline_views,
    parked_views,
    poster_views,
    reversal_views,
    rollcall_views,
    screen_views,
)
from volunteer.checkin import nightly as checkin_nightly
from volunteer.checkin import reactions as checkin_reactions
from volunteer.checkin import views as checkin_views
from volunteer.community import api as community_api
from volunteer.community import views as community_views
from volunteer.config import Config
from volunteer.connections import address, engine_options
from volunteer.dashboards import commands as dashboard_commands
from volunteer.dashboards import export_views
from volunteer.dashboards import nightly as dashboard_nightly
from volunteer.dashboards import panels as volunteer_panels
from volunteer.dashboards import views as dashboard_views
from volunteer.db import db
from volunteer.devices import views as device_views
from volunteer.home import api as home_api
from volunteer.home import views as home_views
from volunteer.hours import commands as hours_commands
from volunteer.hours import nightly as hours_nightly
from volunteer.hours import panels as hours_panels
from volunteer.hours import views as hours_views
from volunteer.households import reactions as household_reactions
from volunteer.households import views as household_views
from volunteer.ledger import adjustment_views, closing_views, open_views
from volunteer.ledger import api as ledger_api
from volunteer.ledger import commands as ledger_commands
from volunteer.ledger import nightly as ledger_nightly
from volunteer.ledger import panels as ledger_panels
from volunteer.ledger import views as ledger_views
from volunteer.notices import nightly as notice_nightly
from volunteer.notices import reactions as notice_reactions
from volunteer.notices import views as notice_views
from volunteer.operation import command, csp, doctor, exposition, health, keys, openapi, scheduler, switches
from volunteer.patrols import nightly as patrol_nightly
from volunteer.patrols import views as patrol_views
from volunteer.rulebook import views as rulebook_views
from volunteer.service_days import api as service_day_api
from volunteer.service_days import commands as service_day_commands
from volunteer.service_days import nightly as service_day_nightly
from volunteer.service_days import panels as service_day_panels
from volunteer.service_days import reactions as service_day_reactions
from volunteer.service_days import views as service_day_views
from volunteer.sheets import views as sheet_views
from volunteer.supplements import nightly as supplement_nightly
from volunteer.supplements import panels as supplement_panels
from volunteer.supplements import views as supplement_views
from volunteer.teams import api as team_api
from volunteer.teams import nightly as team_nightly
from volunteer.teams import panels as team_panels
from volunteer.teams import views as team_views

# ── what is mounted ─────────────────────────────────────────────────────────────────────────────────────
# Imported, therefore alive: a test compares the files on disk with these lists.

PAGES = (
    home_views.pages,
    home_views.preferences,
    community_views.pages,
    account_views.pages,
    notice_views.pages,
    dashboard_views.pages,
    export_views.pages,
    ledger_views.pages,
    open_views.pages,
    closing_views.pages,
    adjustment_views.pages,
    hours_views.pages,
    team_views.pages,
    device_views.pages,
    activity_views.pages,
    service_day_views.pages,
    checkin_views.pages,
    gate_views.pages,
    card_views.pages,
    parked_views.pages,
    rollcall_views.pages,
    offline_views.pages,
    patrol_views.pages,
    poster_views.pages,
    screen_views.pages,
    reversal_views.pages,
    sheet_views.pages,
    household_views.pages,
    supplement_views.pages,
    anomaly_views.pages,
    rulebook_views.pages,
    appeal_views.pages,
    partner_views.pages,
    complaint_views.pages,
    visit_views.pages,
    offer_views.pages,
    slot_views.pages,
    draw_views.pages,
    offer_picture_views.pages,
    booking_views.pages,
    voucher_views.pages,
    counter_offline.pages,
    undo_views.pages,
    picture_views.pages,
    mart_views.pages,
    mart_api.api,
    mart_counter.pages,
    mart_office.pages,
    cover_views.pages,
    scheme_views.pages,
    giving_views.pages,
    giving_family.pages,
    giving_endings.pages,
    giving_office.pages,
    settlement_views.pages,
    genuine_views.pages,
    dispute_views.pages,
    objection_views.pages,
    ending_views.pages,
    health.pages,
    exposition.pages,
    openapi.pages,
    csp.pages,
)
APIS = (
    community_api.api,
    account_api.api,
    home_api.api,
    checkin_api.api,
    ledger_api.api,
    team_api.api,
    activity_api.api,
    service_day_api.api,
    partner_api.api,
    offer_api.api,
    voucher_api.api,
    vending_api.api,
    giving_api.api,
    settlement_api.api,
)
REACTIONS = (
    notice_reactions,
    service_day_reactions,
    checkin_reactions,
    household_reactions,
    offer_reactions,
    voucher_reactions,
    giving_reactions,
    settlement_reactions,
)
NIGHTLY = (
    account_nightly,
    dashboard_nightly,
    checkin_nightly,
    supplement_nightly,
    hours_nightly,
    ledger_nightly,
    notice_nightly,
    service_day_nightly,
    patrol_nightly,
    anomaly_nightly,
    partner_nightly,
    offer_nightly,
    voucher_nightly,
    giving_nightly,
    settlement_nightly,
    cover_nightly,
    team_nightly,
)
PANELS = (
    team_panels,
    activity_panels,
    volunteer_panels,
    hours_panels,
    service_day_panels,
    supplement_panels,
    ledger_panels,
    appeal_panels,
    cover_panels,
    partner_panels,
    giving_panels,
    settlement_panels,
)
LANES = (*checkin_api.LANES, *voucher_api.LANES)
COMMANDS = (
    *account_commands.COMMANDS,
    *dashboard_commands.COMMANDS,
    *service_day_commands.COMMANDS,
    *command.COMMANDS,
    doctor.doctor,
    *scheduler.COMMANDS,
    *switches.COMMANDS,
    *keys.COMMANDS,
    *ledger_commands.COMMANDS,
    *hours_commands.COMMANDS,
    *backup_commands.COMMANDS,
    *demo_commands.COMMANDS,
)


def create_app(config: Config | None = None) -> Flask:
    """Return the application for this configuration (the environment's, when none is given)."""
    config = config or Config.from_env()
    app = Flask(__name__)
    app.config.update(
        LIYU=config,
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=address(config.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        BASE_URL=config.base_url,
        HTTPS=config.https,
        SESSION_COOKIE_NAME="__Host-form" if config.https else "form",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_ROW_COOKIE="__Host-sid" if config.https else "sid",
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # no page tells where it was left for; origins.py looks instead
        BABEL_DEFAULT_LOCALE="zh",
        TESTING=config.testing,
    )
    app.extensions["keyring"] = signing.Keyring(config.secret_keys)
    app.extensions["first_run"] = (demo.load_if_empty,)
    app.extensions["sign_ins"] = demo.sign_ins
    app.extensions["rehearsal"] = demo.refuse
    app.extensions["another"] = create_app
    lanes.init_app(app, LANES)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    if not config.testing:
        logs.configure(config.log_format)
    if config.metrics_dir:
        metrics.share(Path(config.metrics_dir))

    replicas.configure(app, config)
    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    Babel(app, locale_selector=i18n.locale)
    web.init_app(app)
    answers.init_app(app)
    origins.init_app(app)
    csrf = CSRFProtect(app)
    recognition.init_app(app)
    step_up.init_app(app)
    logs.init_app(app)
    render.init_app(app)
    kept.init_app(app, config.panels_kept_s)
    for blueprint in (*PAGES, *APIS):
        if blueprint.json:
            csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    for one in COMMANDS:
        app.cli.add_command(one)
    if config.clock:
        with app.app_context():
            demo.rehearse(config.clock)
    return app
