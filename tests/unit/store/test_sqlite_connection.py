"""A connection whose end was interrupted ends all the same, and with it whoever waits for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from vcs.store.sqlite_connection import connect


async def test_who_closes_what_was_told_to_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    connection = await connect(tmp_path / "a.db")
    connection.stop()
    async with asyncio.timeout(10):
        with pytest.raises(ValueError, match="closed"):
            await connection.close()
    assert not connection._thread.is_alive()


async def test_a_close_that_is_cancelled_and_stopped_meanwhile_ends(tmp_path: Path) -> None:
    connection = await connect(tmp_path / "a.db")
    closing = asyncio.ensure_future(connection.close())
    await asyncio.sleep(0)
    connection.stop()
    closing.cancel()
    done, _ = await asyncio.wait([closing], timeout=10)
    assert done == {closing}


async def test_it_is_a_connection_like_any_other(tmp_path: Path) -> None:
    connection = await connect(tmp_path / "a.db")
    await connection.execute("create table a (b)")
    await connection.execute("insert into a values (1)")
    await connection.commit()
    found = await connection.execute("select b from a")
    assert await found.fetchall() == [(1,)]
    await connection.close()
    await connection.close()
    assert (tmp_path / "a.db").exists()
