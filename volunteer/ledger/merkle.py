"""A tree of hashes over the rows of a day: one root for all of them, and for each row the few hashes that lead to it.

Leaves begin with 0 and nodes with 1, so that nobody can give one for the other. A node without a neighbour moves up
as it is (the tree of RFC 6962).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

#: The root of a day without rows.
EMPTY = hashlib.sha256(b"").digest()
#: So many leaves make a block: a whole subtree of its own, eight levels high, so that a tree of blocks is the same tree.
BLOCK = 256
#: A hash on the way up, and on which side of ours it stands.
Step = tuple[str, str]


def salt(secret: bytes, row_id: int) -> bytes:
    """Return what is hashed along with a row, so that nobody can find it out by trying what it may say."""
    return hmac.digest(secret, str(row_id).encode(), "sha256")


def leaf(salted: bytes, line: bytes) -> bytes:
    """Return the hash of a row as it stands at the bottom of the tree."""
    return hashlib.sha256(b"\0" + salted + line).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The root of as many leaves as come, remembering no more than a few of them."""

    def __init__(self) -> None:
        self._tops: list[tuple[int, bytes]] = []
        self.count = 0

    def add(self, hashed: bytes) -> None:
        size = 1
        self.count += 1
        while self._tops and self._tops[-1][0] == size:
            hashed, size = node(self._tops.pop()[1], hashed), 2 * size
        self._tops.append((size, hashed))

    def root(self) -> bytes:
        """Return the hash over all the leaves so far."""
        if not self._tops:
            return EMPTY
        tops = [top for _size, top in self._tops]
        whole = tops.pop()
        while tops:
            whole = node(tops.pop(), whole)
        return whole


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return a tree level by level: the leaves first, the root alone at last."""
    found = [list(leaves)]
    while len(level := found[-1]) > 1:
        found.append(
            [node(*level[n : n + 2]) if n + 1 < len(level) else level[n] for n in range(0, len(level), 2)]
        )
    return found


def path(tree: Sequence[Sequence[bytes]], place: int) -> list[Step]:
    """Return the hashes that lead from a leaf to the root, the lowest first; `tree` is what `levels` made."""
    steps: list[Step] = []
    for level in tree[:-1]:
        beside = place ^ 1
        if beside < len(level):
            steps.append(("left" if beside < place else "right", level[beside].hex()))
        place //= 2
    return steps


def climb(hashed: bytes, steps: Sequence[Step]) -> bytes:
    """Return the root that a leaf and its way up lead to."""
    for side, beside in steps:
        other = bytes.fromhex(beside)
        hashed = node(other, hashed) if side == "left" else node(hashed, other)
    return hashed
