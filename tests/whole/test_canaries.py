"""T23, S33: thirty planted values through one run of the real server, and none of them in any log."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from flask_migrate import stamp
from sqlalchemy import text

from tests.faults.service import Service
from tests.whole.spilt import bytes_of
from volunteer import accounts, checkin
from volunteer.accounts import consents, phone_codes
from volunteer.db import db

#: What is recommended for a server that logs every statement: values stay out of its log all the same.
QUIET = {
    "log_statement": "all",
    "log_min_messages": "info",
    "log_min_error_statement": "error",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
#: What makes the next INSERT of a person fail in a way that nobody foresaw.
BROKEN = {
    "sqlite": ["CREATE TRIGGER boom BEFORE INSERT ON account BEGIN INSERT INTO nowhere VALUES (1); END"],
    "postgresql": [
        "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'boom' USING DETAIL = NEW.name; END $$",
        "CREATE TRIGGER boom BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION boom()",
    ],
}


class Client:
    """A browser or a program, as bare as can be: what it sends is what was planted."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.bearer = ""

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        sent = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body or None, headers=sent)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _equals, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self.send("GET", path, **headers)

    def post(self, page: str, path: str, **fields: str) -> tuple[int, str]:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page)[1])
        assert token, page
        self.token = token[1]
        body = urlencode({"csrf_token": token[1], **fields}).encode()
        return self.send(
            "POST", path, body, Content_Type="application/x-www-form-urlencoded", Origin="http://localhost"
        )

    def json(self, path: str, body: Any, **headers: str) -> tuple[int, str]:
        return self.send(
            "POST", f"/api/v1{path}", json.dumps(body).encode(), Content_Type="application/json", **headers
        )


@contextlib.contextmanager
def everything_logged(engine: Any) -> Iterator[Path | None]:
    """Have PostgreSQL log every statement on this database; its log file, where it is ours to read."""
    if engine.name == "sqlite":
        yield None
        return
    name = engine.database
    with psycopg.connect(engine.server, autocommit=True) as admin:
        for setting, value in QUIET.items():
            admin.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
        folder = admin.execute("SHOW data_directory").fetchone()[0]
        log = Path(folder).parent / "log"
    yield log if log.exists() else None


def test_no_planted_value_reaches_a_log(
    engine: Any,
    here: Any,
    nankeng: Any,
    xiaoman: Any,
    daming: Any,
    office: Any,
    day: Any,
    clock: Any,
    tmp_path: Path,
) -> None:
    """T23, S33: phones, ID numbers, names, passwords, codes, cookies and tokens: 0 hits in any log, crash or metric."""
    plant = {
        "phone": "13977770001", "guardian": "13977770002", "unknown phone": "13977770003", "searched": "13977770004",
        "next": "13977770005", "agent": "13977770006", "request id": "13977770007", "reason phone": "13977770008",
        "json phone": "13977770009", "crash phone": "13977770010", "spaced": "139 7777 0011",
        "name": "鹂漱澜", "searched name": "鹂漱沄", "crash name": "鹂漱溟", "skill": "鹂漱汀",
        "password": "Canary-pass-word-1", "wrong password": "Canary-wrong-word-2", "json password": "Canary-json-3",
        "id": "440307199001311238", "typed id": "440307199001311239",
        "bearer": "canaryBEARERtoken0123456789abcdefghijklmnopqr", "cookie": "canaryCOOKIE0123456789abcdefghijkl",
        "key": "canary-key-0123456789", "referer": "canaryREFERER0123456789abcdefghij",
        "typed code": "CANARYC0DE", "voucher": "CANARYV0UCHER0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456",
    }  # fmt: skip
    wall = checkin.showing(day).code
    consents.give(xiaoman, ["id"])
    clock.move(datetime.now(UTC))  # the server's clock goes on
    sessions = {name: accounts.sessions.open(one) for name, one in (("office", office), ("plain", daming))}
    plant |= {f"session of {name}": value for name, value in sessions.items()}
    plant["wall code"] = wall
    here.commit()
    with (
        here.outside(),
        everything_logged(engine) as log,
        contextlib.closing(Service(engine.url, workers=1, LOG_FORMAT="json", SMS_PROVIDER="none")) as served,
    ):
        stamp()
        served.start()
        plant |= walk(served, plant, sessions, here, xiaoman.id, nankeng.id, engine)
        assert len(plant) >= 30
        metrics = Client(served.port).get("/metrics")[1]
        said = served.said()
        crashes = [line for line in said.splitlines() if '"trace"' in line]
        assert len(crashes) >= 2, said[-3000:]
        places = {"log of the server": said, "crashes": "\n".join(crashes), "metrics": metrics}
        if log is not None:
            places["log of PostgreSQL"] = log.read_text(errors="replace")
            assert "INSERT INTO" in places["log of PostgreSQL"]
    found = [
        (place, what)
        for place, content in places.items()
        for what, value in plant.items()
        if value in content
    ]
    assert found == []
    assert (
        '"/c/…' in said and plant["wall code"][:12] not in said
    )  # a code is told from another, and not told

    secrets = {what: value for what, value in plant.items() if "name" not in what and what != "skill"}
    for form, content in bytes_of(engine, tmp_path).items():
        assert not (open_there := [what for what, value in secrets.items() if value.encode() in content]), (
            form,
            open_there,
        )


