"""The office's pages of people: finding them within reach, roles, suspension, the ID card somebody shows."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, community, limits, paging, privacy, render
from volunteer.accounts import (
    appointments,
    closing,
    consents,
    factors,
    guardians,
    lost,
    people,
    profile,
    proposals,
    queries,
)
from volunteer.accounts.forms import IdNumberForm, RoleForm, WhyForm
from volunteer.accounts.models import Grant, User
from volunteer.accounts.pages import pages
from volunteer.accounts.roles import GIVABLE, NAMES
from volunteer.errors import TooMany
from volunteer.i18n import _

REVEALS = "30/day"

render.navigate("watch", _("志愿者"), "accounts.people_index", "person.read", icon="person", order=20)


@pages.get("/office/people", allow="person.read")
def people_index() -> ResponseReturnValue:
    limits.hit("lists", current_user.id, limits.LISTS)
    found = queries.people(
        request.args.get("q", ""), request.args.get("state", ""), request.args.get("role", "")
    )
    page = paging.page(found, key=User.id)
    return render_template(
        "volunteer/accounts/people.html", page=page, homes=queries.homes(page.items), roles=NAMES
    )


@pages.get("/office/people/<int:user_id>", allow="person.read")
def person(user_id: int) -> ResponseReturnValue:
    return person_page(access.find(User, user_id, right="person.read"))


@pages.post("/office/people/<int:user_id>/lost-phone", allow="person.suspend")
def lose_phone_of(user_id: int) -> ResponseReturnValue:
    """For somebody who stands at the desk without their phone."""
    user = access.find(User, user_id, right="person.suspend", lock=True)
    lost.report(user)
    flash(str(_("他的手机已经退出，旧的码和卡不能用了，礼遇券先冻结着。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/lost-phone/recovery", allow="person.suspend")
def recover(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.suspend", lock=True)
    if user.id == current_user.id:
        raise people.NotYourself
    lost.replaced(user)
    flash(str(_("礼遇券解冻了，可以照常出示。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/suspension", allow="person.suspend")
def suspend(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.suspend", lock=True)
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    people.suspend(user, form.reason.data)
    flash(str(_("已经停用，他的手机和电脑上都已退出。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/restoration", allow="person.suspend")
def restore(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.suspend", lock=True)
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    people.restore(user, form.reason.data)
    flash(str(_("已经恢复。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/roles", allow="role.give", proof=True)
def give_role(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="role.give")
    form = _role_form()
    if not form.validate():
        return person_page(user, role_form=form, status=422)
    try:
        area = community.get(form.area_id.data)
        if proposals.is_for_two(form.role.data):
            proposals.ask_role(
                current_user,
                user,
                form.role.data,
                area,
                form.until.data,
                form.reason.data or str(_("工作需要")),
            )
            flash(str(_("提出来了，等另一位负责人同意。")), "good")
            return redirect(url_for("accounts.person", user_id=user_id))
        appointments.give(current_user, user, form.role.data, area, form.until.data)
    except (appointments.TooYoungForOffice, appointments.BeyondReach, proposals.AskedAlready) as refusal:
        form.refuse("role", refusal)
        return person_page(user, role_form=form, status=refusal.status)
    flash(str(_("角色给好了。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/roles/<int:grant_id>/ending", allow="role.give", proof=True)
def take_role(user_id: int, grant_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="role.give")
    grant = next((grant for grant, _area in queries.grants(user) if grant.id == grant_id), None)
    if grant is not None:
        appointments.take_back(current_user, grant)
        flash(str(_("角色收回了。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/people/<int:user_id>/id-number", allow="person.prove")
def prove(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.prove", lock=True)
    form = IdNumberForm()
    if not form.validate():
        return person_page(user, id_form=form, status=422)
    try:
        profile.prove(user, form.number.data)
    except (privacy.BadIdNumber, profile.IdTaken, profile.NoIdConsent) as refusal:
        form.refuse("number", refusal)
        return person_page(user, id_form=form, status=422)
    flash(str(_("身份证号核对好了，已加密保存。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


def _count_reveal() -> None:
    """Count a look at something in full; the first one beyond the day's thirty raises an alarm.

    :raises errors.TooMany: beyond thirty a day
    """
    if not access.may("person.reveal"):
        return
    try:
        limits.hit("reveal", current_user.id, REVEALS)
    except TooMany:
        with suppress(TooMany):
            limits.hit("reveal_alarm", current_user.id, "1/day")
            people.sound_alarm(current_user)
        raise


@pages.post("/office/people/<int:user_id>/phone", allow="person.reveal", proof=True, before=_count_reveal)
def reveal_phone(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.reveal")
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    return person_page(user, phone=people.reveal_phone(user, form.reason.data))


@pages.post(
    "/office/people/<int:user_id>/id-number/view", allow="person.reveal", proof=True, before=_count_reveal
)
def reveal_id(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.reveal")
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    return person_page(user, id_number=people.reveal_id(user, form.reason.data))


def _role_form() -> RoleForm:
    form = RoleForm()
    giving = [hold for hold in current_user.holds if "role.give" in hold.rights and hold.area_path]
    keys = {role for hold in giving for roles in GIVABLE.get(hold.role, {}).values() for role in roles}
    form.role.choices = [(key, str(NAMES[key])) for key in NAMES if key in keys]
    form.area_id.choices = [
        (area.id, area.name) for area in queries.givable_areas([hold.area_path for hold in giving])
    ]
    return form


def person_page(
    user: User,
    *,
    role_form: RoleForm | None = None,
    id_form: IdNumberForm | None = None,
    phone: str | None = None,
    id_number: str | None = None,
    problem: object = None,
    status: int = 200,
) -> Response:
    may_give = access.may("role.give", user) and user.id != current_user.id
    held: list[tuple[Grant, object, object, bool]] = [
        (
            grant,
            NAMES.get(grant.role, grant.role),
            area.name if area else None,
            area is not None and may_give and appointments.may_give(current_user, grant.role, area),
        )
        for grant, area in queries.grants(user)
    ]
    page = render_template(
        "volunteer/accounts/person.html",
        person=user,
        home=community.get(user.home_id),
        held=held,
        role_form=(role_form or _role_form()) if may_give else None,
        id_form=id_form or IdNumberForm(formdata=None),
        id_agreed=consents.agreed(user, "id"),
        minor=guardians.is_minor(user.birth_on),
        waiting=_waiting(user),
        may_reset=may_give and factors.enrolled(user) and proposals.may_reset(current_user, user),
        waits_for_guardian=guardians.needs_guardian(user),
        closes_at=closing.closes_at(user),
        seen=queries.last_seen(user),
        phone=phone,
        id_number=id_number,
        problem=problem,
        myself=user.id == current_user.id,
    )
    return make_response(page, status)


def _waiting(user: User) -> list[dict[str, object]]:
    """What waits for a second person about somebody, and whether it is for the reader to decide."""
    rows = proposals.waiting(user)
    asked_by = people.names({one.asked_by for one in rows})
    return [
        {
            "id": one.id,
            "act": one.act,
            "role": NAMES.get(one.role) if one.role else None,
            "where": community.get(one.area_id).name if one.area_id else None,
            "reason": one.reason,
            "by": asked_by[one.asked_by],
            "at": one.asked_at,
            "mine": one.asked_by != current_user.id
            and user.id != current_user.id
            and proposals.may_decide(current_user, one, user),
        }
        for one in rows
    ]
