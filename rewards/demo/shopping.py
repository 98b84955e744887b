"""What volunteers of the sample street claim, and what becomes of it: used, given back, refused, forgotten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from rewards.demo.alliance import Partner
from rewards.demo.story import Person, Row, Story, first_of_months, moment, sentence
from volunteer.i18n import Sentence
from volunteer.ledger import chart

REDEEMED, CANCELLED, REFUSED = 0.78, 0.08, 0.03  # the rest is forgotten
_REFUSALS = ("今天刚卖完，补货后再来", "师傅今天请假了", "机器坏了，修好再来")
_WHY = {"paused": "partner.paused", "terminated": "partner.terminated", "lapsed": "partner.ended"}


class Shopping:
    """Plays a year at the shops, day by day, and the nights and months that go with it."""

    def __init__(self, story: Story, partners: list[Partner]) -> None:
        self.story, self.partners = story, partners
        self.by_id = {partner.id: partner for partner in partners}
        #: What is booked, drawn or kept for stars is left to whoever tries the sample street.
        self._shelf = [
            (partner, offer)
            for partner in partners
            for offer in partner.offers
            if not (offer["by_slot"] or offer["draws_at"] or offer["least_star"])
        ]
        self._claims: dict[int, list[Row]] = {}
        self._holders: dict[int, Person] = {}
        self._waiting: dict[int, list[Row]] = {}
        self._redeemed: list[Row] = []

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        story = self.story
        # Nobody had five hours in the first weeks, and the shops had just opened.
        opens, days = story.today - timedelta(days=275), 275
        for away in range(days):
            on = opens + timedelta(days=away)
            busy = story.size.claims / days * (1.5 if on.weekday() >= 5 else 0.8)
            for _visit in range(int(busy) + (story.rng.random() < busy % 1)):
                at = story.between(on, on, 9, 21)
                story.agenda.put(at, self._somebody_claims)
        for first in first_of_months(story.began + timedelta(days=1), story.today):
            story.agenda.put(moment(first, "00:20"), self._expire)
            story.agenda.put(moment(first, "00:30"), partial(self._draw, chart.months_after(first, -1)))
        for first in first_of_months(opens, story.today):
            story.agenda.put(moment(first + timedelta(days=4), "10:30"), self._restock)
        for partner in self.partners:
            if partner.gone_at:
                story.agenda.put(partner.gone_at + timedelta(seconds=5), partial(self._give_back, partner))
        self._plan_for_the_saver()

    def _plan_for_the_saver(self) -> None:
        """李小满 has used one voucher, given one back, and has one to show today."""
        saver, mart, tea = self.story.cast["saver"], self.partners[0], self.partners[1]
        for partner, place, away, fate in (
            (mart, 2, 58, "redeemed"), (tea, 1, 33, "cancelled"), (tea, 0, 16, "redeemed"), (mart, 1, 2, "open"),
        ):  # fmt: skip
            at = moment(self.story.today - timedelta(days=away), "18:22")
            self.story.agenda.put(at, partial(self._claim, saver, partner, partner.offers[place], fate))

    # ── claiming ──

    def _somebody_claims(self) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        for _try in range(60):
            person = story.rng.choice(story.people)
            # What the saver has is told apart, so that she always has one voucher to show.
            if person is story.cast["saver"] or not self._may(person, at):
                continue
            partner, offer = story.rng.choice(self._shelf)
            if self._can(person, partner, offer, at):
                self._claim(person, partner, offer)
                return

    def _may(self, person: Person, at: datetime) -> bool:
        tariff = self.story.tariff
        return (
            person.confirmed
            and person.minutes >= tariff.redeem_min_hours * 60
            and (at.date() - person.joined.date()).days >= tariff.min_account_days
        )

    def _can(self, person: Person, partner: Partner, offer: Row, at: datetime) -> bool:
        on: date = at.date()
        return bool(
            offer["state"] == "published"
            and offer["stock"] > 0
            and offer["from_on"] <= on
            and person.had.get(offer["id"], 0) < offer["per_person"]
            and partner.covered_until(at)
            and not (offer["adults_only"] and person.age(on) < 18)
            and self.story.books.balance(person.id, on) >= offer["points"]
        )

    def _claim(self, person: Person, partner: Partner, offer: Row, fate: str | None = None) -> None:
        story, at, rng = self.story, self.story.agenda.at, self.story.rng
        assert at is not None
        if not self._can(person, partner, offer, at):
            return
        until = partner.covered_until(at)
        assert until is not None
        voucher = story.sheets.add(
            "voucher",
            public=rng.randbytes(8).hex(),
            offer_id=offer["id"],
            partner_id=partner.id,
            volunteer_id=person.id,
            area_path=offer["area_path"],
            title=offer["title"],
            points=offer["points"],
            value_cents=offer["value_cents"],
            asked_with=None,
            state="claimed",
            claimed_at=at,
            expires_on=min(at.date() + timedelta(days=story.tariff.voucher_days), until),
        )
        offer["stock"] -= 1
        offer["claimed"] += 1
        person.had[offer["id"]] = person.had.get(offer["id"], 0) + 1
        self._holders[voucher["id"]] = person
        self._waiting.setdefault(partner.id, []).append(voucher)
        if voucher["points"]:
            self._claims[voucher["id"]] = story.books.claim(
                at, person.id, voucher["points"], voucher["id"], self._why(voucher), voucher["area_path"]
            )
        self._told(
            at, voucher, "vouchers.Claimed", by=person.id, offer_id=offer["id"], points=offer["points"]
        )
        self._tell(
            at, voucher, "claimed",
            sentence("“{title}”领到了，{until|date} 前到店里用。", title=offer["title"], until=voucher["expires_on"]),
        )  # fmt: skip
        self._decide(voucher, fate)

    def _decide(self, voucher: Row, fate: str | None) -> None:
        story, at, rng = self.story, self.story.agenda.at, self.story.rng
        assert at is not None
        draw = rng.random()
        days = min(rng.expovariate(1 / 9), max((voucher["expires_on"] - at.date()).days - 1, 0))
        days = min(days, 5) if fate else days  # what is told of the saver has happened by today
        later = (at + timedelta(days=days)).replace(hour=rng.randint(10, 20), minute=rng.randrange(60))
        later = max(later, at + timedelta(minutes=rng.randint(12, 200)))
        if fate == "redeemed" or (fate is None and draw < REDEEMED):
            story.agenda.put(later, partial(self._redeem, voucher))
        elif fate == "cancelled" or (fate is None and draw < REDEEMED + CANCELLED):
            story.agenda.put(later, partial(self._end, voucher, "cancelled"))
        elif fate is None and draw < REDEEMED + CANCELLED + REFUSED:
            story.agenda.put(later, partial(self._end, voucher, "refused", rng.choice(_REFUSALS)))
        story.agenda.put(
            moment(voucher["expires_on"] + timedelta(days=1), "00:05"), partial(self._end, voucher, "lapsed")
        )

    # ── ending ──

    def _redeem(self, voucher: Row) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        if voucher["state"] != "claimed" or at.date() > voucher["expires_on"]:
            return
        partner = self.by_id[voucher["partner_id"]]
        clerk = self._clerk(partner)
        self._show(voucher, at)
        voucher.update(state="redeemed", redeemed_at=at, redeemed_by=clerk, scan=story.scan())
        self._redeemed.append(voucher)
        if voucher["points"]:
            story.books.redeem(
                at, voucher["volunteer_id"], voucher["points"], voucher["id"], partner.id, self._why(voucher), voucher["area_path"]
            )  # fmt: skip
        self._told(
            at, voucher, "vouchers.Redeemed", by=clerk, partner_id=partner.id, volunteer_id=voucher["volunteer_id"],
            points=voucher["points"],
        )  # fmt: skip
        self._tell(
            at, voucher, "redeemed",
            sentence("“{title}”{at|time} 在{partner}用掉了。不是你本人的话，请马上告诉社区。",
              title=voucher["title"], at=at, partner=partner.row["name"]),
        )  # fmt: skip

    def _end(self, voucher: Row, state: str, reason: str | None = None) -> None:
        """Cancelled, refused or lapsed: the points come back, and one goes back on the shelf."""
        story, at = self.story, self.story.agenda.at
        assert at is not None
        if voucher["state"] != "claimed":
            return
        partner = self.by_id[voucher["partner_id"]]
        by = voucher["volunteer_id"] if state == "cancelled" and not reason else None
        voucher.update(state=state, ended_at=at, reason=reason)
        if state == "refused":
            by = self._clerk(partner)
            self._show(voucher, at)
            voucher["scan"] = story.scan()
        offer = next(one for one in partner.offers if one["id"] == voucher["offer_id"])
        offer["stock"] += 1
        offer["returned"] += 1
        self._holders[voucher["id"]].had[offer["id"]] -= 1
        if voucher["points"]:
            story.books.release(at, self._claims[voucher["id"]], voucher["id"], self._why(voucher))
        self._told(at, voucher, "vouchers.Ended", by=by, state=state, points=voucher["points"])
        self._tell(at, voucher, "ended", self._says(voucher))

    def _says(self, voucher: Row) -> Sentence:
        facts = {"title": voucher["title"], "points": voucher["points"]}
        if voucher["state"] == "refused":
            return sentence(
                "“{title}”这次没有办成：{reason} {points} 分已经退回来了。", reason=voucher["reason"], **facts
            )
        if voucher["state"] == "lapsed":
            return sentence("“{title}”过期没有用，{points} 分退回来了。", **facts)
        return sentence("“{title}”取消了，{points} 分退回来了。", **facts)

    def _give_back(self, partner: Partner) -> None:
        """A partner that cannot honour its vouchers any more: everybody has the points back."""
        for voucher in self._waiting.get(partner.id, ()):
            if voucher["state"] == "claimed":
                self._end(voucher, "cancelled", _WHY[partner.row["state"]])

    def _show(self, voucher: Row, at: datetime) -> None:
        rng = self.story.rng
        armed = at + timedelta(seconds=rng.randint(20, 290))
        voucher.update(armed_until=armed, nonce=rng.randbytes(6), typed_hash=f"{rng.getrandbits(256):064x}")
        self._told(armed - timedelta(minutes=5), voucher, "vouchers.Presented", by=voucher["volunteer_id"])

    def _clerk(self, partner: Partner) -> int:
        cast = self.story.cast
        return {1: cast["counter"].id, 2: cast["other_counter"].id}.get(partner.id, partner.manager.id)

    def _why(self, voucher: Row) -> dict[str, str]:
        return {"title": voucher["title"], "link": f"/vouchers/{voucher['id']}"}

    def _told(self, at: datetime, voucher: Row, kind: str, *, by: int | None, **facts: int | str) -> None:
        self.story.trail.told(
            at, kind, about=f"voucher:{voucher['id']}", within=f"partner:{voucher['partner_id']}",
            whom=voucher["volunteer_id"], by=by, voucher_id=voucher["id"], **facts,
        )  # fmt: skip

    def _tell(self, at: datetime, voucher: Row, what: str, text: Sentence) -> None:
        self.story.tell(
            at,
            voucher["volunteer_id"],
            text,
            key=f"voucher-{what}:{voucher['id']}",
            link=f"/vouchers/{voucher['id']}",
        )

    # ── nights and months ──

    def _restock(self) -> None:
        """Shelves that run low are filled; a few partners take their time."""
        story, at = self.story, self.story.agenda.at
        assert at is not None
        for partner, offer in self._shelf:
            if (
                offer["stock"] < 20 <= offer["given_in"]
                and partner.covered_until(at)
                and story.rng.random() < 0.7
            ):
                offer["stock"] += 100
                offer["given_in"] += 100
                story.trail.told(
                    at, "offers.Restocked", about=f"offer:{offer['id']}", within=f"partner:{partner.id}",
                    by=partner.manager.id, offer_id=offer["id"], added=100,
                )  # fmt: skip

    def _expire(self) -> None:
        at = self.story.agenda.at
        assert at is not None
        self.story.books.expire(at, self.story.homes)

    def _draw(self, month: str) -> None:
        """Draw the month up for every partner that redeemed in it; they confirm, the office agrees."""
        story, at = self.story, self.story.agenda.at
        assert at is not None
        lines: dict[int, list[Row]] = {}
        for voucher in self._redeemed:
            lines.setdefault(voucher["partner_id"], []).append(voucher)
        self._redeemed = []
        for partner_id, vouchers in sorted(lines.items()):
            partner = self.by_id[partner_id]
            points = sum(one["points"] for one in vouchers)
            row = story.sheets.add(
                "statement", partner_id=partner_id, area_path=partner.row["area_path"], month=month, count=len(vouchers),
                points=points, value_cents=sum(one["value_cents"] for one in vouchers), state="draft", drawn_at=at,
            )  # fmt: skip
            for one in vouchers:
                story.sheets.add(
                    "statement_line", statement_id=row["id"], voucher_id=one["id"], redeemed_on=one["redeemed_at"].date(),
                    points=one["points"], value_cents=one["value_cents"],
                )  # fmt: skip
            about, within = f"statement:{row['id']}", f"partner:{partner_id}"
            story.trail.told(
                at, "settlements.Drawn", about=about, within=within, statement_id=row["id"], partner_id=partner_id,
                count=len(vouchers), points=points,
            )  # fmt: skip
            story.tell(
                at, partner.manager.id,
                sentence("{month|month} 的账单出来了：{count} 张券，{points} 分。请核对后确认。",
                  month=month, count=len(vouchers), points=points),
                key=f"statement:{row['id']}:{len(vouchers)}", link=f"/partners/{partner_id}/statements/{month}",
            )  # fmt: skip
            story.agenda.put(
                at + timedelta(days=story.rng.randint(1, 5), hours=10), partial(self._confirm, row, partner)
            )

    def _confirm(self, row: Row, partner: Partner) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        row.update(state="confirmed", confirmed_by=partner.manager.id)
        story.trail.told(
            at, "settlements.Confirmed", about=f"statement:{row['id']}", within=f"partner:{partner.id}",
            by=partner.manager.id, statement_id=row["id"], partner_id=partner.id,
        )  # fmt: skip
        story.agenda.put(at + timedelta(days=story.rng.randint(2, 22)), partial(self._agree, row, partner))

    def _agree(self, row: Row, partner: Partner) -> None:
        story, at, office = self.story, self.story.agenda.at, partner.place.office_id
        assert at is not None
        row.update(state="agreed", agreed_by=office)
        if row["points"]:
            story.books.settle(at, partner.id, row["points"], row["id"], row["area_path"])
        story.trail.told(
            at, "settlements.Agreed", about=f"statement:{row['id']}", within=f"partner:{partner.id}", by=office,
            statement_id=row["id"], partner_id=partner.id, points=row["points"],
        )  # fmt: skip
