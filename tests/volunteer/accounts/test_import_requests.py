"""T33: people from a table take two of the office, are all or none, and can be sent away again as one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.cast import with_factor
from tests.whole.spilt import bytes_of
from volunteer import accounts, ledger, notices, privacy, service_days, teams, timetable, vault
from volunteer import clock as clock_module
from volunteer.accounts import import_requests, rollups
from volunteer.accounts.import_models import ImportedAccount, ImportRequest
from volunteer.accounts.models import Consent, Guardian, User
from volunteer.db import db
from volunteer.events import Happened

HEAD = ["姓名", "手机号", "所在社区", "出生日期", "监护人手机号"]
WHY = {"reason": "三月活动日现场填的报名表"}
Rows = list[list[Any]]


@pytest.fixture
def deputy(nankeng: Any) -> User:
    """郑副主任, another administrator of 南坑社区."""
    person = accounts.register(name="郑副主任", phone="13800000031", home=nankeng)
    accounts.appoint(person, "community_admin", area=nankeng)
    return with_factor(person)


def many(count: int, home: str = "南坑社区") -> Rows:
    """So many new people."""
    return [[f"鹂漱{chr(0x4E00 + n % 5000)}", f"139{n:08d}", home, "1990-01-31", ""] for n in range(count)]


def csv_of(rows: Rows) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in [HEAD, *rows]).encode("utf-8-sig")


def xlsx_of(rows: Rows) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEAD, *rows]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def upload(browser: Any, raw: bytes, name: str = "people.csv") -> Any:
    fields = {"csrf_token": browser.csrf_token(), "file": FileStorage(io.BytesIO(raw), name)}
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.open("/office/imports", method="POST", follow=True, data=body, content_type=kind)


def only() -> ImportRequest:
    db.session.expire_all()
    return db.session.scalars(select(ImportRequest).order_by(ImportRequest.id.desc()).limit(1)).one()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(User).where(User.state == "active")) or 0


def kinds() -> list[str]:
    found = select(Happened.kind).where(Happened.kind.like("accounts.Import%")).order_by(Happened.id)
    return [kind.removeprefix("accounts.Import") for kind in db.session.scalars(found)]


@pytest.fixture
def staged(office: User, here: Any) -> Callable[..., ImportRequest]:
    """A table that 何主任 has uploaded and asked about."""

    def stage(rows: Rows, by: User = office) -> ImportRequest:
        report, kept = import_requests.try_out(by, csv_of(rows))
        assert kept is not None, report.faults
        return import_requests.ask(by, kept, WHY["reason"])

    return stage


# ── trying ──


def test_of_five_thousand_rows_each_bad_one_is_named_and_none_is_kept(
    visitor: Any, office: User, here: Any
) -> None:
    """T33: one in a hundred is faulty: every one of the fifty stands on the page with its number; 0 written."""
    rows, before = many(5000), people()
    for n in range(0, 5000, 100):
        rows[n][(n // 100) % 3] = ["1234", "1390000", "没有社区"][(n // 100) % 3]
    answer = upload(visitor(office), xlsx_of(rows), "people.xlsx")
    assert answer.status_code == 422
    named = [one.get("row") or "".join(one.itertext()).strip() for one in answer.all("th", scope="row")]
    assert [word for word in named if "行" in word] == [f"第 {n + 2} 行" for n in range(0, 5000, 100)]
    assert "一共 5,000 行" in answer.words and "要改的 50 行" in answer.words
    for said in ("名字不能只有数字", "手机号要 11 位", "没有“没有社区”这个社区"):
        assert said in answer.words
    assert people() == before and db.session.scalars(select(ImportRequest)).all() == [] and kinds() == []


def test_a_clean_table_is_looked_at_first_and_waits_for_its_uploader_to_ask(
    visitor: Any, office: User, deputy: User, here: Any
) -> None:
    """T33: counts and the first ten rows, masked; nobody else sees it before it is asked."""
    rows = [*many(12), ["陈小宝", "13899990001", "南坑社区", "2014-05-01", "13899990002"]]
    rows.insert(0, rows.pop())
    rows.append(["何秀兰", office.phone_masked and "13800000005", "南坑社区", "", ""])
    before, desk = people(), visitor(office)
    page = upload(desk, csv_of(rows))
    one = only()
    assert page.status_code == 200 and "试过了，没有错" in page.words
    assert (one.row_count, one.new_count, one.known_count, one.state) == (14, 13, 1, "tried")
    shown = page.all("tr")[1:]
    assert len(shown) == 10 and "陈*宝" in page.words and "138****0001" in page.words
    assert "未成年" in page.words and "陈小宝" not in page.text and "13899990001" not in page.text
    for path in ("/office/imports", "/office/inbox"):
        assert f"/office/imports/{one.id}" not in visitor(deputy).get(path).links, path
    assert visitor(deputy).get(f"/office/imports/{one.id}").status_code == 404
    assert visitor(deputy).post(f"/office/imports/{one.id}/request", WHY).status_code == 404
    assert people() == before and kinds() == []
    upload(desk, csv_of(many(2)))
    db.session.expire_all()
    assert sorted(db.session.scalars(select(ImportRequest.state))) == ["dropped", "tried"], (
        "the old one is gone"
    )


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"\x00\xff", "people.csv", "读不出来"),
        (b"PK\x03\x04 not a workbook", "people.xlsx", "读不出来"),
        ("姓名,手机号\n王小明,13912345678".encode(), "people.csv", "表头里缺这几列：所在社区"),
        ("姓名,手机号,社区".encode(), "people.csv", "一个人也没有"),
        (csv_of(many(5001)), "people.csv", "一次最多 5,000 行"),
        (csv_of(many(2)) + b"," * 2_000_000, "people.csv", "文件太大了"),
        (b"%PDF", "people.pdf", "请用 .xlsx 或 .csv 文件"),
    ],
)
def test_what_is_no_table_of_people_is_refused_in_a_sentence(
    visitor: Any, office: User, raw: bytes, name: str, said: str
) -> None:
    """T33, T36."""
    answer = upload(visitor(office), raw, name)
    assert answer.status_code in (413, 422) and said in answer.words


def test_only_into_the_area_one_looks_after(
    visitor: Any, office: User, other_office: User, here: Any
) -> None:
    """T13, T33: the next community is not the office's; the street's may have both, and only the street decides."""
    answer = upload(visitor(office), csv_of(many(1, "杨美社区")))
    assert answer.status_code == 422 and "“杨美社区”不在你负责的范围里" in answer.words
    assert people() == 2


def test_a_table_of_two_communities_is_for_the_street(
    visitor: Any, office: User, street_office: User, other_office: User, bantian: Any, here: Any
) -> None:
    """T13, T33."""
    second = accounts.register(name="孙主任", phone="13800000032", home=bantian)
    accounts.appoint(second, "street_admin", area=bantian)
    with_factor(second)
    rows = [*many(1), ["大明", "13811112222", "杨美社区", "", ""]]
    upload(visitor(street_office), csv_of(rows))
    one = only()
    assert one.area_path == bantian.path
    visitor(street_office).post(f"/office/imports/{one.id}/request", WHY)
    for person, status in ((office, 404), (other_office, 404), (street_office, 409), (second, 303)):
        assert visitor(person).post(f"/office/imports/{one.id}/approval").status_code == status, person.name
    homes = select(User.name, User.area_path).where(User.id.in_(select(ImportedAccount.user_id)))
    assert len({path for _name, path in db.session.execute(homes)}) == 2


def test_nobody_but_the_office_and_no_more_than_thirty_a_day(
    visitor: Any, office: User, auditor: User, xiaoman: User, lao_wang: User, team: Any
) -> None:
    """T18, T21, T33: uploading would tell whose numbers are known, so it is counted."""
    for person in (auditor, xiaoman, lao_wang):
        assert visitor(person).get("/office/imports").status_code == 403
        assert visitor(person).post("/office/imports").status_code == 403
    desk = visitor(office)
    for _turn in range(30):
        assert desk.post("/office/imports").status_code == 422
    assert desk.post("/office/imports").status_code == 429


def test_the_empty_table_is_one_that_can_be_filled_in(visitor: Any, office: User, here: Any) -> None:
    desk = visitor(office)
    for kind in ("csv", "xlsx"):
        empty = desk.get(f"/office/imports/template.{kind}").get_data()
        if kind == "xlsx":
            heads = CalamineWorkbook.from_filelike(io.BytesIO(empty)).get_sheet_by_index(0).to_python()[0]
        else:
            heads = empty.decode("utf-8-sig").strip().split(",")
        assert heads == HEAD
        assert "一个人也没有" in upload(desk, empty, f"people.{kind}").words
    assert desk.get("/office/imports/template.exe").status_code == 404


# ── a second person ──


def test_another_one_agrees_and_everybody_is_there_at_once(
    visitor: Any, office: User, deputy: User, other_office: User, here: Any
) -> None:
    """T33: the uploader cannot; the next community's office cannot; another one of the same area does, once."""
    rows = [*many(3), ["陈小宝", "13899990001", "南坑社区", "2014-05-01", "13900000000"]]
    desk, second, before = visitor(office), visitor(deputy), people()
    upload(desk, csv_of(rows))
    address = f"/office/imports/{only().id}"
    assert second.post(f"{address}/approval").status_code == 404, "nobody has asked yet"
    assert desk.post(f"{address}/request", {"reason": " "}).status_code == 422
    assert "等另一位同事同意" in desk.post(f"{address}/request", WHY, follow=True).words
    assert desk.post(f"{address}/request", WHY).status_code == 409
    assert visitor(other_office).post(f"{address}/approval").status_code == 404
    assert desk.post(f"{address}/approval").status_code == 409 and people() == before
    assert "你提出的" in desk.get(address).words and "同意以后" not in desk.get(address).words
    assert WHY["reason"] in second.get("/office/inbox").words and "第" in second.get(address).h1
    assert WHY["reason"] not in visitor(other_office).get("/office/inbox").words
    assert "新开了 4 个账号" in second.post(f"{address}/approval", follow=True).words
    assert people() == before + 4 and only().rows_sealed is None
    assert second.post(f"{address}/approval").status_code == 409
    child = accounts.by_phone("13899990001")
    assert child and accounts.needs_guardian(child)
    guardian = db.session.scalars(select(Guardian).filter_by(minor_id=child.id)).one()
    assert guardian.guardian_id == accounts.by_phone("13900000000").id  # type: ignore[union-attr]
    given = db.session.execute(select(Consent.purpose, Consent.channel).filter_by(user_id=child.id)).all()
    assert given == [("basic", "import")]
    told = db.session.scalars(select(notices.Notice).filter_by(user_id=office.id)).one()
    assert told.facts == {"count": 4}
    assert kinds() == ["Asked", "Decided"]
    facts = db.session.scalars(select(Happened.facts).where(Happened.kind == "accounts.ImportDecided")).one()
    assert (facts["rows"], facts["outcome"]) == (4, "done")


