"""`flask accounts …` (S09, T33)."""

from __future__ import annotations

import re

import pytest
import xlsxwriter
from sqlalchemy import func, select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, community
from volunteer.accounts import factors
from volunteer.accounts.credential_models import WelcomeLink
from volunteer.accounts.models import User

FIRST = ("--phone", "13900000001", "--name", "林晓", "--street", "坂田街道", "--community", "南坑社区")


def link_in(made):
    return re.search(r"http://localhost(/welcome/\S+)", made.output)[1]


def test_the_first_administrator_is_made_by_hand_and_chooses_the_password(command, visitor, db, real_hashes):
    """S09: a link, once, for a day; nobody types a password for somebody else, and only a hash of the link is kept."""
    made = command("accounts", "create-admin", *FIRST)
    assert made.exit_code == 0, made.output
    admin = accounts.by_phone("13900000001")
    assert [(hold.role, hold.area_path) for hold in admin.holds] == [("street_admin", "/1/")]
    link, browser = link_in(made), visitor()
    assert link.rpartition("/")[2] not in db.session.scalar(select(WelcomeLink.token_hash))
    assert "林晓" in browser.get(link).words
    weak = browser.post(link, {"new": "12345678", "again": "12345678"})
    assert weak.status_code == 422 and admin.password_hash is None
    chosen = browser.post(link, {"new": PASSWORD, "again": PASSWORD})
    assert chosen.location == "/me/factor" and browser.get("/me/factor").status_code == 200
    assert admin.password_hash.startswith("$argon2id$v=19$m=65536")
    assert visitor().get(link).status_code == 410
    again = command("accounts", "create-admin", *FIRST)
    assert again.exit_code == 0 and "/welcome/" not in again.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_a_link_lapses_after_a_day_and_a_newer_one_ends_it(command, visitor, clock):
    """S09: twenty-four hours; running the command again makes the first link worthless."""
    first = link_in(command("accounts", "create-admin", *FIRST))
    second = link_in(command("accounts", "create-admin", *FIRST))
    assert visitor().get(first).status_code == 410 and visitor().get(second).status_code == 200
    clock.pass_(hours=24, seconds=1)
    assert visitor().post(second, {"new": PASSWORD, "again": PASSWORD}).status_code == 410
    assert visitor().get("/welcome/nothing-like-it").status_code == 410


def test_the_only_administrator_gets_back_in_by_the_machine(command, street_office):
    """S07: where no second administrator is, whoever runs the machine takes the lost factor away."""
    assert factors.enrolled(street_office)
    assert command("accounts", "reset-factor", "13800000007").exit_code == 0
    assert not factors.enrolled(street_office)
    assert command("accounts", "reset-factor", "13800000007").exit_code == 1


def test_a_token_and_nothing_else(command, visitor, ming):
    answer = command("accounts", "token", "+86 138 0000 0011")
    assert answer.exit_code == 0 and len(answer.stdout) == 44
    me = visitor().get("/api/v1/me", headers={"Authorization": f"Bearer {answer.stdout.strip()}"})
    assert me.json["id"] == ming.id
    for phone in ("13800000099", "not a phone"):
        nobody = command("accounts", "token", phone)
        assert nobody.exit_code == 1 and nobody.stdout == ""


@pytest.fixture
def table(tmp_path):
    def write(rows, name="people.csv", encoding="utf-8"):
        path = tmp_path / name
        if name.endswith(".xlsx"):
            book = xlsxwriter.Workbook(str(path))
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            book.close()
        else:
            path.write_bytes("\n".join(",".join(map(str, row)) for row in rows).encode(encoding))
        return str(path)

    return write


HEAD = ["姓名", "手机号", "所在社区", "出生日期"]
GOOD = [
    ["王小明", 13800000041, "南坑社区", "1990-01-31"],
    ["买买提·吐尔逊", "138 0000 0042", "杨美社区", "1985/7/1"],
    ["𠮷野", "13800000043", "南坑社区", ""],
]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("people.csv", "utf-8"), ("people.csv", "utf-8-sig"), ("people.csv", "gb18030"), ("people.xlsx", "")],
)
def test_a_table_of_people_is_first_tried_and_then_kept(command, table, db, nankeng, yangmei, name, encoding):
    """T33."""
    path = table([HEAD, *GOOD], name, encoding)
    tried = command("accounts", "import", path)
    assert tried.exit_code == 0 and "3 rows: 3 new, 0 known, 0 faulty; nothing written" in tried.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 0
    kept = command("accounts", "import", path, "--write")
    assert kept.exit_code == 0 and "3 new" in kept.output and "; written" in kept.output
    assert accounts.by_phone("13800000042").name == "买买提·吐尔逊"
    again = command("accounts", "import", path, "--write")
    assert "0 new, 3 known" in again.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 3


def test_each_faulty_row_is_named_and_then_none_is_kept(command, table, db, nankeng):
    """T33."""
    faulty = [
        ["小满", "1380000", "南坑社区", ""],
        ["1234", "13800000051", "南坑社区", ""],
        ["大明", "13800000052", "没有社区", ""],
        ["小明", "13800000053", "南坑社区", "1990-02-31"],
        ["小刚", "13800000041", "南坑社区", ""],
        ["小孩", "13800000054", "南坑社区", "2020-05-01"],
        ["少年", "13800000055", "南坑社区", "2012-05-01"],
    ]
    path = table([HEAD, GOOD[0], ["", "", "", ""], *faulty])
    answer = command("accounts", "import", path, "--write")
    assert answer.exit_code == 1
    assert "8 rows: 1 new, 0 known, 7 faulty; nothing written" in answer.output
    for row in range(4, 11):
        assert f"row {row}: " in answer.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_what_is_no_table_is_said_in_one_line(command, table, tmp_path, nankeng):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "y.csv").write_bytes(b"")
    (tmp_path / "z.csv").write_bytes(b"\xff\xfe\x00\xff")
    for path in (
        tmp_path / "x.xlsx",
        tmp_path / "y.csv",
        tmp_path / "z.csv",
        table([["姓名", "电话号"], ["a", "b"]]),
    ):
        answer = command("accounts", "import", str(path))
        assert answer.exit_code == 1 and answer.output.startswith("Error: "), answer.output
    assert community.communities() == [nankeng]
