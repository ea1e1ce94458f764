"""One bench for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from .loopback import Bench


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    made.close()