def test_who_was_imported_signs_in_as_anybody(visitor: Any, staged: Any, deputy: User, here: Any) -> None:
    """T33: and the same rows a second time bring nobody."""
    import_requests.decide(staged(many(2)), "", deputy, agreed=True)
    here.commit()
    person = accounts.by_phone("13900000001")
    assert person and visitor(person).get("/me").status_code == 200
    with pytest.raises(import_requests.NobodyNew):
        import_requests.try_out(deputy, csv_of(many(2)))


def test_a_refusal_brings_nobody_and_says_why(
    visitor: Any, staged: Any, office: User, deputy: User, here: Any
) -> None:
    """T33."""
    address, before = f"/office/imports/{staged(many(2)).id}", people()
    assert visitor(deputy).post(f"{address}/refusal", {"reason": ""}).status_code == 422
    visitor(deputy).post(f"{address}/refusal", {"reason": "要先问过本人"})
    assert "要先问过本人" in visitor(office).get(address).words
    assert people() == before and only().rows_sealed is None and only().state == "refused"
    assert db.session.scalars(select(notices.Notice).filter_by(user_id=office.id)).one().link == address
    assert visitor(deputy).post(f"{address}/approval").status_code == 409


def test_two_agree_at_the_same_moment_and_everybody_is_there_once(
    staged: Any, visitor: Any, deputy: User, street_office: User, together: Any, here: Any
) -> None:
    """T33: the database decides between them."""
    address, before = f"/office/imports/{staged(many(40)).id}/approval", people()
    desks = [visitor(one) for one in (deputy, street_office)]
    for desk in desks:
        desk.csrf_token()
    answers = together([lambda desk=desk: desk.post(address).status_code for desk in desks])
    assert sorted(answers) == [303, 409]
    assert people() == before + 40 and kinds() == ["Asked", "Decided"]


