"""T22, S25: whoever crawls all they may open takes no full phone and no ID number away."""

from __future__ import annotations

import io
import re
from typing import Any

from python_calamine import CalamineWorkbook

from volunteer import accounts, checkin, service_days, teams
from volunteer.accounts import consents, profile

ID = "440307199001311235"
LINK = re.compile(r'(?:href|action|data-live-url)="(/[^"#]*)"')
#: Where a crawler would only leave, or turn in circles: another language, another day of the calendar.
AWAY = re.compile(r"/(?:sign-out|preferences|static|calendar\?|api/v1/docs)|lang=|/now\b|/preview")
PAGES_MAX = 160


def crawl(browser: Any, apart: Any, starts: list[str]) -> dict[str, str]:
    """Every page a browser reaches by its links, by address."""
    seen: dict[str, str] = {}
    waiting = list(starts)
    while waiting and len(seen) < PAGES_MAX:
        address = waiting.pop(0)
        if address in seen or AWAY.search(address):
            continue
        answer = apart.copy().run(browser.get, address)
        seen[address] = words(answer) if answer.status_code == 200 else ""
        waiting += [link.replace("&amp;", "&") for link in LINK.findall(seen[address])]
    return seen


def words(answer: Any) -> str:
    """What an answer says; of a workbook, what stands in its cells; of a picture, what can be read in its bytes."""
    if "spreadsheet" not in answer.content_type:
        return str(answer.get_data().decode(errors="replace"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])


def test_a_crawler_takes_no_number_away(
    here: Any, visitor: Any, device: Any, xiaoman: Any, daming: Any, lao_wang: Any, office: Any, auditor: Any,
    azhen: Any, team: Any, day: Any, voucher: Any, clock: Any,
    outdoors: Any,
) -> None:  # fmt: skip
    """T22, S25: organiser, office, auditor, counter and volunteer: 0 numbers of others in pages, JSON and CSV."""
    consents.give(xiaoman, ["id"])
    profile.prove(xiaoman, ID)
    for person in (xiaoman, daming):
        teams.accept(teams.join(person, team))
        service_days.sign_up(person, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "one")
    here.commit()
    everybody = {person.id: f"1380000{n:04d}" for n, person in enumerate((xiaoman, daming), 1)}
    everybody |= {lao_wang.id: "13800000004", office.id: "13800000005", azhen.id: "13800000022"}
    starts = ["/", "/me", "/teams", "/office", "/office/people", "/office/audit", "/office/inbox", "/counter",
              f"/service-days/{day.id}/roll", f"/service-days/{day.id}/scanner", f"/teams/{team.id}/members",
              "/office/panels/points.csv", "/partners/1"]  # fmt: skip
    api = ["/me", "/balance", "/service-days", f"/service-days/{day.id}", f"/service-days/{day.id}/roll",
           f"/service-days/{day.id}/signups", "/teams", f"/teams/{team.id}/members", "/vouchers", "/partners"]  # fmt: skip
    counts = {}
    for person in (lao_wang, office, auditor, azhen, daming):
        pages = crawl(visitor(person).browser, outdoors, starts)
        script = device(person)
        pages |= {f"/api/v1{path}": script.get(f"/api/v1{path}").text for path in api}
        others = [number for owner, number in everybody.items() if owner != person.id] + [ID]
        leaked = [
            (address, number)
            for address, text in pages.items()
            for number in others
            if number in text or number in text.replace(" ", "").replace("-", "")
        ]
        assert leaked == [], (person.name, leaked[:5])
        counts[person.name] = sum(1 for text in pages.values() if text)
    assert counts[lao_wang.name] > 20 and counts[office.name] > 30, counts
    assert accounts.by_phone("13800000001") is not None
