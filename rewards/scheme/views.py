"""The public page of a scheme, and where its street writes what it says."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import scheme
from rewards.partners import KINDS
from rewards.scheme import queries
from volunteer import access, clock, community, ledger, render, web
from volunteer.community import Area
from volunteer.errors import NotFound
from volunteer.forms import Form, TextField, WordsField, required
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("scheme", __name__)

render.navigate("courtesy", _("计划介绍"), "scheme.edit", "scheme.edit", icon="info", order=50)


class SchemeForm(Form):
    """What the public page says."""

    name = TextField(_("叫什么"), [required], most=40)
    about = WordsField(_("一段话介绍"), most=600, description=_("为什么办、谢谁、欢迎谁加入。"))
    contact = TextField(_("找谁问"), most=120, description=_("电话和地点，大家都看得到。不要写私人手机号。"))


@pages.get("/scheme", allow="public")
def show() -> ResponseReturnValue:
    """How the scheme stands, for whoever thinks of joining; `?street=` chooses where there are several."""
    home = current_user.area_path if current_user.is_authenticated else ""
    street = community.street_asked(request.args.get("street", type=web.small), home)
    if street is None:
        raise NotFound
    today = clock.today()
    return render_template(
        "rewards/scheme/show.html",
        street=street,
        streets=community.streets(),
        scheme=scheme.of_street(street),
        NAME=scheme.NAME,
        standing=queries.standing(street, today),
        newest=queries.newest(street, today),
        numbers=ledger.tariff(today, street.path),
        KINDS=KINDS,
    )


@pages.get("/office/scheme", allow="scheme.edit")
def edit() -> str:
    street = _to_edit()
    said = scheme.of_street(street)
    # What is kept is said in our own language, whoever opens the form.
    first = {"name": scheme.NAME.within("zh")}
    form = SchemeForm(formdata=None, obj=said) if said else SchemeForm(formdata=None, data=first)
    return render_template("rewards/scheme/edit.html", form=form, street=street)


@pages.post("/office/scheme", allow="scheme.edit")
def write() -> ResponseReturnValue:
    street, form = _to_edit(), SchemeForm()
    if not form.validate():
        return render_template("rewards/scheme/edit.html", form=form, street=street), 422
    scheme.describe(
        street, form.name.data or "", form.about.data or "", form.contact.data or "", current_user
    )
    flash(str(_("存好了。")), "good")
    return redirect(url_for("scheme.show", street=street.id), 303)


def _to_edit() -> Area:
    """The street one looks after.

    :raises NotFound: none, where a grant has run out meanwhile
    """
    for hold in access.holds():
        if "scheme.edit" in hold.rights and hold.area_path:
            return community.get(int(hold.area_path.strip("/").split("/")[0]))
    raise NotFound
