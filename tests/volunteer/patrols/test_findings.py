"""What walkers find: reported once, answered step by step, and whoever reported it hears of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from tests.volunteer.patrols.conftest import stops_of
from volunteer import accounts, notices, patrols, photos, service_days
from volunteer.db import db
from volunteer.patrols import Finding
from volunteer.patrols.findings import NEXT


def phone_photo() -> bytes:
    """A photo as a phone writes it: with the place and the camera beside the pixels."""
    made, held = Image.new("RGB", (900, 600), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SpyPhone"
    exif[0x8825] = {1: "N", 2: (22.0, 38.0, 0.0)}
    made.save(held, "JPEG", exif=exif)
    return held.getvalue()


@pytest.fixture
def report(xiaoman: accounts.User, walk: service_days.ServiceDay, come: Any) -> Callable[..., Finding]:
    """小满 is on the walk, and reports: `report("消防通道堵了")`."""
    come(xiaoman)

    def one(words: str = "消防通道堵了", **more: Any) -> Finding:
        more = {"sent": f"form-{words}", "stop": stops_of(walk)[3]} | more
        return patrols.findings.report(xiaoman, walk, more.pop("kind", "fire"), words, **more)

    return one


def test_a_finding_has_its_place_already(report: Callable[..., Finding], walk: Any) -> None:
    """O15: a finding at checkpoint 4 becomes an issue with place and grid already filled."""
    made = report()
    stop = stops_of(walk)[3]
    assert (made.stop_id, made.area_id, made.state) == (stop.id, stop.area_id, "reported")
    assert made.area_path.startswith(walk.area_path) and made.area_path != walk.area_path


def test_the_same_form_twice_is_one_finding(report: Callable[..., Finding]) -> None:
    """T03."""
    assert report().id == report().id


def test_photos_are_kept_without_what_the_phone_wrote(report: Callable[..., Finding], xiaoman: Any) -> None:
    """U6: pixels only, sealed; before and after."""
    made = report(photo=phone_photo())
    shown = photos.show(patrols.findings.before(made))
    picture = Image.open(io.BytesIO(shown))
    assert picture.format == "JPEG" and not picture.getexif() and b"SpyPhone" not in shown
    kept = photos.of(patrols.findings.before(made))
    assert kept is not None and b"JFIF" not in kept.jpeg_sealed


def test_what_is_no_photo_reports_nothing(report: Callable[..., Finding]) -> None:
    with pytest.raises(photos.BadPhoto):
        report(photo=b"<svg onload=alert(1)>")


def test_whoever_was_not_on_the_walk_reports_nothing(
    report: Callable[..., Finding], walk: service_days.ServiceDay, daming: accounts.User
) -> None:
    with pytest.raises(patrols.findings.NotThere):
        patrols.findings.report(daming, walk, "fire", "堵了", sent="form-of-daming")


def test_a_day_after_the_walk_is_too_late(clock: Any, report: Callable[..., Finding]) -> None:
    clock.move("2026-03-09 11:30")
    report("刚刚好")
    clock.pass_(seconds=1)
    with pytest.raises(patrols.findings.NotThere):
        report("太晚了")


def test_thirty_a_day_are_enough(report: Callable[..., Finding]) -> None:
    for n in range(30):
        report(f"第{n}处")
    with pytest.raises(patrols.findings.TooMany):
        report("还有一处")


def test_a_kind_we_do_not_know(report: Callable[..., Finding]) -> None:
    with pytest.raises(patrols.findings.NoSuchKind):
        report(kind="ghost")


def test_the_reporter_hears_of_every_step(
    report: Callable[..., Finding], xiaoman: accounts.User, office: accounts.User
) -> None:
    """A9: reported, taken up, put right, told."""
    made = report()
    patrols.findings.answer(made, "accepted", "", by=office)
    patrols.findings.answer(made, "resolved", "已经清走", by=office, photo=phone_photo())
    patrols.findings.answer(made, "resolved", "再说一遍", by=office)
    told = db.session.scalars(
        select(notices.Notice).filter_by(user_id=xiaoman.id).order_by(notices.Notice.id)
    )
    said = [str(notices.shown(one)) for one in told]
    assert said[-2:] == [
        "你 3月8日(周日) 上报的问题社区受理了。",
        "你 3月8日(周日) 上报的问题解决了：已经清走",
    ]
    assert made.answer == "已经清走" and photos.of(patrols.findings.after(made)) is not None


def test_what_ends_it_says_why(report: Callable[..., Finding], office: accounts.User) -> None:
    made = report()
    with pytest.raises(patrols.findings.NeedsAnswer):
        patrols.findings.answer(made, "declined", "  ", by=office)


def test_no_stage_is_skipped(report: Callable[..., Finding], office: accounts.User) -> None:
    made = report()
    with pytest.raises(patrols.findings.TooLate):
        patrols.findings.answer(made, "resolved", "已经清走", by=office)
    patrols.findings.answer(made, "declined", "不归我们管", by=office)
    for state in ("accepted", "resolved", "reported"):
        with pytest.raises(patrols.findings.TooLate):
            patrols.findings.answer(made, state, "还是办吧", by=office)


@given(st.lists(st.sampled_from(sorted(NEXT)), max_size=6))
def test_every_way_through_the_stages_ends(path: list[str]) -> None:
    """Property: no path skips a stage, and every stage reached can end."""
    at = "reported"
    for step in path:
        at = step if step in NEXT[at] else at
    ends = {"resolved", "declined"}
    assert at in ends or ends & set(NEXT[at])
    assert "resolved" not in NEXT["reported"] and not NEXT["resolved"] and not NEXT["declined"]
