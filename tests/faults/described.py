"""The API asked at length from its own description; `tests/whole/test_schema.py` is the short form."""

from __future__ import annotations

from random import Random

from tests.faults.ground import standing
from tests.faults.registry import Outcome, fault
from tests.whole.described import ROLES, ask_all, operations


@fault(
    "F21",
    "schemathesis on every operation as every role, all checks",
    target="0 × 5xx, 0 answers beside the description, 100 % of operations as every role",
    long={"examples": 25},
)
def described(engine: str, dice: Random, *, examples: int) -> Outcome:
    """So many calls right by the description to each operation, and as many wrong ones."""
    with standing(engine) as ground:
        tokens = {role: person.token for role, person in ground.people.items() if person.token}
        asked = ask_all(
            ground.app,
            ground.clean,
            tokens,
            ground.world.things,
            examples=examples,
            seeded=dice.randrange(2**31),
        )
        known = operations(ground.app, ground.clean)
    missing = len(known) * len(ROLES) - len(asked.pairs)
    figure = (
        f"{asked.cases} cases, {len(asked.operations())} of {len(known)} operations as {len(ROLES)} roles, "
        f"{missing} pairs never asked; {asked.broken} × 5xx, {len(asked.wrong)} undocumented"
    )
    told = "".join(f"; {label}: {why[:160]!r}" for label, why in list(asked.wrong.items())[:3])
    return Outcome(figure + told, not asked.wrong and not asked.broken and not missing)
