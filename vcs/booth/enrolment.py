"""Enrolling a booth: a pairing code, made by an administrator, becomes a device's token, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vcs.booth.pairing_code import code_hash, new_code, read_code
from vcs.clock import WallClock, utc_now
from vcs.store import Store
from vcs.store.records import BoothPlace, NotThere
from vcs.tokens import new_token
from vcs.tries import TryLimit, address_key

CODE_LIFE: Final = timedelta(minutes=10)
WRONG_CODES_PER_MINUTE: Final = 5
WRONG_CODES_PER_MINUTE_IN_ALL: Final = 60
"""With 40 bits and a handful of codes alive, a guesser from everywhere needs thousands of years."""


class WrongCode(Exception):
    """Unknown, used or too old: which of them is nobody's business."""


@dataclass(frozen=True, slots=True, repr=False)
class PairingOffer:
    """A code to be typed at the booth, and until when."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Enrolled:
    """What a device is told: its token, and which booth it is now."""

    token: str
    branch: str
    booth: int
    name: str


class Enrolment:
    """Codes out, tokens in exchange.

    `on_token_changed` are called with a booth's id when its token has changed in this process, so
    that the connection of the old device ends at once.
    """

    def __init__(
        self,
        store: Store,
        key: bytes,
        now: WallClock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on_token_changed: list[Callable[[int], None]] = []
        self._store = store
        self._key = key
        self._now = now
        self._tries = TryLimit(WRONG_CODES_PER_MINUTE, WRONG_CODES_PER_MINUTE_IN_ALL, monotonic)

    async def pair(self, booth_id: int) -> PairingOffer:
        """A new code for this booth; an older one works no more. The booth's present token stays
        good until the code is used. Raises `NotThere`."""
        if await self._store.booths.get(booth_id) is None:
            raise NotThere(f"there is no booth {booth_id}")
        now = self._now()
        offer = PairingOffer(new_code(), now + CODE_LIFE)
        hashed = code_hash(read_code(offer.code) or "", self._key)
        await self._store.pairing_codes.offer(booth_id, hashed, offer.expires_at, now)
        return offer

    async def enrol(self, typed: str, address: str | None) -> Enrolled:
        """Use the code up. The booth's former device loses its token.

        Raises `WrongCode`, and `TooManyTries` after too many wrong ones from this address.
        """
        async with self._tries.trying(address_key(address)) as forgive:
            code = read_code(typed)
            if code is None:
                raise WrongCode
            token = new_token()
            booth_id = await self._store.pairing_codes.spend(
                code_hash(code, self._key), token, self._now()
            )
            if booth_id is None:
                raise WrongCode
            forgive()
        self._tell(booth_id)
        place = await self._store.booths.get(booth_id)
        if place is None:
            raise WrongCode
        return Enrolled(token, place.branch, place.slot, place.name)

    async def booth_for(self, token: str) -> BoothPlace | None:
        """The booth that this device token stands for now."""
        return await self._store.booths.by_token(token)

    async def revoke(self, booth_id: int) -> None:
        """The booth's device, stolen or scrapped, gets in no more. Raises `NotThere`."""
        await self._store.booths.revoke(booth_id, self._now())
        self._tell(booth_id)

    def _tell(self, booth_id: int) -> None:
        for changed in self.on_token_changed:
            changed(booth_id)
