"""Pages of areas and stations; anybody may read them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from volunteer import access, render
from volunteer.community import areas, queries, stations
from volunteer.community.forms import AreaForm, StationForm
from volunteer.community.models import Area
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("community", __name__)

render.navigate("settings", _("街道和社区"), "community.manage", "station.edit", icon="pin", order=40)


@pages.get("/areas", allow="public")
def index() -> ResponseReturnValue:
    return render_template("volunteer/community/index.html", tree=queries.tree())


@pages.get("/stations", allow="public", endpoint="stations")
def stations_page() -> ResponseReturnValue:
    colour = request.args.get("colour", "")
    colour = colour if colour in stations.COLOURS else ""
    return render_template(
        "volunteer/community/stations.html",
        rows=queries.stations(colour),
        colours=stations.COLOURS,
        chosen=colour,
    )


@pages.get("/office/areas", allow="station.edit")
def manage() -> ResponseReturnValue:
    return _manage_page(_area_form(), _station_form())


@pages.post("/office/areas", allow="station.edit")
def create() -> ResponseReturnValue:
    form = _area_form()
    if not form.validate():
        return _manage_page(form, _station_form(blank=True)), 422
    above = access.find(Area, form.parent_id.data, right="station.edit")
    added = areas.add("community" if above.kind == "street" else "grid", form.name.data, above)
    flash(str(_("{name}加好了。", name=added.name)), "good")
    return redirect(url_for("community.manage"))


@pages.post("/office/stations", allow="station.edit")
def open_station() -> ResponseReturnValue:
    form = _station_form()
    if not form.validate():
        return _manage_page(_area_form(blank=True), form), 422
    station = stations.open_station(
        access.find(Area, form.area_id.data, right="station.edit"),
        form.called.data,
        colour=form.colour.data,
        kind=form.kind.data,
        address=form.address.data,
        open_hours=form.open_hours.data,
        amenities=form.listed_amenities(),
    )
    flash(str(_("{name}加好了。", name=station.name)), "good")
    return redirect(url_for("community.manage"))


def _reachable() -> list[Area]:
    return queries.within_reach("station.edit")


def _area_form(*, blank: bool = False) -> AreaForm:
    form = AreaForm(**({"formdata": None} if blank else {}))
    form.parent_id.choices = [(area.id, area.name) for area in _reachable() if area.kind != "grid"]
    return form


def _station_form(*, blank: bool = False) -> StationForm:
    form = StationForm(**({"formdata": None} if blank else {}))
    form.area_id.choices = [(area.id, area.name) for area in _reachable() if area.kind != "street"]
    form.colour.choices = [(key, str(name)) for key, name in stations.COLOURS.items()]
    return form


def _manage_page(area_form: AreaForm, station_form: StationForm) -> str:
    return render_template(
        "volunteer/community/manage.html",
        areas=_reachable(),
        area_form=area_form,
        station_form=station_form,
    )
