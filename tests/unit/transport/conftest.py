from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .loopback import Inbox, LoopbackServer


@pytest.fixture
async def server() -> AsyncIterator[LoopbackServer]:
    server = LoopbackServer()
    yield server
    server.close()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()
