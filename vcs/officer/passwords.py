"""Passwords: Argon2id (RFC 9106), in threads, few at a time, so that the event loop never waits."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Final, Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARS: Final = 8
MAX_CHARS: Final = 256
AT_ONCE: Final = 2  # each takes 64 MiB and about 0.1 s of a core
MAX_WAITING: Final = 20


class BadPassword(ValueError):
    """Not fit to be a password. The text is fit to be shown."""


class Overloaded(Exception):
    """More sign-ins are waiting than will be served in time."""


def check_password(password: str) -> str:
    """The password, when it may be one. Raises `BadPassword`."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise BadPassword(f"a password has {MIN_CHARS} to {MAX_CHARS} characters")
    return password


class Passwords:
    """Hashes and verifies. Make it with `await Passwords.open()`."""

    def __init__(self, hasher: PasswordHasher, decoy: str) -> None:
        self._hasher = hasher
        self._decoy = decoy
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @classmethod
    async def open(cls, hasher: PasswordHasher | None = None) -> Self:
        """Prepares the hash that unknown names are verified against."""
        hasher = hasher or PasswordHasher()
        return cls(hasher, await asyncio.to_thread(hasher.hash, secrets.token_hex(16)))

    async def hash(self, password: str) -> str:
        """Raises `BadPassword`, `Overloaded`."""
        check_password(password)
        async with self._place():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether it is the password. Without a stored hash: no, after the same work.

        Raises `Overloaded`.
        """
        async with self._place():
            right = await asyncio.to_thread(self._verify, password, stored or self._decoy)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= MAX_WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
