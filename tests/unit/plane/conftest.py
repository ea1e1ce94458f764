"""One bench for each test; and examples have no deadline, for a busy machine is no fault."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import settings

from .loopback import Bench

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    made.close()
