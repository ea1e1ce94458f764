"""One bench for each test and implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .implementations import IMPLEMENTATIONS, MakePlane
from .loopback import Bench


@pytest.fixture(params=list(IMPLEMENTATIONS))
def make_plane(request: pytest.FixtureRequest) -> MakePlane:
    return IMPLEMENTATIONS[request.param]


@pytest_asyncio.fixture
async def bench(make_plane: MakePlane) -> AsyncIterator[Bench]:
    made = Bench(make_plane)
    yield made
    made.close()
