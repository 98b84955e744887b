"""The partners of the sample street: they ask, are looked at, sign, hang up a plaque; some pause, some leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from rewards.demo import names, shops
from rewards.demo.people import CAST, Registry, grant
from rewards.demo.places import Place
from rewards.demo.shops import Gift, Shop
from rewards.demo.story import Person, Row, Story, moment, sentence
from volunteer import privacy, service_days, vault

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: The rank of a shop of the first community → what became of it.
FATES = {7: "paused", 11: "terminated", 40: "lapsed", 63: "lapsed"}
_LETTERS = "ABCDEFGHJKLMNPQRTUWXY"


@dataclass
class Partner:
    """A partner with its agreements, offers and people."""

    row: Row
    place: Place
    manager: Person
    runs: list[tuple[datetime, date, date]] = field(default_factory=list)
    gone_at: datetime | None = None
    offers: list[Row] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.row["id"])

    def covered_until(self, at: datetime) -> date | None:
        """The last day its agreements cover without a gap, as far as they are signed at a moment."""
        until: date | None = None
        if self.gone_at and self.gone_at <= at:
            return None
        for signed, starts, ends in self.runs:
            begun = starts <= at.date() if until is None else starts <= until + timedelta(days=1)
            if signed <= at and ends >= at.date() and begun:
                until = ends
        return until


class Alliance:
    """Brings partners in, one application after another."""

    def __init__(self, story: Story, registry: Registry) -> None:
        self.story, self.registry = story, registry
        self.partners: list[Partner] = []
        self._plaques: set[str] = set()

    def gather(self) -> list[Partner]:
        """Bring in everybody: the shops with the two counters first, those that still wait last."""
        size, places = self.story.size, self.story.places
        first = places[0]
        enterprises, units = shops.enterprises(), shops.units()
        order = [units[0], *enterprises, *units[1:]][: size.shops]
        for rank, shop in enumerate(order):
            self._sign_up(shop, first, fate=FATES.get(rank, "signed"))
        for place in places[1:]:
            for shop in shops.elsewhere(place.name, size.shops_elsewhere):
                self._sign_up(shop, place, fate="signed")
        self._staff_the_counters()
        for name, state in (
            ("雅南小食堂", "applied"),
            ("阿强五金维修", "applied"),
            ("雅南瑜伽馆", "reviewed"),
            ("好运彩票站", "rejected"),
        ):
            self._apply(Shop(name, "caring_enterprise", "想为志愿者出一份力。", ()), first, state)
        return [partner for partner in self.partners if partner.runs]

    def _sign_up(self, shop: Shop, place: Place, *, fate: str) -> None:
        story = self.story
        # Its renewal falls into the months behind us for some, ahead for others.
        starts = story.today - timedelta(days=story.rng.randint(290, 372))
        if fate == "lapsed":
            starts = story.today - timedelta(days=364 + story.rng.randint(20, 40))
        partner = self._row(
            shop, place, asked=moment(starts - timedelta(days=story.rng.randint(12, 25)), "10:40")
        )
        row, office = partner.row, place.office_id
        reviewed = moment(starts - timedelta(days=8), "16:05")
        story.trail.told(
            reviewed, "partners.Reviewed", about=f"partner:{row['id']}", whom=partner.manager.id, by=office, partner_id=row["id"]
        )  # fmt: skip
        row.update(state="signed", decided_at=reviewed, decided_by=office)
        self._agree(partner, starts, 1, moment(starts - timedelta(days=2), "15:00"))
        grant(
            story,
            partner.manager.id,
            "partner_manager",
            starts - timedelta(days=2),
            office,
            partner_id=row["id"],
        )
        self._hang_the_plaque(partner, starts + timedelta(days=3))
        ends = partner.runs[0][2]
        renewed = moment(ends - timedelta(days=14), "11:00")
        if fate != "lapsed" and renewed <= story.now:
            self._agree(partner, ends + timedelta(days=1), 2, renewed)
        for gift in shop.gifts:
            self._offer(partner, gift, starts)
        self._meet(partner, fate)

    def _meet(self, partner: Partner, fate: str) -> None:
        story, row = self.story, partner.row
        about = f"partner:{row['id']}"
        if fate == "paused":
            partner.gone_at = moment(story.today - timedelta(days=5), "14:10")
            row.update(
                state="paused",
                reason="店面装修，约一个月后恢复",
                paused_until=story.today + timedelta(days=20),
            )
            story.trail.told(
                partner.gone_at,
                "partners.Paused",
                about=about,
                by=partner.place.office_id,
                partner_id=row["id"],
            )
        elif fate == "terminated":
            partner.gone_at = moment(story.today - timedelta(days=75), "17:20")
            row.update(state="terminated", reason="店铺搬离坂田")
            story.trail.told(
                partner.gone_at, "partners.Terminated", about=about, by=partner.place.office_id, partner_id=row["id"]
            )  # fmt: skip
            for agreement in story.sheets.rows("agreement"):
                if agreement["partner_id"] == row["id"]:
                    agreement["ended_at"] = partner.gone_at
        elif fate == "lapsed":
            partner.gone_at = moment(partner.runs[-1][2] + timedelta(days=1), "00:40")
            row["state"] = "lapsed"
            story.trail.told(partner.gone_at, "partners.AgreementEnded", about=about, partner_id=row["id"])
        if fate == "terminated":
            story.agenda.put(partner.gone_at or story.now, partial(self._clear_the_shelf, partner))

    def _clear_the_shelf(self, partner: Partner) -> None:
        at = self.story.agenda.at
        assert at is not None
        for offer in partner.offers:
            offer["state"] = "withdrawn"
            self.story.trail.told(
                at,
                "offers.Withdrawn",
                about=f"offer:{offer['id']}",
                within=f"partner:{partner.id}",
                offer_id=offer["id"],
            )

    def _apply(self, shop: Shop, place: Place, state: str) -> None:
        story = self.story
        asked = moment(story.today - timedelta(days={"applied": 1, "reviewed": 5}.get(state, 9)), "19:24")
        partner = self._row(shop, place, asked=asked)
        if state != "applied":
            decided = asked + timedelta(hours=21)
            partner.row.update(state=state, decided_at=decided, decided_by=place.office_id)
            if state == "rejected":
                partner.row["reason"] = "彩票不适合作为礼遇，欢迎用别的方式支持"
            kind = "partners.Reviewed" if state == "reviewed" else "partners.Rejected"
            story.trail.told(
                decided, kind, about=f"partner:{partner.id}", whom=partner.manager.id, by=place.office_id, partner_id=partner.id
            )  # fmt: skip

    def _row(self, shop: Shop, place: Place, *, asked: datetime) -> Partner:
        story, rng = self.story, self.story.rng
        birth = date(rng.randint(1966, 1996), rng.randint(1, 12), rng.randint(1, 28))
        day = asked.date() - timedelta(days=1)
        manager = self.registry.open(names.person(rng, birth.year), place, (day, day), birth)
        licence = (
            f"9144030{rng.randint(0, 9)}MA5{''.join(rng.choices(_LETTERS, k=2))}{rng.randrange(10**5):05}X"
        )
        phone = f"139001{rng.randrange(10**5):05}"
        row = story.sheets.add(
            "partner",
            area_id=place.area.id,
            area_path=place.area.path,
            name=shop.name,
            kind=shop.kind,
            licence_no=licence,
            licence_until=story.today + timedelta(days=rng.randint(400, 3000)),
            address=f"坂田街道{place.road} {rng.randint(3, 180)} 号",
            about=shop.about,
            contact_name=manager.name,
            contact_phone_sealed=vault.seal(
                phone,
                where=privacy.Where("partner", "contact_phone_sealed", licence),
                area_path=place.area.path,
            ),
            contact_phone_masked=privacy.mask_phone(phone),
            applicant_id=manager.id,
            state="applied",
            asked_at=asked,
        )
        story.trail.told(
            asked, "partners.Applied", about=f"partner:{row['id']}", whom=manager.id, by=manager.id, partner_id=row["id"]
        )  # fmt: skip
        partner = Partner(row, place, manager)
        self.partners.append(partner)
        return partner

    def _agree(self, partner: Partner, starts: date, version: int, signed: datetime) -> None:
        """Sign for a year."""
        ends = _year_on(starts)
        agreement = self.story.sheets.add(
            "agreement", partner_id=partner.id, area_path=partner.row["area_path"], version=version, starts_on=starts,
            ends_on=ends, signed_at=signed, signed_by=partner.place.office_id, ended_at=None,
        )  # fmt: skip
        partner.runs.append((signed, starts, ends))
        self.story.trail.told(
            signed, "partners.Signed", about=f"partner:{partner.id}", whom=partner.manager.id, by=partner.place.office_id,
            partner_id=partner.id, agreement_id=agreement["id"],
        )  # fmt: skip
        self.story.tell(
            signed, partner.manager.id,
            sentence("{partner} 的协议签好了：{starts|date} 到 {ends|date}。现在可以发布礼遇了。",
              partner=partner.row["name"], starts=starts, ends=ends),
            key=f"agreement:{agreement['id']}", link=f"/partners/{partner.id}",
        )  # fmt: skip

    def _hang_the_plaque(self, partner: Partner, on: date) -> None:
        number = "".join(self.story.rng.choices(ALPHABET, k=8))
        while number in self._plaques:
            number = "".join(self.story.rng.choices(ALPHABET, k=8))
        self._plaques.add(number)
        partner.row.update(plaque_no=number, plaque_on=on)
        self.story.trail.told(
            moment(on, "10:00"), "partners.PlaqueGranted", about=f"partner:{partner.id}", by=partner.place.office_id,
            partner_id=partner.id,
        )  # fmt: skip

    def _offer(self, partner: Partner, gift: Gift, since: date) -> None:
        story, made = self.story, moment(since + timedelta(days=4), "11:30")
        offer = story.sheets.add(
            "offer",
            partner_id=partner.id,
            area_path=partner.row["area_path"],
            title=gift.title,
            kind=gift.kind,
            detail=gift.detail,
            picture=gift.picture,
            points=gift.points,
            value_cents=gift.yuan * 100,
            given_in=gift.stock,
            claimed=0,
            returned=0,
            stock=gift.stock,
            per_person=gift.per_person,
            from_on=made.date(),
            until_on=story.today + timedelta(days=story.rng.randint(60, 240)),
            adults_only=gift.adults_only,
            category=gift.category,
            by_slot=gift.places > 0,
            least_star=gift.least_star,
            daily_limit=gift.daily_limit,
            draws_at=moment(story.today + timedelta(days=gift.draws_in_days), "12:00")
            if gift.draws_in_days
            else None,
            state="draft" if gift.state == "draft" else "published",
            created_at=made,
            created_by=partner.manager.id,
        )
        partner.offers.append(offer)
        if gift.places:
            self._slots(partner, offer, gift.places)
        if gift.draws_in_days:
            seed = f"{story.rng.getrandbits(256):064x}"
            story.sheets.put(
                "offer_draw", offer_id=offer["id"], seed=seed, fingerprint=service_days.lottery.fingerprint(seed), order=None
            )  # fmt: skip
        if gift.state == "draft":
            return
        story.trail.told(
            made, "offers.Published", about=f"offer:{offer['id']}", within=f"partner:{partner.id}", by=partner.manager.id,
            offer_id=offer["id"], partner_id=partner.id, points=gift.points, stock=gift.stock,
        )  # fmt: skip
        if gift.state == "paused":
            story.agenda.put(
                moment(story.today - timedelta(days=9), "18:00"), partial(self._pause, partner, offer)
            )

    def _slots(self, partner: Partner, offer: Row, places: int) -> None:
        """Two times on each working day of the fortnight ahead."""
        for away in range(1, 15):
            on = self.story.today + timedelta(days=away)
            for starts, ends in (("10:00", "11:00"), ("15:00", "16:00")) if on.weekday() < 5 else ():
                self.story.sheets.add(
                    "offer_slot", offer_id=offer["id"], partner_id=partner.id, area_path=offer["area_path"],
                    starts_at=moment(on, starts), ends_at=moment(on, ends), capacity=places, booked=0, cancelled_at=None,
                )  # fmt: skip

    def _pause(self, partner: Partner, offer: Row) -> None:
        at = self.story.agenda.at
        assert at is not None
        offer["state"] = "paused"
        self.story.trail.told(
            at, "offers.Paused", about=f"offer:{offer['id']}", within=f"partner:{partner.id}", by=partner.manager.id,
            offer_id=offer["id"],
        )  # fmt: skip

    def _staff_the_counters(self) -> None:
        """The mart's and the tea house's counters are the two a visitor can stand behind."""
        for partner, key in zip(self.partners, ("counter", "other_counter"), strict=False):
            user, since = self.story.cast[key], partner.runs[0][1]
            grant(self.story, user.id, "counter", since, partner.manager.id, partner_id=partner.id)
            invited = moment(since, "10:30")
            self.story.trail.told(
                invited, "partners.StaffInvited", about=f"partner:{partner.id}", whom=user.id, by=partner.manager.id,
                partner_id=partner.id, user_id=user.id, role="counter",
            )  # fmt: skip
            assert CAST[key].name == user.name


def _year_on(starts: date) -> date:
    leap = (starts.month, starts.day) == (2, 29)
    return date(starts.year + 1, starts.month, 28 if leap else starts.day) - timedelta(days=0 if leap else 1)
