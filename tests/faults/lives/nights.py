"""Time passes: minutes, days, the works of the night, and the month's bills."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from tests.faults.lives.walk import Walk, act, some

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Nights(Walk):
    """Everything that happens because it is time."""

    @act(minutes=st.sampled_from([1, 6, 20, 75]))
    def minutes_pass(self, minutes: int) -> None:
        self._move(self.ref.now + minutes * MINUTE)

    @act(many=some, phase=st.sampled_from(["doors", "start", "way out", "end", "closed"]))
    def wait_for_a_day(self, many: int, phase: str) -> None:
        if day := self._day(many):
            to = {
                "doors": day.starts - 20 * MINUTE,
                "start": day.starts + 5 * MINUTE,
                "way out": day.ends - 10 * MINUTE,
                "end": day.ends + MINUTE,
                "closed": day.ends + HOUR + MINUTE,
            }[phase]
            if to > self.ref.now:
                self._move(to)

    @act(days=st.sampled_from([1, 3, 31, 92]))
    def days_pass(self, days: int) -> None:
        if self._soon(self.ref.now.date() + timedelta(days=days)):
            self._move(self.ref.now + timedelta(days=days))

    @act()
    def night_lapses_vouchers(self) -> None:
        self._night("vouchers.lapse")
        self.ref.lapse()

    @act()
    def night_expires_points(self) -> None:
        self._night("ledger.expire")
        self.ref.expire()

    @act()
    def forgotten_stays_close(self) -> None:
        self._night("checkin.close")
        self.ref.forget()

    @act()
    def offers_run_out(self) -> None:
        self._night("service_days.offers")
        self.ref.let_go()

    @act()
    def days_close(self) -> None:
        self._night("service_days.close")
        self.ref.close()

    @act(over=st.booleans())
    def the_month_is_drawn_up(self, over: bool) -> None:
        now = self.ref.now
        if over and self._soon(now.date() + timedelta(days=20)):
            self._move((now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=1))
        self._night("statements.draw")
        self.ref.draw()
