"""F21, T17: every call of the API as every role, made up from its own description: never broken, never beside it.

The quick form sends a few dozen made-up calls to each operation, half of them right and half wrong by the
description; HYPOTHESIS_PROFILE=long sends thousands. A call that changes something changes it: each operation meets
the street as the ones before left it.
"""

from __future__ import annotations

import contextvars
import json
import os
from typing import Any

import pytest
from flask import Flask

from tests.whole.described import ROLES, ask_all, operations
from tests.whole.worlds import World, above, build
from volunteer import accounts, community

pytestmark = pytest.mark.whole

EXAMPLES = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 10
SEED = int(os.environ.get("SCHEMA_SEED", "20260307"))


@pytest.fixture
def world(here: Any, clock: Any) -> World:
    street = community.add("street", "坂田街道")
    made = build(street, "南坑", 1, clock)
    made.people |= above(street)
    return made


def test_every_operation_keeps_to_its_description(
    app: Flask, here: Any, world: World, outdoors: contextvars.Context
) -> None:
    """F21, T17."""
    print(f"SCHEMA_SEED={SEED}")
    tokens = {role: accounts.tokens.issue(person) for role, person in world.people.items()}
    with here.outside():
        asked = ask_all(app, outdoors, tokens, world.things, examples=EXAMPLES, seeded=SEED)
        known = operations(app, outdoors)
    assert not asked.wrong, "\n\n".join(f"{label}: {fault[:1500]}" for label, fault in asked.wrong.items())
    every = {(operation.label, role) for operation in known for role in ROLES}
    assert every == asked.pairs, f"never asked: {sorted(every - asked.pairs)[:9]}"
    print(json.dumps({"operations": len(known), "roles": len(ROLES), "cases": asked.cases}))