def test_what_has_changed_meanwhile_is_seen(
    staged: Any, deputy: User, here: Any, nankeng: Any, clock: Any
) -> None:
    """T33: who registered in between is left as they are; a row that is faulty now stops all of it."""
    waiting = staged([*many(3), ["小明", "13811110000", "南坑社区", "", ""]])
    accounts.register(name="自己来的", phone="13900000001", home=nankeng)
    import_requests.decide(waiting, "", deputy, agreed=True)
    assert (waiting.new_count, waiting.known_count) == (3, 1)
    assert accounts.by_phone("13900000001").name == "自己来的"  # type: ignore[union-attr]
    later = staged([["小刚", "13811110001", "南坑社区", "", ""]])
    nankeng.name = "南坑新社区"
    before = people()
    with pytest.raises(import_requests.Changed), db.session.begin_nested():
        import_requests.decide(later, "", deputy, agreed=True)
    assert people() == before


def test_the_database_wants_two_people_and_no_rows_left_over(staged: Any, deputy: User, here: Any) -> None:
    """T33: the constraints behind it."""
    one = staged(many(1))
    sealed, at = one.rows_sealed, one.asked_at
    agreed = {"state": "done", "decided_at": at, "rows_sealed": None}
    for changed in (
        agreed | {"decided_by": one.asked_by},
        agreed | {"decided_by": deputy.id, "rows_sealed": sealed},
        {"state": "done", "rows_sealed": None},
        {"rows_sealed": None},
        agreed | {"decided_by": deputy.id, "state": "undone"},
        {"reason": None},
    ):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(ImportRequest).values(**changed))


