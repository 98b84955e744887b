"""A backup does not stand in the way of a Sunday morning."""

from __future__ import annotations

from tests.faults import backups  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_a_backup_made_while_people_check_in_is_whole(engine):
    """F30: nobody's scan fails meanwhile, and the backup restores to clean books."""
    prove("F30", engine.name)
