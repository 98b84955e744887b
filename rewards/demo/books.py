"""Points as the ledger would have moved them, kept in step here so that nothing is spent that nobody has."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from rewards.demo.sheets import Row, Sheets
from volunteer.ledger import chart
from volunteer.ledger.tariff import Tariff


class Books:
    """Purses and postings. Moves come in the order of time, as the numbers of postings do."""

    def __init__(self, sheets: Sheets, tariff: Tariff) -> None:
        self._sheets = sheets
        self._tariff = tariff
        self.purses: dict[int, dict[str, int]] = defaultdict(dict)
        self._months: dict[date, str] = {}

    def award(
        self, at: datetime, who: int, points: int, *, key: str, why: dict[str, Any], on: date, path: str
    ) -> Row:
        """Give points for service on a day."""
        month = self._months.get(on)
        if month is None:
            month = self._months[on] = self._tariff.purse_month(on)
        purse = self.purses[who]
        purse[month] = purse.get(month, 0) + points
        return self._post(
            at, key, 0, "award", chart.ISSUED, chart.purse(who, month), points, who, path, why, on
        )

    def reverse(self, at: datetime, award: Row, why: dict[str, Any]) -> bool:
        """Send an award back; whether the points were still there."""
        month, who = award["target"][-7:], award["volunteer_id"]
        if self.purses[who].get(month, 0) < award["amount"]:
            return False
        self.purses[who][month] -= award["amount"]
        self._post(
            at, f"{award['key']}:reversal", 0, "reversal", award["target"], award["source"], award["amount"],
            who, award["area_path"], why, at.date(), award["id"],
        )  # fmt: skip
        return True

    def balance(self, who: int, on: date) -> int:
        """Return what somebody can spend on a day."""
        month = chart.month_of(on)
        return sum(amount for until, amount in self.purses.get(who, {}).items() if until >= month)

    def claim(
        self, at: datetime, who: int, points: int, voucher: int, why: dict[str, Any], path: str
    ) -> list[Row]:
        """Hold points for a voucher, from the purses that end soonest."""
        steps: list[Row] = []
        month = chart.month_of(at.date())
        purse = self.purses[who]
        for until in sorted(purse):
            part = min(purse[until], points) if until >= month else 0
            if part:
                purse[until] -= part
                points -= part
                step = self._post(
                    at,
                    f"claim:{voucher}",
                    len(steps),
                    "claim",
                    chart.purse(who, until),
                    chart.held(voucher),
                    part,
                    who,
                    path,
                    why,
                    at.date(),
                )
                steps.append(step)
        assert not points, f"voucher {voucher} takes {points} points too many"
        return steps

    def release(self, at: datetime, claim: list[Row], voucher: int, why: dict[str, Any]) -> None:
        """Give the points of a claim back to the purses they left, or later where those are past."""
        today = at.date()
        later = chart.month_of(today + timedelta(days=self._tariff.release_min_days))
        for line, step in enumerate(claim):
            who, until = step["volunteer_id"], step["source"][-7:]
            until = until if until >= chart.month_of(today) else later
            self.purses[who][until] = self.purses[who].get(until, 0) + step["amount"]
            self._post(
                at, f"release:{voucher}", line, "release", step["target"], chart.purse(who, until), step["amount"],
                who, step["area_path"], why, today, step["id"],
            )  # fmt: skip

    def redeem(
        self, at: datetime, who: int, points: int, voucher: int, partner: int, why: dict[str, Any], path: str
    ) -> None:
        """Owe the partner what the voucher held."""
        self._post(
            at, f"redeem:{voucher}", 0, "redeem", chart.held(voucher), chart.owed(partner), points, who, path, why, at.date()
        )  # fmt: skip

    def settle(self, at: datetime, partner: int, points: int, statement: int, path: str) -> None:
        """Put what was owed behind us."""
        self._post(
            at, f"settle:{statement}", 0, "settle", chart.owed(partner), chart.SETTLED, points, None, path, {}, at.date()
        )  # fmt: skip

    def expire(self, at: datetime, homes: dict[int, str]) -> int:
        """Empty the purses whose month is past, and return how many."""
        month, gone = chart.month_of(at.date()), 0
        for who, purse in self.purses.items():
            for until in [until for until, amount in purse.items() if until < month]:
                if points := purse.pop(until):
                    address = chart.purse(who, until)
                    self._post(
                        at, f"expire:{address}:{at.date()}", 0, "expire", address, chart.EXPIRED, points, who,
                        homes[who], {"month": until}, at.date(),
                    )  # fmt: skip
                    gone += 1
        return gone

    def _post(
        self,
        at: datetime,
        key: str,
        line: int,
        move: str,
        source: str,
        target: str,
        amount: int,
        who: int | None,
        path: str,
        why: dict[str, Any],
        on: date,
        reverses: int | None = None,
    ) -> Row:
        return self._sheets.add(
            "ledger_posting",
            key=key,
            line=line,
            move=move,
            source=source,
            target=target,
            amount=amount,
            at=at,
            on=on,
            volunteer_id=who,
            area_path=path,
            why=why,
            reverses_id=reverses,
        )
