"""F21, T17: every call of the API as every role, made up from its own description: never broken, never beside it.

The quick form sends a few dozen made-up calls to each operation, half of them right and half wrong by the
description; HYPOTHESIS_PROFILE=long sends thousands. A call that changes something changes it: each operation meets
the street as the ones before left it.
"""

from __future__ import annotations

import contextvars
import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.whole.crossing import forget_tries
from tests.whole.worlds import ABOVE, CARE, World, above, build
from volunteer import accounts, community

pytestmark = pytest.mark.whole

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 1000 if LONG else 10
SEED = int(os.environ.get("SCHEMA_SEED", "20260307"))
ROLES = ("stranger", *CARE, *ABOVE)


@pytest.fixture
def world(here: Any, clock: Any) -> World:
    street = community.add("street", "坂田街道")
    made = build(street, "南坑", 1, clock)
    made.people |= above(street)
    return made


@pytest.fixture
def description(app: Flask, outdoors: contextvars.Context) -> Any:
    """The description, as a machine reads it."""
    return outdoors.copy().run(schemathesis.openapi.from_wsgi, "/api/v1/openapi.json", app)


def _operations(description: Any) -> Iterator[Any]:
    for found in description.get_all_operations():
        yield found.ok()


def test_every_operation_keeps_to_its_description(
    app: Flask, here: Any, world: World, description: Any, outdoors: contextvars.Context
) -> None:
    """F21, T17."""
    print(f"SCHEMA_SEED={SEED}")
    tokens = {role: accounts.tokens.issue(person) for role, person in world.people.items()}
    wrong: dict[str, str] = {}
    asked: set[tuple[str, str]] = set()
    with here.outside():
        for operation in _operations(description):
            outdoors.copy().run(forget_tries, app)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                turn = itertools.cycle(ROLES)

                @seed(SEED)
                @settings(
                    max_examples=EXAMPLES,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
                @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
                def keeps_to_it(case: Any, real: bool) -> None:
                    role = next(turn)  # noqa: B023 - called before the loop goes on
                    headers = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
                    if real:
                        for name in case.path_parameters or {}:
                            case.path_parameters[name] = world.things.get(name, case.path_parameters[name])
                    answer = outdoors.copy().run(case.call, headers=headers)
                    asked.add((case.operation.label, role))
                    outdoors.copy().run(case.validate_response, answer, checks=CHECKS)

                try:
                    keeps_to_it()
                except Exception as fault:
                    wrong[f"{operation.label} {mode.name.lower()}"] = str(fault)
                except BaseExceptionGroup as faults:
                    wrong[f"{operation.label} {mode.name.lower()}"] = "\n".join(map(str, faults.exceptions))
    assert not wrong, "\n\n".join(f"{label}: {fault[:1500]}" for label, fault in wrong.items())
    every = {(operation.label, role) for operation in _operations(description) for role in ROLES}
    assert every == asked, f"never asked: {sorted(every - asked)[:9]}"
    print(json.dumps({"operations": len({label for label, _ in asked}), "roles": len(ROLES)}))
