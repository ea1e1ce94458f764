"""Officers' accounts: signing in by name and password, and the sessions that this gives."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vcs.clock import WallClock, utc_now
from vcs.messages import Language
from vcs.officer.passwords import MAX_CHARS, Overloaded, Passwords
from vcs.store import Store
from vcs.store.records import Officer, Role
from vcs.tokens import new_token
from vcs.tries import TryLimit, address_key

SESSION_LIFE: Final = timedelta(hours=12)
WRONG_PER_MINUTE: Final = 5
"""By one address."""
WRONG_PER_MINUTE_AND_NAME: Final = 60
"""By all addresses together: far more than one guesser has, so that nobody who only knows an
officer's name can lock the officer out with a few tries, and few enough to make guessing hopeless.
"""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class WrongCredentials(Exception):
    """Name unknown, password wrong or account disabled: which of them is nobody's business."""


class BadName(ValueError):
    """Not fit to be a user's name. The text is fit to be shown."""


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """A new session; `token` goes into the cookie."""

    token: str
    officer: Officer
    expires_at: datetime


def read_name(typed: str) -> str:
    """The name as it is stored: lower case. Raises `BadName`."""
    name = unicodedata.normalize("NFKC", typed).strip().casefold()
    if _NAME.fullmatch(name) is None:
        raise BadName("a user's name has 2 to 64 of: letters a-z, digits, '.', '_', '-', '@'")
    return name


class Accounts:
    """Who may sign in, and who is signed in."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        now: WallClock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._now = now
        self._by_name = TryLimit(WRONG_PER_MINUTE_AND_NAME, monotonic=monotonic)
        self._by_address = TryLimit(WRONG_PER_MINUTE, monotonic=monotonic)

    async def add(
        self,
        name: str,
        password: str,
        branch_id: int,
        *,
        display_name: str | None = None,
        role: Role = "officer",
        language: Language = "id",
    ) -> Officer:
        """Raises `BadName`, `BadPassword`, `AlreadyThere`."""
        stored_name = read_name(name)
        return await self._store.officers.add(
            name=stored_name,
            display_name=(display_name or name).strip(),
            password_hash=await self._passwords.hash(password),
            branch_id=branch_id,
            role=role,
            language=language,
        )

    async def set_password(self, name: str, password: str) -> None:
        """Ends the officer's sessions. Raises `BadName`, `BadPassword`, `NotThere`."""
        stored_name = read_name(name)
        hashed = await self._passwords.hash(password)
        await self._store.officers.set_password_hash(stored_name, hashed)

    async def sign_in(self, typed_name: str, password: str, address: str | None) -> SignedIn:
        """Begin a session. Unknown names cost the same time as known ones.

        Raises `WrongCredentials`, `TooManyTries` (by name or by address), `Overloaded`.
        """
        try:
            name = read_name(typed_name)
        except BadName:
            name = ""
        async with (
            self._by_address.trying(address_key(address)) as forgive_address,
            self._by_name.trying(name) as forgive_name,
        ):
            found = await self._store.officers.with_password_hash(name)
            stored = None if found is None else found[1]
            # A longer text than any password is refused after the same work, on a shorter one.
            try:
                right = await self._passwords.verify(password[:MAX_CHARS], stored)
            except Overloaded:
                forgive_address()
                forgive_name()
                raise
            if found is None or stored is None or not right or len(password) > MAX_CHARS:
                raise WrongCredentials
            officer = found[0]
            if officer.disabled:
                raise WrongCredentials
            forgive_address()
            forgive_name()
        if self._passwords.outdated(stored):
            await self._store.officers.set_password_hash(
                officer.name, await self._passwords.hash(password), end_sessions=False
            )
        now = self._now()
        session = SignedIn(new_token(), officer, now + SESSION_LIFE)
        await self._store.sessions.add(session.token, officer.id, now, session.expires_at)
        return session

    async def officer_for(self, token: str) -> Officer | None:
        """Who this session's token stands for, while it stands."""
        return await self._store.sessions.officer_for(token, self._now())

    async def account_for(self, token: str) -> Officer | None:
        """The same for guards too, who are no officers."""
        return await self._store.sessions.account_for(token, self._now())

    async def sign_out(self, token: str) -> None:
        """End the session."""
        await self._store.sessions.end(token)
