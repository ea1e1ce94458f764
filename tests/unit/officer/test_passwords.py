from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from vcs.officer.passwords import AT_ONCE, MAX_WAITING, BadPassword, Overloaded, Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_the_password_alone_verifies() -> None:
    passwords = await Passwords.open(CHEAP)
    stored = await passwords.hash("benar sekali")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify("benar sekali", stored)
    assert not await passwords.verify("benar sekal", stored)
    assert not await passwords.verify("benar sekali", None)
    assert not await passwords.verify("benar sekali", "not a hash")


async def test_weak_ones_are_refused_and_old_parameters_noticed() -> None:
    passwords = await Passwords.open(CHEAP)
    for bad in ("seven77", "x" * 257):
        with pytest.raises(BadPassword, match="8 to 256"):
            await passwords.hash(bad)
    assert not passwords.outdated(await passwords.hash("12345678"))
    assert passwords.outdated(PasswordHasher(2, 16, 1).hash("12345678"))


class Gate:
    """A hasher that counts who is inside and lets nobody out until told."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.arrived = threading.Semaphore(0)
        self.inside = 0
        self.most = 0
        self.lock = threading.Lock()

    def hash(self, _password: str) -> str:
        return "decoy"

    def verify(self, _stored: str, _password: str) -> bool:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.arrived.release()
        assert self.opened.wait(20)
        with self.lock:
            self.inside -= 1
        return True


async def test_few_are_hashed_at_once_and_a_crowd_is_turned_away() -> None:
    gate: Any = Gate()
    passwords = await Passwords.open(gate)
    asked = [
        asyncio.create_task(passwords.verify("p", "stored")) for _ in range(AT_ONCE + MAX_WAITING)
    ]
    try:
        for _ in range(AT_ONCE):
            assert await asyncio.to_thread(gate.arrived.acquire, timeout=20)
        with pytest.raises(Overloaded):
            await passwords.verify("p", "stored")
        asked[-1].cancel()  # somebody who waits goes away: the place is free again
        await asyncio.gather(asked[-1], return_exceptions=True)
        asked[-1] = asyncio.create_task(passwords.verify("p", "stored"))
    finally:
        gate.opened.set()
    assert await asyncio.gather(*asked) == [True] * len(asked)
    assert gate.most == AT_ONCE
