"""The hashes of the audit, as a pure law.

A change's digest is keyed by its visit's salt: a bare hash of a NIK could be found by trying all of
them, and with the salt gone a digest says nothing. A row's hash covers the hash before it, so that
none can be changed, taken out or moved without all later ones.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

SALT_OCTETS: Final = 32
NOTHING: Final = bytes(32)
"""What the first row of a chain has before it."""

LOOKED: Final = "looked"
"""Kind of the row that tells of an officer's look at the case file."""

_json: Final = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Link:
    """A row of a visit's audit without its hashes."""

    visit_id: int
    number: int
    at: datetime
    actor: str
    officer_id: int | None
    kind: str
    change: int | None = None
    digest: bytes | None = None


def body_digest(salt: bytes, body: bytes) -> bytes:
    """Of a change's bytes as they are kept (HMAC-SHA-256)."""
    return hmac.digest(salt, body, "sha256")


def link_hash(previous: bytes, link: Link) -> bytes:
    """SHA-256 over the previous row's hash and the row as JSON: keys sorted, no spaces."""
    row = {
        "visit_id": link.visit_id,
        "number": link.number,
        "at": _moment(link.at),
        "actor": link.actor,
        "officer_id": link.officer_id,
        "kind": link.kind,
        "change": link.change,
        "digest": None if link.digest is None else link.digest.hex(),
    }
    return hashlib.sha256(previous + _json.encode(row)).digest()


class HeadHash:
    """Hash of a head, over the head before it and the ends of chains in order of visits."""

    def __init__(self, previous: bytes, number: int, at: datetime) -> None:
        self._hash = hashlib.sha256(previous + _json.encode({"number": number, "at": _moment(at)}))

    def add(self, entries: Iterable[tuple[int, int, bytes]]) -> None:
        """Visit, number and hash of its last row."""
        for visit_id, number, end in entries:
            self._hash.update(_json.encode([visit_id, number, end.hex()]))

    def digest(self) -> bytes:
        """After the last entry."""
        return self._hash.digest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
