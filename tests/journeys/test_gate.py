"""Journey 3: the wall, the organiser's scanner, a word in place of a phone, the roll and what was forgotten."""

from __future__ import annotations

from volunteer import checkin, ledger, service_days


def test_the_wall_shows_the_code_who_came_and_how_many(clock, person, here, lao_wang, xiaoman, daming, day):
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 09:02:03")
    laptop = person(lao_wang)
    laptop.open("/office/days")
    laptop.click("3月8日")
    laptop.click("大屏")
    laptop.reads("localhost", "0", "10")
    first = laptop.browser.get(f"/service-days/{day.id}/wall/now").json
    checkin.record(xiaoman, first["code"], "phone-1")
    now = laptop.browser.get(f"/service-days/{day.id}/wall/now").json
    assert (now["in"], now["capacity"]) == (1, 10)
    assert now["recent"] == [{"name": "小*", "at": "09:02"}]
    clock.pass_(seconds=15)
    changed = laptop.browser.get(f"/service-days/{day.id}/wall/now").json
    assert changed["code"] != first["code"] and changed["svg"] != first["svg"]


def test_a_pass_a_typed_number_and_a_card_at_the_gate(
    clock, person, here, lao_wang, xiaoman, daming, grandma, day
):
    """CK-42, CK-43: three ways without the wall; a plain database id is none."""
    for one in (xiaoman, daming, grandma):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 08:55")
    phone, gate = person(xiaoman), person(lao_wang)
    phone.open("/me/pass")
    gate.open(f"/service-days/{day.id}/scanner")
    gate.press("签到", code=checkin.my_pass(xiaoman).url)
    gate.reads("小*", "08:55")
    gate.open(f"/service-days/{day.id}/scanner")
    gate.press("签到", code=f"{daming.volunteer_no[:4]} {daming.volunteer_no[4:8]} {daming.volunteer_no[8:]}")
    gate.reads("陈*明")
    gate.open(f"/service-days/{day.id}/scanner")
    gate.press("签到", 400, code=str(grandma.id))
    gate.open(f"/service-days/{day.id}/scanner")
    gate.press("签到", 400, code=checkin.my_pass(grandma).code[:-3] + "000")
    gate.open(f"/service-days/{day.id}/roll")
    gate.reads("扫本人码", "输编号", "还没到")


def test_the_roll_from_one_scan_to_hours(
    clock, command, person, here, lao_wang, xiaoman, daming, grandma, day
):
    """CK-32, CK-50, SU-18: forgotten check-outs close by themselves; who is confirmed gets hours, who is not gets none."""
    for one in (xiaoman, daming, grandma):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 09:00")
    gate = person(lao_wang)
    checkin.record(xiaoman, checkin.showing(day).code, "s1")  # forgets to leave
    gate.open(f"/service-days/{day.id}/roll")
    gate.press("补签", 422, number=grandma.volunteer_no, reason="")
    gate.press("补签", number=grandma.volunteer_no, direction="in", reason="手机没电，本人在场")
    gate.reads("李*芳", "人工", "手机没电")

    clock.move("2026-03-08 12:35")
    assert command("timetable", "run", "checkin.close").exit_code == 0
    gate.open(f"/service-days/{day.id}/roll")
    gate.reads("忘了签退", "等你核对")
    gate.press("确认这些人来过", user_id=[str(xiaoman.id), str(grandma.id)])
    gate.reads("已核对", "150")

    her = person(xiaoman)
    her.open("/me/hours")
    her.reads("150", "B")
    assert ledger.balance(xiaoman.id) == 25
    # by hand only: hours of grade C, no points
    assert ledger.balance(grandma.id) == 0
    assert ledger.inspect() == []

    gate = person(lao_wang)  # taking points back asks for a sign-in of the last five minutes
    gate.open(f"/service-days/{day.id}/roll")
    gate.press("撤销", reason="不是本人")
    gate.reads("已撤销")
    her.open("/me/notices")
    her.reads("撤销")
    assert ledger.balance(xiaoman.id) == 0 and ledger.inspect() == []


def test_the_gate_is_for_those_who_keep_it(person, here, xiaoman, other_office, day):
    for who, status in ((xiaoman, 403), (other_office, 404)):
        browser = person(who)
        for page in ("wall", "scanner", "roll"):
            assert browser.open(f"/service-days/{day.id}/{page}").status_code == status


def test_pressing_without_choosing_signs_nobody_in(clock, person, here, db, lao_wang, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    gate = person(lao_wang)
    gate.open(f"/service-days/{day.id}/roll")
    gate.press("补签", 422, reason="手机没电")
    gate.reads("请从名单里选一个人，或者输入编号。")
    assert db.session.query(checkin.Attendance).count() == 0
