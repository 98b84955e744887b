"""How large a sample street is made, and where its communities lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What `flask demo load --size` chooses between.

    `claims` is how many vouchers are claimed in the year; `shops` how many partners the first community has, and
    `shops_elsewhere` each of the others.
    """

    name: str
    communities: int
    volunteers: int
    teams: int
    shops: int
    shops_elsewhere: int
    claims: int


SIZES = {
    size.name: size
    for size in (
        # Small enough to be loaded for every test that wants a whole street.
        Size("tiny", communities=2, volunteers=60, teams=3, shops=8, shops_elsewhere=0, claims=60),
        Size("community", communities=4, volunteers=4000, teams=12, shops=85, shops_elsewhere=0, claims=1800),
        Size("street", communities=16, volunteers=45000, teams=81, shops=85, shops_elsewhere=9, claims=14000),
    )
}
