"""The whole web application on a real port, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from argon2 import PasswordHasher

from tests.unit.conftest import Clocks
from vcs.booth.enrolment import Enrolment
from vcs.config import Settings
from vcs.http.app_keys import Stats
from vcs.http.server import make_app
from vcs.officer.accounts import Accounts
from vcs.officer.passwords import Passwords
from vcs.store import Store
from vcs.store.records import Desk

PASSWORD = "kata sandi sari"


@dataclass
class Site:
    """A running site, and a browser of sorts that looks at it."""

    url: str
    browser: ClientSession
    enrolment: Enrolment
    accounts: Accounts

    async def get(self, path: str, **more: Any) -> ClientResponse:
        return await self.browser.get(self.url + path, allow_redirects=False, **more)

    async def post(
        self, path: str, body: object = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> ClientResponse:
        """As our own pages do it, unless the headers say otherwise."""
        sent = {"Origin": self.url, **(headers or {})}
        if body is not None:
            more["json"] = body
        return await self.browser.post(self.url + path, headers=sent, **more)

    async def sign_in(self, name: str = "sari", password: str = PASSWORD) -> ClientResponse:
        return await self.post("/api/sign-in", {"name": name, "password": password})


Serve = Callable[..., Awaitable[Site]]


@pytest.fixture
async def serve(store: Store, desk: Desk, clocks: Clocks, tmp_path: Path) -> AsyncIterator[Serve]:
    async with AsyncExitStack() as running:

        async def start(
            numbers: Callable[[], Mapping[str, float]] = dict,
            stats: Stats = list,
            extend: Callable[[web.Application], object] = lambda _app: None,
            **changes: Any,
        ) -> Site:
            settings = Settings(data_dir=tmp_path, **changes)
            hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            accounts = Accounts(store, await Passwords.open(hasher), clocks.now, clocks.monotonic)
            enrolment = Enrolment(store, b"k" * 32, clocks.now, clocks.monotonic)
            app = make_app(settings, store, enrolment, accounts, numbers, stats)
            extend(app)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            running.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            browser = await running.enter_async_context(
                ClientSession(cookie_jar=CookieJar(unsafe=True))
            )
            return Site(url, browser, enrolment, accounts)

        yield start


@pytest.fixture
async def site(serve: Serve, desk: Desk) -> Site:
    started = await serve()
    await started.accounts.add("sari", PASSWORD, desk.branch_id, display_name="Sari Dewi")
    return started
