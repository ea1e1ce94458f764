"""Sessions of signed-in officers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from vcs.store.database import Database
from vcs.store.officers import officer_record
from vcs.store.records import Officer
from vcs.store.tables import OfficerRow, SessionRow
from vcs.tokens import token_hash

log = structlog.get_logger(__name__)

USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""Consoles are checked every few seconds; the disk need not hear of each time."""


class Sessions:
    """Tokens come in as the client has them and are kept as hashes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: str, officer_id: int, now: datetime, expires_at: datetime) -> None:
        """Begin a session, and clear away those that have expired."""
        async with self._database.writing() as session:
            await session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            session.add(
                SessionRow(
                    token_hash=token_hash(token),
                    officer_id=officer_id,
                    created_at=now,
                    expires_at=expires_at,
                    last_used=now,
                )
            )

    async def officer_for(self, token: str, now: datetime) -> Officer | None:
        """`account_for`, of those who may see visitors: no guard."""
        account = await self.account_for(token, now)
        return None if account is None or account.role == "guard" else account

    async def account_for(self, token: str, now: datetime) -> Officer | None:
        """Whose session this is, while it stands; None for who is disabled."""
        return (await self.accounts_for([token], now)).get(token)

    async def accounts_for(self, tokens: Collection[str], now: datetime) -> dict[str, Officer]:
        """`account_for`, of many at once; a token that is nobody's is left out."""
        by_hash = {token_hash(token): token for token in tokens}
        officers: dict[str, Officer] = {}
        unnoted: list[str] = []
        async with self._database.reading() as session:
            found = await session.execute(
                select(OfficerRow, SessionRow.token_hash, SessionRow.last_used)
                .join(SessionRow, SessionRow.officer_id == OfficerRow.id)
                .where(
                    SessionRow.token_hash.in_(list(by_hash)),
                    SessionRow.expires_at > now,
                    OfficerRow.disabled.is_(False),
                )
            )
            for row, its_hash, last_used in found:
                officers[by_hash[its_hash]] = officer_record(row)
                if now - last_used >= USE_NOTED_EVERY:
                    unnoted.append(its_hash)
        if unnoted:
            await self._note_use(unnoted, now)
        return officers

    async def _note_use(self, hashes: Sequence[str], now: datetime) -> None:
        try:
            async with self._database.writing() as session:
                await session.execute(
                    update(SessionRow)
                    .where(SessionRow.token_hash.in_(hashes))
                    .values(last_used=now)
                )
        except SQLAlchemyError as error:
            # A full disk must not sign officers out: the figure is nobody's right.
            log.error("a session's use could not be noted", reason=type(error).__name__)

    async def end(self, token: str) -> None:
        """Sign out. A token that is not known changes nothing."""
        async with self._database.writing() as session:
            await session.execute(
                delete(SessionRow).where(SessionRow.token_hash == token_hash(token))
            )