# ── what is kept ──


def test_no_name_and_no_number_lies_open(
    visitor: Any, office: User, deputy: User, here: Any, engine: Any, tmp_path: Any, caplog: Any
) -> None:
    """T23, T33, S20, S32, S33: neither in the row that waits, nor in logs, nor in the trail; and it opens nowhere else."""
    rows = [["鹂漱澜", "13977770001", "南坑社区", "2014-01-31", "13977770002"]]
    with caplog.at_level("DEBUG"):
        upload(visitor(office), csv_of(rows))
        visitor(office).post(f"/office/imports/{only().id}/request", WHY)
        visitor(deputy).get(f"/office/imports/{only().id}")
        upload(visitor(office), csv_of([["鹂漱澜1", "13977770001", "鹂漱澜", "", ""]]))
    here.commit()
    secrets = ("鹂漱澜", "13977770001", "13977770002")
    for form, content in bytes_of(engine, tmp_path).items():
        for secret in secrets:
            assert secret.encode() not in content, (form, secret)
    assert not any(secret in caplog.text for secret in secrets)
    one = only()
    assert import_requests.sample(one)[0].name == "鹂*澜"
    one.key = "another-row"
    with pytest.raises(privacy.Unreadable):
        import_requests.sample(one)
    here.undo()
    visitor(deputy).post(f"/office/imports/{only().id}/approval")
    facts = [str(row) for row in db.session.scalars(select(Happened.facts))]
    assert not any(secret in fact for secret in secrets for fact in facts)


def test_a_change_of_keys_reaches_what_waits(staged: Any, deputy: User, here: Any) -> None:
    """S22, T33."""
    one = staged(many(2))
    column = next(column for column in vault.COLUMNS if column.model is ImportRequest)
    before, scope = one.rows_sealed, vault.scope_of(one.area_path)
    vault.renew(scope)
    assert vault.reseal(column, 0, 100)[1:] == (1, [])
    db.session.refresh(one)
    assert one.rows_sealed != before
    assert import_requests.decide(one, "", deputy, agreed=True).new_count == 2


def test_what_nobody_decides_for_a_week_is_wiped(
    visitor: Any, staged: Any, deputy: User, office: User, here: Any, clock: Any
) -> None:
    """T33, T22."""
    asked = staged(many(2))
    _report, tried = import_requests.try_out(office, csv_of([["小明", "13811110000", "南坑社区", "", ""]]))
    assert tried is not None
    ids = [asked.id, tried.id]
    clock.pass_(days=6, hours=23)
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["accounts.imports"])
    assert db.session.get_one(ImportRequest, asked.id).state == "open"
    clock.pass_(hours=2)
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["accounts.imports"], clock_module.today() + timedelta(days=1))
    states = db.session.execute(
        select(ImportRequest.id, ImportRequest.state, ImportRequest.rows_sealed)
    ).all()
    assert sorted(states) == [(one, "dropped", None) for one in ids]
    assert visitor(deputy).post(f"/office/imports/{asked.id}/approval").status_code == 404


def test_the_uploader_takes_it_back(visitor: Any, staged: Any, office: User, deputy: User, here: Any) -> None:
    """T33: before anybody decides; afterwards it is too late for that."""
    address, before = f"/office/imports/{staged(many(2)).id}/withdrawal", people()
    assert visitor(deputy).post(address).status_code == 409
    for _again in range(2):
        assert "名单已经删掉" in visitor(office).post(address, follow=True).words
    assert only().rows_sealed is None and people() == before and kinds() == ["Asked", "Dropped"]
    done = import_requests.decide(staged(many(2)), "", deputy, agreed=True)
    assert visitor(office).post(f"/office/imports/{done.id}/withdrawal").status_code == 409


