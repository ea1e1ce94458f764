"""One bench for each test; and examples have no deadline, for a busy machine is no fault."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import settings

from tests.conformance.loopback import Bench
from vcs.plane.python import PythonPlane

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(PythonPlane)
    yield made
    made.close()
