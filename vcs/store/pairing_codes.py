"""Pairing codes: kept as keyed hashes, one at a time for each booth, spent by their first use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, update

from vcs.store.database import Database
from vcs.store.tables import BoothRow, PairingCodeRow
from vcs.tokens import token_hash


class PairingCodes:
    """Hashing is the caller's: the key is no business of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(
        self, booth_id: int, code_hash: str, expires_at: datetime, now: datetime
    ) -> None:
        """From now on this is the booth's one code. Dead codes of others are cleared away too."""
        async with self._database.writing() as session:
            await session.execute(
                delete(PairingCodeRow).where(
                    or_(PairingCodeRow.booth_id == booth_id, PairingCodeRow.expires_at <= now)
                )
            )
            session.add(
                PairingCodeRow(code_hash=code_hash, booth_id=booth_id, expires_at=expires_at)
            )

    async def spend(self, code_hash: str, token: str, now: datetime) -> int | None:
        """Use the code up and give its booth this token, in one transaction.

        The booth's id, or None when the code is unknown, used or too old; then nothing changed.
        The look-up is by a keyed hash, so its time tells nothing about the code.
        """
        async with self._database.writing() as session:
            booth_id = await session.scalar(
                update(PairingCodeRow)
                .where(
                    PairingCodeRow.code_hash == code_hash,
                    PairingCodeRow.used_at.is_(None),
                    PairingCodeRow.expires_at > now,
                )
                .values(used_at=now)
                .returning(PairingCodeRow.booth_id)
            )
            if booth_id is not None:
                await session.execute(
                    update(BoothRow)
                    .where(BoothRow.id == booth_id)
                    .values(device_token_hash=token_hash(token), token_changed_at=now)
                )
            return booth_id