# ── sending them away again ──


def books() -> str:
    """Every account that is in use, every balance and every figure of registrations, as one hash."""
    rollups.redo(clock_module.today())
    rows = [
        *db.session.execute(select(User.id, User.name, User.phone_index).where(User.state == "active").order_by(User.id)),
        *db.session.execute(select(ledger.Posting.id, ledger.Posting.amount).order_by(ledger.Posting.id)),
        rollups.registered("/", ["2026-03"]),
    ]  # fmt: skip
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_everybody_of_a_table_is_sent_away_again_as_one(
    staged: Any, deputy: User, xiaoman: User, give_points: Any, here: Any
) -> None:
    """T33: what was there before is there again, to the last balance and figure; the same table can come once more."""
    give_points(xiaoman, 30)
    waiting = staged(many(300))
    here.commit()
    before, found = books(), ledger.inspect()
    import_requests.decide(waiting, "", deputy, agreed=True)
    here.commit()
    assert books() != before and people() == 303
    assert import_requests.undo(waiting, "传错了表", deputy) == 300
    here.commit()
    assert books() == before and ledger.inspect() == found
    left = select(func.count()).select_from(Consent).where(Consent.withdrawn_at.is_(None))
    assert db.session.scalar(left.where(Consent.channel == "import")) == 0
    assert import_requests.try_out(deputy, csv_of(many(300)))[0].faults == []


def test_who_has_begun_to_use_the_account_stays_and_is_named(
    visitor: Any, staged: Any, office: User, deputy: User, give_points: Any, day: Any, team: Any, here: Any
) -> None:
    """T33: signed in, signed up, given points, in a team, suspended: each of them is left; who did nothing goes."""
    done = import_requests.decide(staged(many(8)), "", deputy, agreed=True)
    here.commit()
    used = [accounts.by_phone(f"139{n:08d}") for n in range(6)]
    sessions_of, signed_up, rich, member, suspended, told = used
    accounts.sessions.open(sessions_of)
    service_days.sign_up(signed_up, day)
    give_points(rich, 20)
    teams.join(member, team)
    accounts.suspend(suspended, "查一查")
    accounts.appoint(told, "gatekeeper", team_id=team.id)
    here.commit()
    address, desk = f"/office/imports/{done.id}", visitor(deputy)
    assert "现在会留下 6 人" in desk.get(address).words
    assert desk.post(f"{address}/undoing", {"reason": " "}).status_code == 422
    page = desk.post(f"{address}/undoing", {"reason": "传错了表"}, follow=True)
    assert "2 个没有用过的账号已经注销" in page.words
    db.session.expire_all()
    assert [one.state for one in used] == ["active"] * 4 + ["suspended", "active"]
    assert all(one.volunteer_no in page.words for one in used) and used[0].name not in page.text
    assert accounts.by_phone("13900000006") is None and accounts.by_phone("13900000007") is None
    assert ledger.balance(rich.id) == 20
    assert desk.post(f"{address}/undoing", {"reason": "再一次"}).status_code == 409
    facts = db.session.scalars(select(Happened.facts).where(Happened.kind == "accounts.ImportUndone")).one()
    assert (facts["rows"], facts["staying"], facts["reason"]) == (2, 6, "传错了表")


def test_only_who_looks_after_the_area_sends_them_away(
    visitor: Any, staged: Any, deputy: User, other_office: User, auditor: User, here: Any
) -> None:
    """T13, T33: one person with the right, and a reason."""
    address = f"/office/imports/{import_requests.decide(staged(many(1)), '', deputy, agreed=True).id}/undoing"
    for person, status in ((other_office, 404), (auditor, 403), (deputy, 303)):
        assert visitor(person).post(address, {"reason": "传错了"}).status_code == status, person.name


def test_what_was_never_brought_in_cannot_be_sent_away(staged: Any, deputy: User, here: Any) -> None:
    """T33."""
    waiting = staged(many(1))
    with pytest.raises(import_requests.NotDone):
        import_requests.undo(waiting, "传错了", deputy)


def test_the_pages_in_english(visitor: Any, staged: Any, office: User, deputy: User, here: Any) -> None:
    waiting = staged(many(1))
    for person in (office, deputy):
        desk = visitor(person, lang="en")
        assert desk.get("/office/imports").status_code == 200
        assert desk.get(f"/office/imports/{waiting.id}").status_code == 200
    desk.post(f"/office/imports/{waiting.id}/approval")
    assert desk.get(f"/office/imports/{waiting.id}").status_code == 200
