"""Projects as everybody sees them; giving to one; what one gave, with thanks to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import giving
from rewards.giving import queries
from rewards.giving.forms import GiftForm
from rewards.giving.models import Gift, Project
from rewards.giving.words import STATE_COLOURS, STATES
from volunteer import access, accounts, ledger, paging, signing
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("giving", __name__)


# ── for everybody ──


@pages.get("/giving", allow="public")
def index() -> str:
    """The projects that take points, or those that are over."""
    over = request.args.get("over") == "1"
    page = paging.page(queries.shown(over=over), key=Project.id, size=24)
    return render_template(
        "rewards/giving/index.html",
        page=page,
        over=over,
        progress=queries.progress(page.items),
        mine=_points() if current_user.is_authenticated else None,
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )


@pages.get("/giving/<int:project_id>", allow="public")
def show(project_id: int) -> str:
    """One project: its story, how far it is, who gave, what was done."""
    return _show(project_id, GiftForm(formdata=None))


@pages.post("/giving/<int:project_id>/gifts", allow="self")
def give(project_id: int) -> ResponseReturnValue:
    """Give; the hidden name of the tap makes a double tap one gift."""
    form = GiftForm()
    if form.validate():
        try:
            gift = giving.give(
                current_user._get_current_object(),
                project_id,
                form.points.data or 0,
                once=request.form.get("once") or None,
                named=bool(form.named.data),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse("points", refusal)
            return _show(project_id, form), refusal.status
        return redirect(url_for("giving.gift", gift_id=gift.id), 303)
    return _show(project_id, form), 422


def _show(project_id: int, form: GiftForm) -> str:
    found = queries.find(project_id)
    if found is None:
        raise NotFound
    project, funder = found
    reader = current_user._get_current_object() if current_user.is_authenticated else None
    return render_template(
        "rewards/giving/show.html",
        project=project,
        funder=funder,
        progress=queries.progress([project])[project.id],
        recent=queries.recent(project.id),
        uses=queries.uses(project.id),
        form=form,
        hindrance=giving.hindrance(reader, project) if reader else None,
        over=giving.projects.is_over(project),
        mine=_points() if reader else None,
        surplus=_surplus() if reader else 0,
        minor=reader is not None and accounts.is_minor(reader.birth_on),
        least=giving.LEAST,
        once=signing.scan_id(),
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )


# ── one's own ──


@pages.get("/me/giving", allow="self")
def mine() -> str:
    """What I gave, newest first."""
    return render_template(
        "rewards/giving/mine.html",
        page=paging.page(queries.mine(current_user.id), key=Gift.id, size=20, scalars=False),
        total=queries.mine_total(current_user.id),
    )


@pages.get("/me/giving/<int:gift_id>", allow="self")
def gift(gift_id: int) -> str:
    """Thanks for one gift; for ten minutes with a way back."""
    return _gift("rewards/giving/thanks.html", gift_id)


@pages.get("/me/giving/<int:gift_id>/note", allow="self")
def note(gift_id: int) -> str:
    """The same on paper."""
    return _gift("rewards/giving/note.html", gift_id)


@pages.post("/me/giving/<int:gift_id>/undo", allow="self")
def undo(gift_id: int) -> ResponseReturnValue:
    """Take it back."""
    gift = giving.undo(access.find(Gift, gift_id, right="self"))
    flash(str(_("撤回好了，{points} 分原样退回。", points=gift.points)), "good")
    return redirect(url_for("giving.gift", gift_id=gift.id), 303)


def _gift(template: str, gift_id: int) -> str:
    gift = access.find(Gift, gift_id, right="self")
    project, funder = queries.project_of(gift)
    return render_template(
        template,
        gift=gift,
        project=project,
        funder=funder,
        progress=queries.progress([project])[project.id],
        may_undo=gift.undone_at is None and giving.may_undo(gift.at) and project.state != "reported",
    )


def _points() -> int:
    """What the reader could give: points to spend, and those that can only be given."""
    return ledger.balance(current_user.id) + _surplus()


def _surplus() -> int:
    return sum(purse.amount for purse in ledger.surplus(current_user.id))


@accounts.export_part("gifts", _("捐出的积分"))
def _copy(user: accounts.User) -> Iterable[dict[str, Any]]:
    for row in queries.whole(user.id):
        yield {
            "project": row.title,
            "points": row.Gift.points,
            "named": row.Gift.named,
            "at": row.Gift.at,
            "undone_at": row.Gift.undone_at,
        }
