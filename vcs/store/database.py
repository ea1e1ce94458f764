"""The connections to the database, and what makes SQLite safe and quick enough for a server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from vcs.store.records import StoreUnavailable
from vcs.store.tables import Table

BUSY_TIMEOUT_MS: Final = 5_000
CONNECTIONS: Final = 4
_WRITES: Final = "vcs_writes"

SQLITE_HEADER: Final = b"SQLite format 3\x00"


class Database:
    """Sessions for reading and for writing.

    A writing one takes SQLite's write lock at its start: one that began by reading and wrote later
    would fail at once, whatever the busy timeout, when somebody else had written in between.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing_engine = engine.execution_options(**{_WRITES: True})

    @classmethod
    async def open(cls, url: str) -> Database:
        """Connect and make the tables that are missing. Raises `StoreUnavailable`."""
        _make_file(url)
        engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=10)
        event.listen(engine.sync_engine, "connect", _prepare_connection)
        event.listen(engine.sync_engine, "begin", _begin)
        database = cls(engine)
        try:
            async with database._writing_engine.begin() as connection:
                await connection.run_sync(Table.metadata.create_all)
        except DBAPIError as error:
            await engine.dispose()
            raise StoreUnavailable(f"cannot use the database {url}: {error.orig}") from error
        return database

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; nothing is written."""
        async with AsyncSession(self._engine) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction, on the disk when the block has ended; undone when it raises."""
        session = AsyncSession(self._writing_engine, expire_on_commit=False)
        async with session, session.begin():
            yield session


def _make_file(url: str) -> None:
    """Make the file for its owner alone; SQLite would make it readable by all, and its further
    files take after this one. Raises `StoreUnavailable` for what cannot be a database: said here,
    because the driver leaves a thread behind when it finds out by itself."""
    path = make_url(url).database
    if not path or path == ":memory:":
        return
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            beginning = file.read(len(SQLITE_HEADER))
    except OSError as error:
        raise StoreUnavailable(f"unable to open the database {path}: {error.strerror}") from error
    if beginning and beginning != SQLITE_HEADER:
        raise StoreUnavailable(f"{path} is not a database")


def _prepare_connection(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin` does, with the right kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # What has been acknowledged survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
