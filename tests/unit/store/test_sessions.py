from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from tests.unit.conftest import Clocks
from vcs.store import Store
from vcs.store.records import Desk, Officer
from vcs.store.tables import SessionRow

FULL_DISK = {
    "sqlite": [
        "CREATE TRIGGER full_disk BEFORE UPDATE ON session "
        "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'disk full'; END$$",
        "CREATE TRIGGER full_disk BEFORE UPDATE ON session EXECUTE FUNCTION refuse()",
    ],
}


def _on(session: AsyncSession) -> str:
    return " ON session" if session.get_bind().dialect.name == "postgresql" else ""


@pytest.fixture
async def sari(store: Store, desk: Desk) -> Officer:
    return await store.officers.add(
        name="sari", display_name="Sari", password_hash="h", branch_id=desk.branch_id
    )


async def _rows(store: Store) -> list[SessionRow]:
    async with store._database.reading() as session:
        return list(await session.scalars(select(SessionRow)))


async def test_a_session_stands_until_it_expires_and_is_stored_as_a_hash(
    store: Store, sari: Officer, clocks: Clocks
) -> None:
    expires = clocks.now() + timedelta(hours=12)
    await store.sessions.add("the token", sari.id, clocks.now(), expires)
    assert "the token" not in {row.token_hash for row in await _rows(store)}
    assert await store.sessions.officer_for("the token", clocks.now()) == sari
    assert await store.sessions.officer_for("another", clocks.now()) is None
    assert await store.sessions.officer_for("the token", expires) is None
    await store.sessions.add("next", sari.id, expires, expires + timedelta(hours=12))
    assert len(await _rows(store)) == 1


async def test_use_is_noted_once_a_minute(store: Store, sari: Officer, clocks: Clocks) -> None:
    began = clocks.now()
    await store.sessions.add("token", sari.id, began, began + timedelta(hours=12))
    clocks.pass_by(seconds=59)
    await store.sessions.officer_for("token", clocks.now())
    assert (await _rows(store))[0].last_used == began
    clocks.pass_by(seconds=1)
    await store.sessions.officer_for("token", clocks.now())
    assert (await _rows(store))[0].last_used == clocks.now()


async def test_a_use_that_cannot_be_noted_signs_nobody_out(
    store: Store, sari: Officer, clocks: Clocks
) -> None:
    began = clocks.now()
    await store.sessions.add("token", sari.id, began, began + timedelta(hours=12))
    async with store._database.writing() as session:
        for statement in FULL_DISK[session.get_bind().dialect.name]:
            await session.execute(text(statement))
    clocks.pass_by(minutes=5)
    with capture_logs() as lines:
        assert await store.sessions.officer_for("token", clocks.now()) == sari
    assert [line["log_level"] for line in lines] == ["error"]
    assert "token" not in lines[0].values()
    assert (await _rows(store))[0].last_used == began
    async with store._database.writing() as session:
        await session.execute(text("DROP TRIGGER full_disk" + _on(session)))
    await store.sessions.officer_for("token", clocks.now())
    assert (await _rows(store))[0].last_used == clocks.now()


async def test_signing_out_ends_that_session_alone(
    store: Store, sari: Officer, clocks: Clocks
) -> None:
    later = clocks.now() + timedelta(hours=12)
    for token in ("office", "home"):
        await store.sessions.add(token, sari.id, clocks.now(), later)
    await store.sessions.end("office")
    await store.sessions.end("unknown")
    assert await store.sessions.officer_for("office", clocks.now()) is None
    assert await store.sessions.officer_for("home", clocks.now()) == sari


async def test_foreign_keys_hold_and_a_time_without_zone_is_refused(
    store: Store, sari: Officer, clocks: Clocks
) -> None:
    with pytest.raises(IntegrityError):
        await store.sessions.add("t", sari.id + 1, clocks.now(), clocks.now())
    with pytest.raises(StatementError, match="without a zone"):
        await store.sessions.add("t", sari.id, datetime(2026, 1, 1), clocks.now())
