"""Far too much of everything, sent to the real server."""

from __future__ import annotations

from tests.faults import oversize  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_too_much_of_anything_is_refused_and_the_server_goes_on():
    """F19: bodies, bombs, fields, headers, nesting; each is refused, and the process lives and stays small."""
    prove("F19", "sqlite")
