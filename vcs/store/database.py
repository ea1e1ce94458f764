"""The connections to the database, SQLite or PostgreSQL, and what makes each safe for a server."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import await_only

from vcs.store.migrate import is_current, migrate
from vcs.store.records import StoreUnavailable
from vcs.store.sqlite_connection import connect

BUSY_TIMEOUT_MS: Final = 5_000
MIGRATION_TIMEOUT_MS: Final = 120_000
"""Who starts while another program brings the tables up waits for it."""
BUSY_LOOK_S: Final = 0.01
CONNECTIONS: Final = 4
CONNECT_TIMEOUT_S: Final = 10
_WRITES: Final = "vcs_writes"

SQLITE_HEADER: Final = b"SQLite format 3\x00"


class Database:
    """Sessions for reading and for writing.

    On SQLite a writing one takes the write lock at its start: one that began by reading and wrote
    later would fail at once, whatever the busy timeout, when somebody else had written in between.
    Those of one process queue for it here: SQLite lets whoever looks at the right moment go first,
    and on a busy machine the others' timeouts run out. The timeout is for other processes.
    On PostgreSQL it sees at each statement what others have committed, so that a row that was
    waited for is the newest; who counts on a row's value locks it (`with_for_update`).
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        if engine.dialect.name == "postgresql":
            self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._writing_engine = engine.execution_options(**{_WRITES: True})
        sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if sqlite else nullcontext()

    @classmethod
    async def open(cls, url: str) -> Database:
        """Connect and bring the tables up to date. Raises `StoreUnavailable`."""
        try:
            address = make_url(url)
        except ArgumentError as error:
            raise StoreUnavailable("the database's address cannot be read") from error
        shown = address.render_as_string(hide_password=True)
        failures: tuple[type[Exception], ...] = (DBAPIError, OSError)
        if address.get_backend_name() == "postgresql":
            import asyncpg  # takes its time, and most servers need none of it

            failures = (*failures, asyncpg.PostgresError, asyncpg.InterfaceError)
            connect = _postgresql
        else:
            _make_file(address)
            connect = _sqlite
        engine = connect(address, BUSY_TIMEOUT_MS)
        try:
            async with engine.connect() as connection:
                current = await connection.run_sync(is_current, shown)
            if not current:
                await _bring_up_to_date(connect(address, MIGRATION_TIMEOUT_MS), shown)
        except failures as error:
            await engine.dispose()
            reason = getattr(error, "orig", None) or error
            raise StoreUnavailable(f"cannot use the database {shown}: {reason}") from error
        except StoreUnavailable:
            await engine.dispose()
            raise
        return cls(engine)

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
        async with self._turn, session, session.begin():
            yield session


async def _bring_up_to_date(engine: AsyncEngine, shown: str) -> None:
    """In a connection of its own, which is closed."""
    try:
        async with engine.execution_options(**{_WRITES: True}).begin() as connection:
            await connection.run_sync(migrate, shown)
    finally:
        await engine.dispose()


# --- PostgreSQL -----------------------------------------------------------------------------------


def _postgresql(address: URL, busy_timeout_ms: int) -> AsyncEngine:
    return create_async_engine(
        address,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=10,
        # A database that was restarted is met with a new connection and not with an error.
        pool_pre_ping=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "server_settings": {
                "application_name": "vcs",
                "lock_timeout": str(busy_timeout_ms),
                # What has been acknowledged survives a power cut, whatever the server's default.
                "synchronous_commit": "on",
            },
        },
    )


# --- SQLite ---------------------------------------------------------------------------------------


def _sqlite(address: URL, busy_timeout_ms: int) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=10,
        connect_args={"async_creator_fn": connect},
    )

    def prepare(connection: Any, _record: object) -> None:
        _prepare_connection(connection, busy_timeout_ms)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _make_file(address: URL) -> None:
    """Make the file for its owner alone; SQLite would make it readable by all, and its further
    files take after this one. Raises `StoreUnavailable` for what cannot be a database: said here,
    because the driver leaves a thread behind when it finds out by itself."""
    path = address.database
    if not path or path == ":memory:":
        return
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            beginning = file.read(len(SQLITE_HEADER))
    except OSError as error:
        raise StoreUnavailable(f"unable to open the database {path}: {error.strerror}") from error
    if beginning and beginning != SQLITE_HEADER:
        raise StoreUnavailable(f"{path} is not a database")


def _prepare_connection(connection: Any, busy_timeout_ms: int) -> None:
    # The driver must not begin transactions by itself: `_begin` does, with the right kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        _write_ahead(cursor, busy_timeout_ms)
        # What has been acknowledged survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _write_ahead(cursor: Any, busy_timeout_ms: int) -> None:
    """Two programs that turn a file's journal at once block each other, and SQLite then gives up
    without its busy timeout: https://www.sqlite.org/c3ref/busy_handler.html."""
    deadline = time.monotonic() + busy_timeout_ms / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            await_only(asyncio.sleep(BUSY_LOOK_S))
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
