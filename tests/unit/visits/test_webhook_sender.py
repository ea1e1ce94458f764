"""Decisions reach a receiver that is down, that fails, and that fails after accepting."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.visits.claims import begun
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.visit_records import NewVisit, OutboxMessage
from vcs.visits import changes as c
from vcs.visits import webhook_sender
from vcs.visits.webhook_sender import (
    LONGEST_RETRY_S,
    WebhookSender,
    retry_after_s,
    signature,
)

KEY = bytes(range(32))


class Receiver:
    """Takes webhooks on a port of its own; `answers` says with which status, one after another."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, str, str]] = []
        self.answers: list[int] = []
        self.runner: web.AppRunner | None = None
        self.port = 0

    async def open(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self.runner.addresses[0][1]

    async def close(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        head = request.headers
        body = await request.read()
        self.got.append(
            (head["webhook-id"], body, head["webhook-timestamp"], head["webhook-signature"])
        )
        return web.Response(status=self.answers.pop(0) if self.answers else 204)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.open()
    yield made
    await made.close()


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 (what holds is the store's or a server's)
            await asyncio.sleep(0.02)


@pytest.fixture
async def decided(store: Store, desk: Desk, place: BoothPlace) -> list[str]:
    """Two messages in the outbox."""
    at = datetime.now(UTC)
    first = begun()
    change = c.Begun(first.flow, 1, first.flow_digest, None, place.id, desk.id, "id")
    await store.visits.begin(NewVisit(7, desk.branch_id, place.id, 1), change, "visitor", None, at)
    ids = ["msg_1", "msg_2"]
    await store.visits.record(
        7,
        [c.Noted("x")],
        expected=1,
        actor="server",
        officer_id=None,
        at=at,
        outbox=[OutboxMessage(each, f'{{"n":"{each}"}}'.encode()) for each in ids],
    )
    return ids


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sender, "LOOK_S", 0.02)
    monkeypatch.setattr(webhook_sender, "FIRST_RETRY_S", 0.02)


async def test_all_arrive_signed(store: Store, receiver: Receiver, decided: list[str]) -> None:
    sender = WebhookSender(store, f"http://127.0.0.1:{receiver.port}/hook", KEY)
    sender.start()
    await until(lambda: len(receiver.got) == 2)
    await sender.stop()
    assert sorted(each[0] for each in receiver.got) == decided
    for identifier, body, timestamp, signed in receiver.got:
        wanted = hmac.new(KEY, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)
        assert signed == "v1," + base64.b64encode(wanted.digest()).decode()


async def test_one_that_fails_gets_the_same_again(
    store: Store, receiver: Receiver, decided: list[str]
) -> None:
    receiver.answers = [500, 503, 302, 200, 200]
    sender = WebhookSender(store, f"http://127.0.0.1:{receiver.port}/hook", KEY)
    sender.start()
    await until(lambda: len(receiver.got) == 5)
    await sender.stop()
    bodies = {
        identifier: {b for i, b, *_ in receiver.got if i == identifier} for identifier in decided
    }
    assert all(len(each) == 1 for each in bodies.values())
    assert await store.outbox.next_due() is None


async def test_one_that_is_down_gets_it_later(
    store: Store, receiver: Receiver, decided: list[str]
) -> None:
    await receiver.close()
    sender = WebhookSender(store, f"http://127.0.0.1:{receiver.port}/hook", KEY)
    sender.start()
    await asyncio.sleep(0.2)
    assert receiver.got == []
    await receiver.open()
    await until(lambda: {each[0] for each in receiver.got} == set(decided))
    await sender.stop()


def test_a_known_signature() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == wanted


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_retries_grow_and_end_nowhere(attempts: int, spread: float) -> None:
    assert 0 < retry_after_s(attempts, spread) <= LONGEST_RETRY_S
    assert retry_after_s(attempts, spread) <= retry_after_s(attempts + 1, spread)
