"""Tells the core system of decisions: at least once, the same id and bytes at each try, however
often it is down.

Standard Webhooks 1.0 (https://www.standardwebhooks.com): the headers `webhook-id`,
`webhook-timestamp` and `webhook-signature`, the last an HMAC-SHA256 over id, time and body.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
from datetime import timedelta
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy.exc import SQLAlchemyError

from vcs.clock import WallClock, utc_now
from vcs.logs import rate_limited
from vcs.store import Store
from vcs.store.outbox import DueMessage

LOOK_S: Final = 1.0
FIRST_RETRY_S: Final = 2.0
LONGEST_RETRY_S: Final = 600.0
ANSWER_WITHIN_S: Final = 15.0
AT_ONCE: Final = 20

_log = rate_limited("vcs.visits.webhook_sender", every_s=60.0)


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The header's value: version and base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def retry_after_s(attempts: int, spread: float) -> float:
    """Seconds until the next try when `attempts` have failed; `spread` 0 to 1 keeps many servers
    from knocking at once."""
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempts, 20)) * (0.5 + 0.5 * spread)


class WebhookSender:
    """Sends what lies in the outbox. `start` and `stop` it with the server."""

    def __init__(self, store: Store, url: str, key: bytes, now: WallClock = utc_now) -> None:
        self._store = store
        self._url = url
        self._key = key
        self._now = now
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What was not sent stays in the outbox."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        timeout = ClientTimeout(total=ANSWER_WITHIN_S)
        async with ClientSession(timeout=timeout) as http:
            while True:
                try:
                    due = await self._store.outbox.due(self._now(), AT_ONCE)
                    await asyncio.gather(*(self._send(http, message) for message in due))
                except (SQLAlchemyError, OSError) as error:
                    _log.error("the outbox could not be read", reason=type(error).__name__)
                    due = []
                if len(due) < AT_ONCE:
                    await asyncio.sleep(LOOK_S)

    async def _send(self, http: ClientSession, message: DueMessage) -> None:
        error = await self._try(http, message)
        if error is None:
            await self._store.outbox.delivered(message.id, self._now())
            return
        _log.warning("the core system did not take a decision", reason=error)
        wait = timedelta(seconds=retry_after_s(message.attempts, random.random()))  # noqa: S311
        await self._store.outbox.failed(message.id, self._now() + wait, error)

    async def _try(self, http: ClientSession, message: DueMessage) -> str | None:
        """What went wrong; None: it was taken."""
        timestamp = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._key, message.id, timestamp, message.body),
        }
        try:
            async with http.post(
                self._url, data=message.body, headers=headers, allow_redirects=False
            ) as answer:
                return None if 200 <= answer.status < 300 else f"status {answer.status}"
        except (ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
