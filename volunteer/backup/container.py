"""The file a backup is: compressed, sealed piece by piece, readable with the key it was made with and no other.

A header in the clear says which secret it takes, never what is inside. Each piece carries its number and whether it
is the last, so a file that was cut, turned around or changed anywhere does not open.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volunteer import signing
from volunteer.signing import Keyring

MAGIC = b"LIYU-BACKUP-1\n"
PIECE = 1 << 20
PREFIX_BYTES = 7
SALT_BYTES = 16
HEADER_MAX = 4096


class BadBackup(Exception):
    """This file cannot be used; the sentence says why."""


class Writer:
    """Frames go in, each a letter and some bytes; nothing is readable on disk at any moment."""

    def __init__(self, file: IO[bytes], keyring: Keyring) -> None:
        salt, prefix = signing.token_bytes(SALT_BYTES), signing.token_bytes(PREFIX_BYTES)
        key = keyring.derive("backup", salt)
        told = {"kid": keyring.kid, "salt": salt.hex(), "prefix": prefix.hex(), "fits": _fits(key)}
        self._header = json.dumps(told).encode()
        self._file, self._cipher, self._prefix = file, AESGCM(key), prefix
        self._zip, self._waiting, self._number = zlib.compressobj(1), bytearray(), 0
        file.write(MAGIC + struct.pack(">I", len(self._header)) + self._header)

    def put(self, letter: str, content: bytes) -> None:
        """Add one frame."""
        self._waiting += self._zip.compress(letter.encode() + struct.pack(">I", len(content)) + content)
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def close(self) -> None:
        """Seal the last piece; without it the file does not open."""
        self._seal(bytes(self._waiting + self._zip.flush()), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._prefix, self._number, last), piece, self._header)
        self._number += 1
        self._file.write(struct.pack(">I", len(sealed)) + sealed)


def frames(file: IO[bytes], keyring: Keyring) -> Iterator[tuple[str, bytes]]:
    """Yield the frames of a file in order.

    :raises BadBackup: not a backup, another key, cut, or changed; possibly only after many good frames
    """
    unzip, waiting = zlib.decompressobj(), bytearray()
    for piece in _pieces(file, keyring):
        waiting += unzip.decompress(piece)
        while len(waiting) >= 5:
            (length,) = struct.unpack_from(">I", waiting, 1)
            if len(waiting) < 5 + length:
                break
            yield chr(waiting[0]), bytes(waiting[5 : 5 + length])
            del waiting[: 5 + length]


def _pieces(file: IO[bytes], keyring: Keyring) -> Iterator[bytes]:
    header, told, cipher = _open(file, keyring)
    prefix, number, length = bytes.fromhex(told["prefix"]), 0, file.read(4)
    while length:
        sealed = file.read(struct.unpack(">I", length)[0]) if len(length) == 4 else b""
        length = file.read(4)
        try:
            yield cipher.decrypt(_nonce(prefix, number, not length), sealed, header)
        except InvalidTag:
            raise BadBackup(f"the file is damaged or cut off (piece {number + 1})") from None
        number += 1
    if not number:
        raise BadBackup("the file is cut off: it has no content")


def _open(file: IO[bytes], keyring: Keyring) -> tuple[bytes, dict[str, Any], AESGCM]:
    start = file.read(len(MAGIC) + 4)
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 4:
        raise BadBackup("this is not a backup of Liyu")
    (length,) = struct.unpack(">I", start[len(MAGIC) :])
    header = file.read(length) if length <= HEADER_MAX else b""
    try:
        told = json.loads(header)
        salt, kid, fits = bytes.fromhex(told["salt"]), int(told["kid"]), str(told["fits"])
        bytes.fromhex(told["prefix"])
    except (ValueError, KeyError, TypeError):
        raise BadBackup("the file is damaged: its header cannot be read") from None
    for key in keyring.all("backup", salt, kid=kid):
        if signing.same(_fits(key), fits):
            return header, told, AESGCM(key)
    raise BadBackup(
        "this backup was made with another key: set BACKUP_KEY (or SECRET_KEY) to the one of then"
    )


def _fits(key: bytes) -> str:
    return signing.mac(key, "backup-key", b"").hex()


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)
