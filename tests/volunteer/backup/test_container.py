"""The sealed file itself: what is cut between two pieces, turned around, or longer than it was, does not open."""

from __future__ import annotations

import io
import random
import struct

import pytest

from volunteer.backup import container
from volunteer.backup.container import MAGIC, BadBackup, Writer, frames
from volunteer.signing import Keyring

KEYS = Keyring(["a-secret-of-the-tests-0123456789-abcdefghij"])


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, list[bytes]]:
    """A file of many pieces: its head, and the pieces."""
    monkeypatch.setattr(container, "PIECE", 20_000)
    file, dice = io.BytesIO(), random.Random(7)
    writer = Writer(file, KEYS)
    for _ in range(60):
        writer.put("D", dice.randbytes(5000))
    writer.close()
    whole = file.getvalue()
    (length,) = struct.unpack_from(">I", whole, len(MAGIC))
    at = len(MAGIC) + 4 + length
    head, found = whole[:at], []
    while at < len(whole):
        (length,) = struct.unpack_from(">I", whole, at)
        found.append(whole[at : at + 4 + length])
        at += 4 + length
    assert len(found) > 8
    return head, found


def _read(content: bytes) -> list[tuple[str, bytes]]:
    return list(frames(io.BytesIO(content), KEYS))


def test_what_went_in_comes_out(pieces: tuple[bytes, list[bytes]]) -> None:
    head, found = pieces
    dice = random.Random(7)
    assert _read(head + b"".join(found)) == [("D", dice.randbytes(5000)) for _ in range(60)]


def test_a_file_cut_between_two_pieces_does_not_open(pieces: tuple[bytes, list[bytes]]) -> None:
    head, found = pieces
    for kept in range(len(found)):
        with pytest.raises(BadBackup, match="cut off"):
            _read(head + b"".join(found[:kept]))


def test_pieces_in_another_order_or_once_more_do_not_open(pieces: tuple[bytes, list[bytes]]) -> None:
    head, found = pieces
    turned = [found[1], found[0], *found[2:]]
    for wrong in (turned, [*found, found[-1]], [found[0], *found], found[1:]):
        with pytest.raises(BadBackup):
            _read(head + b"".join(wrong))


def test_pieces_of_two_backups_do_not_mix(pieces: tuple[bytes, list[bytes]]) -> None:
    head, found = pieces
    other = io.BytesIO()
    writer = Writer(other, KEYS)
    writer.put("D", b"x" * 500)
    writer.close()
    start = other.getvalue()[: len(head)]
    with pytest.raises(BadBackup):
        _read(start + b"".join(found))
