"""The power goes while the schema is brought up to date."""

from __future__ import annotations

from tests.faults import migrating  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_a_migration_that_dies_is_there_or_not_at_all(engine):
    """F14: killed before a statement or a commit; wholly before or wholly after, and the next run ends as meant."""
    prove("F14", engine.name)
