"""Calls made up from the description of the API, operation by operation, as each role in turn."""

from __future__ import annotations

import contextvars
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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
from tests.whole.worlds import ABOVE, CARE

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("stranger", *CARE, *ABOVE)


@dataclass
class Asked:
    """What was asked as whom, how often, and what did not keep to the description."""

    cases: int = 0
    broken: int = 0
    pairs: set[tuple[str, str]] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)

    def operations(self) -> set[str]:
        return {label for label, _role in self.pairs}


def operations(app: Flask, clean: contextvars.Context) -> list[Any]:
    """Every operation, as a machine reads the description."""
    described = clean.copy().run(schemathesis.openapi.from_wsgi, "/api/v1/openapi.json", app)
    return [found.ok() for found in described.get_all_operations()]


def ask_all(
    app: Flask,
    clean: contextvars.Context,
    tokens: dict[str, str],
    things: dict[str, Any],
    *,
    examples: int,
    seeded: int,
) -> Asked:
    """Send so many calls right by the description and as many wrong ones to each operation."""
    asked = Asked()
    for operation in operations(app, clean):
        clean.copy().run(forget_tries, app)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            turn = itertools.cycle(ROLES)

            @seed(seeded)
            @settings(
                max_examples=examples,
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
                        case.path_parameters[name] = things.get(name, case.path_parameters[name])
                answer = clean.copy().run(case.call, headers=headers)
                asked.cases += 1
                asked.broken += answer.status_code >= 500
                asked.pairs.add((case.operation.label, role))
                clean.copy().run(case.validate_response, answer, checks=CHECKS)

            for fault in _faults(keeps_to_it):
                asked.wrong[f"{operation.label} {mode.name.lower()}"] = fault
    return asked


def _faults(act: Any) -> Iterator[str]:
    try:
        act()
    except Exception as fault:
        yield str(fault)
    except BaseExceptionGroup as faults:
        yield "\n".join(map(str, faults.exceptions))
