"""Who leaves is helped no longer, and helps nobody."""

from __future__ import annotations

from volunteer import accounts, events
from volunteer.households import proxies


@events.on(accounts.closing.AccountClosed)
def end_with_the_account(happened: accounts.closing.AccountClosed) -> None:
    proxies.forget(happened.user_id)
