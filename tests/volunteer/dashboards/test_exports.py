"""Lists as files: who may take one, what it says, and that nothing holds it whole."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import literal, select, true, update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, clock
from volunteer.community import Area
from volunteer.dashboards import exports, lists
from volunteer.dashboards.models import ExportRequest
from volunteer.db import db
from volunteer.events import Happened

WHY = {"reason": "年度总结"}


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def told() -> list[Any]:
    return [
        row.facts
        for row in db.session.scalars(select(Happened).where(Happened.kind == "dashboards.Exported"))
    ]


def test_the_office_takes_its_people_away_masked_and_signed(
    visitor: Any, office: Any, xiaoman: Any, other_office: Any
) -> None:
    """S25, S31, T22: masks only, the last line says who took it, and it is written down."""
    answer = visitor(office).post("/office/exports/people", WHY)
    heads, *people, mark = table(answer)
    assert heads[:2] == ["姓名", "志愿者编号"]
    assert [row[1] for row in people] == [office.volunteer_no, xiaoman.volunteer_no]
    assert xiaoman.name not in answer.words and "*" in people[1][0]
    assert people[1][2] == xiaoman.phone_masked and people[1][4] == "2026-03-07 09:00"
    assert office.volunteer_no in mark[0] and "2026" in mark[0]
    assert told() == [{"what": "people", "reason": "年度总结"}]


def test_nobody_takes_a_list_without_saying_what_for(visitor: Any, office: Any) -> None:
    assert visitor(office).post("/office/exports/people", {"reason": " "}).status_code == 422
    assert told() == []


def test_volunteers_and_leaders_take_nothing_away(
    visitor: Any, xiaoman: Any, lao_wang: Any, team: Any
) -> None:
    """T13."""
    for person in (xiaoman, lao_wang):
        for path in ("/office/exports/people", "/office/exports/ledger"):
            assert visitor(person).post(path, WHY).status_code == 403


def test_the_twenty_first_list_of_a_day_has_to_wait(visitor: Any, office: Any) -> None:
    """T22."""
    browser = visitor(office)
    for _turn in range(20):
        assert browser.post("/office/exports/people", WHY).status_code == 200
    assert browser.post("/office/exports/people", WHY).status_code == 429


def test_a_year_of_the_books_is_a_file(
    visitor: Any, auditor: Any, xiaoman: Any, give_points: Any, here: Any
) -> None:
    give_points(xiaoman, 30)
    heads, *rows, mark = table(visitor(auditor).post("/office/exports/ledger", WHY | {"year": "2026"}))
    assert heads[2:4] == ["类别", "积分"] and len(rows) == 1
    assert rows[0][2:4] == ["服务积分", "30"] and rows[0][6] == xiaoman.volunteer_no
    assert auditor.volunteer_no in mark[0]


def test_more_than_five_hundred_rows_take_two(
    visitor: Any, office: Any, street_office: Any, other_office: Any, auditor: Any, make_volunteers: Any, clock: Any,
    here: Any,
) -> None:  # fmt: skip
    """T22: five hundred go alone; one more waits for a colleague with the same right, and for a quarter of an hour."""
    make_volunteers(499)
    here.commit()
    desk, street = visitor(office), visitor(street_office)
    assert len(table(desk.post("/office/exports/people", WHY))) == 502
    accounts.register(name="又一位", phone="13699990001", home=db.session.get_one(Area, office.home_id))
    here.commit()
    for _again in range(2):
        assert "要另一位同事同意" in desk.post("/office/exports/people", WHY, follow=True).words
    asked = db.session.scalars(select(ExportRequest)).one()
    assert (asked.row_count, asked.reason, asked.area_path) == (501, "年度总结", office.area_path)
    assert "等另一位同意" in desk.get("/office/exports").words
    assert "没有等你同意的导出" in visitor(other_office).get("/office/exports").words
    for person, status in ((office, 409), (other_office, 404), (auditor, 404)):
        assert visitor(person).post(f"/exports/{asked.id}/approval", {}).status_code == status, person.name
    assert "导出要两个人同意" in street.get("/office/inbox").words
    assert "15 分钟内可以下载" in street.post(f"/exports/{asked.id}/approval", {}, follow=True).words
    assert "等另一位同意" not in desk.get("/office/exports").words
    assert len(table(desk.post("/office/exports/people", WHY))) == 503
    clock.pass_(minutes=16)
    assert "已经过了 15 分钟" in visitor(office).get("/office/exports").words
    assert "要另一位同事同意" in visitor(office).post("/office/exports/people", WHY, follow=True).words
    assert [one["what"] for one in told()] == ["people", "people"]


def test_a_list_that_is_refused_stays(
    visitor: Any, office: Any, street_office: Any, make_volunteers: Any, here: Any
) -> None:
    """T22."""
    make_volunteers(501)
    here.commit()
    desk, street = visitor(office), visitor(street_office)
    desk.post("/office/exports/people", WHY)
    asked = db.session.scalars(select(ExportRequest)).one()
    assert street.post(f"/exports/{asked.id}/refusal", {"reason": ""}).status_code == 422
    street.post(f"/exports/{asked.id}/refusal", {"reason": "不需要全部的人"})
    assert "不需要全部的人" in desk.get("/office/exports").words
    assert told() == [] and street.post(f"/exports/{asked.id}/approval", {}).status_code == 409
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(update(ExportRequest).values(decided_by=ExportRequest.asked_by))


HOSTILE = ["=1+1", "+8613800000000", "-2", "@x", "\t=1", "＝1", '他说"好"', "一,二", "行\n行", "'=", ""]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_cell_is_taken_for_a_formula(here: Any, words: str) -> None:
    """T16: the database writes a cell as we do, and neither begins as a formula does."""
    said = db.session.scalar(select(exports.cell(literal(words))))
    assert said == exports.quoted(words)
    ((cell,),) = csv.reader(io.StringIO(exports.quoted(words), newline=""))
    assert not cell.startswith(exports.RUNS)
    assert cell.removeprefix("'") == words.removeprefix("'")


def test_a_list_is_read_a_few_rows_at_a_time_and_let_go_when_nobody_listens(
    here: Any, make_volunteers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_volunteers(11)
    here.commit()
    monkeypatch.setattr(exports, "ROWS", 4)
    engine = db.engine
    pieces = list(exports.lines(engine, lists.people(true()), "谁"))
    assert [piece.count("\r\n") for piece in pieces] == [1, 4, 4, 3, 1]
    free = engine.pool.checkedout()
    some = exports.lines(engine, lists.people(true()))
    next(some), next(some)
    assert engine.pool.checkedout() == free + 1
    some.close()
    assert engine.pool.checkedout() == free


def test_moments_are_of_shanghai(here: Any, xiaoman: Any, nankeng: Area) -> None:
    said = db.session.scalar(select(exports.moment(accounts.User.registered_at)))
    assert said == f"{clock.now():%Y-%m-%d %H:%M}" == "2026-03-07 09:00"
