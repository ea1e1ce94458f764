"""A real database with one branch in it, and clocks that the test turns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest

from vcs.store import Store
from vcs.store.records import BoothPlace, Desk

# A busy machine makes single examples slow, which says nothing about the code.
hypothesis.settings.register_profile("unit", deadline=None)
hypothesis.settings.load_profile("unit")


@dataclass
class Clocks:
    """A wall clock and a monotonic one, which run together unless the wall clock is `set`."""

    wall: datetime = field(default_factory=lambda: datetime(2026, 11, 2, 8, 0, tzinfo=UTC))
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, **duration: float) -> None:
        step = timedelta(**duration)
        self.wall += step
        self.seconds += step.total_seconds()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'vcs.db'}"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(store: Store) -> Desk:
    branch = await store.branches.add("Cilandak")
    return (await store.branches.desks(branch.id))[0]


@pytest.fixture
async def place(store: Store, desk: Desk) -> BoothPlace:
    return await store.booths.add(desk.id, 3)