def walk(
    served: Service,
    plant: dict[str, str],
    sessions: dict[str, str],
    here: Any,
    xiaoman: int,
    home: int,
    engine: Any,
) -> dict[str, str]:
    """Do what people do, wherever a value could be said aloud; return what we were handed on the way."""
    from volunteer.db import transaction

    got: dict[str, str] = {}
    with transaction():
        got["sms code"] = phone_codes.issue(plant["phone"], "register")
    new = Client(served.port)
    status, _page = new.post(
        "/register", "/register", phone=plant["phone"], code=got["sms code"], name=plant["name"], home=str(home),
        birth_on="1990-01-31", guardian_phone=plant["guardian"], password=plant["password"], basic="y",
    )  # fmt: skip
    assert status in (302, 303), _page[-2000:]
    got["new session"], got["form cookie"], got["csrf"] = new.cookies["sid"], new.cookies["form"], new.token
    assert new.post("/me/profile", "/me/profile", name=plant["name"], home=str(home), birth_on="1990-01-31",
                    skills=plant["skill"])[0] in (302, 303)  # fmt: skip

    stranger = Client(served.port)
    for phone in (plant["unknown phone"], plant["phone"], plant["spaced"]):
        stranger.post("/sign-in", "/sign-in", phone=phone, password=plant["wrong password"])
    stranger.get(f"/sign-in?next=/me?phone={plant['next']}", User_Agent=f"Phone {plant['agent']}",
                 X_Request_Id=f"{plant['request id']}", Referer=f"http://localhost/?token={plant['referer']}")  # fmt: skip
    for path in (
        f"/c/{plant['wall code']}",
        f"/v/{plant['voucher']}",
        f"/c/{plant['voucher']}?x={plant['next']}",
    ):
        stranger.get(path)
    stranger.cookies["sid"] = plant["cookie"]
    stranger.get("/me")

    program = Client(served.port)
    program.json("/tokens", {"phone": plant["json phone"], "password": plant["json password"]})
    status, told = program.json("/tokens", {"phone": plant["phone"], "password": plant["password"]})
    assert status in (200, 201), told
    program.bearer = got["token"] = json.loads(told)["token"]
    program.json(
        "/checkins", {"code": plant["typed code"], "scan": plant["key"]}, Idempotency_Key=plant["key"]
    )
    program.json("/checkins", {"phone": plant["json phone"], "nonsense": plant["json password"]})
    program.bearer = plant["bearer"]
    program.get("/api/v1/me")

    staff = Client(served.port)
    staff.cookies["sid"] = sessions["office"]
    person = f"/office/people/{xiaoman}"
    for words in (plant["searched"], plant["searched name"], plant["typed id"]):
        assert staff.get(f"/office/people?q={quote(words)}")[0] == 200
    staff.post(person, f"{person}/id-number", number=plant["typed id"])
    staff.post(person, f"{person}/id-number", number=plant["id"])
    staff.post(person, f"{person}/phone", reason=f"回电 {plant['reason phone']}")

    plain = Client(served.port)
    plain.cookies["sid"] = sessions["plain"]
    for path in (person, "/office/people", "/office/panels/points.csv", "/office/audit", "/api/v1/people"):
        status, page = plain.get(path)
        assert status in (302, 403, 404) and not any(
            value in page for what, value in plant.items() if "session" not in what
        ), path

    # Two crashes while people type: the database fails under a page and under a registration.
    with transaction():
        got["crash code"] = phone_codes.issue(plant["crash phone"], "register")
        db.session.execute(text("ALTER TABLE notice RENAME TO notice_away"))
        for statement in BROKEN[engine.name]:
            db.session.execute(text(statement))
    assert new.get("/me/notices")[0] == 500
    status, _page = Client(served.port).post(
        "/register", "/register", phone=plant["crash phone"], code=got["crash code"], name=plant["crash name"],
        home=str(home), birth_on="1990-01-31", password=plant["password"], basic="y",
    )  # fmt: skip
    assert status == 500
    with transaction():
        on_account = "" if engine.name == "sqlite" else " ON account"
        db.session.execute(text(f"DROP TRIGGER boom{on_account}"))
        db.session.execute(text("ALTER TABLE notice_away RENAME TO notice"))
    return {what: value for what, value in got.items() if len(value) > 6}
