"""Connections of SQLite that end, however often their end was interrupted."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any, Final

import aiosqlite

CHUNK: Final = 64
"""Rows that are fetched at a time where none is said: aiosqlite's own number."""


class Connection(aiosqlite.Connection):
    """aiosqlite's thread takes one word to stop and answers one. Who closes a connection that was
    told to stop before would wait for a second answer for ever, and an event loop that ends would
    wait for him. SQLAlchemy does that to the connection of a task that is cancelled."""

    _told = False
    _answer: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        """May be called again; the answer is the same."""
        if not self._told:
            self._told = True
            self._answer = super().stop()
        return self._answer


def connect(database: str | Path, **options: Any) -> Connection:
    """As `aiosqlite.connect`; `options` are those of `sqlite3.connect`."""
    made = Connection(lambda: sqlite3.connect(database, **options), CHUNK)
    # A program that ends does not wait for it (aiosqlite is pinned for this).
    made._thread.daemon = True
    return made
