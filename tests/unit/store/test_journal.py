from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.conftest import Clocks
from vcs.store import Store
from vcs.store.journal import MAX_PENDING, TalkJournal
from vcs.store.records import BoothPlace, TalkInterval

Intervals = Callable[[], Awaitable[list[TalkInterval]]]


@pytest.fixture
async def journal(store: Store, clocks: Clocks) -> AsyncIterator[TalkJournal]:
    opened = await TalkJournal.open(store, "v1", clocks.now, clocks.monotonic)
    yield opened
    await opened.close()


@pytest.fixture
def intervals(store: Store, place: BoothPlace) -> Intervals:
    async def read() -> list[TalkInterval]:
        return list(await store.talk.of_desk(place.desk_id))

    return read


def _open(journal: TalkJournal, place: BoothPlace) -> int:
    return journal.opened(
        desk_id=place.desk_id, booth_id=place.id, officer_id=0, occupant=77, kind="talk"
    )


async def _written(journal: TalkJournal) -> None:
    async with asyncio.timeout(30):
        while journal.pending:  # noqa: ASYNC110 (waits for a disk)
            await asyncio.sleep(0.005)


async def test_an_interval_is_on_the_disk_while_it_lasts_and_after(
    journal: TalkJournal, place: BoothPlace, clocks: Clocks, intervals: Intervals
) -> None:
    began = clocks.now()
    number = _open(journal, place)
    await _written(journal)
    (interval,) = await intervals()
    assert interval == TalkInterval(
        number, "v1", place.desk_id, place.id, None, 77, "talk", began, None, None
    )
    clocks.pass_by(seconds=42)
    journal.closed(number)
    journal.closed(number)
    journal.closed(number + 1)
    await _written(journal)
    (interval,) = await intervals()
    assert (interval.ended_at, interval.closed_by) == (began + timedelta(seconds=42), "desk")


async def test_a_wall_clock_that_is_set_back_shortens_nothing(
    journal: TalkJournal, place: BoothPlace, clocks: Clocks, intervals: Intervals
) -> None:
    number = _open(journal, place)
    clocks.pass_by(seconds=5)
    clocks.wall -= timedelta(hours=1)
    journal.closed(number)
    await _written(journal)
    (interval,) = await intervals()
    assert interval.ended_at is not None
    assert interval.ended_at - interval.started_at == timedelta(seconds=5)


async def test_stopping_closes_and_writes_what_is_open(
    store: Store, place: BoothPlace, intervals: Intervals
) -> None:
    journal = await TalkJournal.open(store, "v1")
    _open(journal, place)
    await journal.close()
    (interval,) = await intervals()
    assert interval.closed_by == "stop"
    assert interval.ended_at is not None


async def test_a_locked_disk_is_waited_for_and_never_felt_by_the_talk(
    journal: TalkJournal,
    store: Store,
    place: BoothPlace,
    intervals: Intervals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _written(journal)
    write, fails = store.talk.write, 3

    async def flaky(*arguments: object) -> None:
        nonlocal fails
        if fails:
            fails -= 1
            raise sqlite_error()
        await write(*arguments)  # type: ignore[arg-type]

    def sqlite_error() -> Exception:
        from sqlalchemy.exc import OperationalError

        return OperationalError("INSERT", {}, sqlite3.OperationalError("disk is full"))

    monkeypatch.setattr(store.talk, "write", flaky)
    number = _open(journal, place)
    journal.closed(number)
    await _written(journal)
    assert journal.counts.failed == 3
    assert journal.counts.lost == 0
    assert [interval.closed_by for interval in await intervals()] == ["desk"]


async def test_an_interval_of_an_unknown_booth_holds_up_no_other(
    journal: TalkJournal, place: BoothPlace, intervals: Intervals
) -> None:
    journal.opened(desk_id=place.desk_id, booth_id=999, officer_id=0, occupant=1, kind="announce")
    number = _open(journal, place)
    await _written(journal)
    assert [interval.id for interval in await intervals()] == [number]
    assert journal.counts.lost == 1


async def test_with_the_disk_gone_memory_is_bounded(store: Store, place: BoothPlace) -> None:
    journal = TalkJournal(store, "v1")  # nothing writes
    for _ in range(MAX_PENDING + 10):
        journal.closed(_open(journal, place))
    assert journal.pending == MAX_PENDING
    assert journal.counts.lost == 10


async def test_what_a_crash_left_open_ends_at_the_last_heartbeat(
    store: Store, place: BoothPlace, clocks: Clocks, intervals: Intervals
) -> None:
    began = clocks.now()
    for number, server, started in (
        (1, "v1", began),
        (2, "v1", began + timedelta(seconds=9)),
        (3, "v2", began),
    ):
        interval = TalkInterval(number, server, place.desk_id, place.id, None, 5, "talk", started)
        await store.talk.write((interval,), server, began + timedelta(seconds=4))
    journal = await TalkJournal.open(store, "v1", clocks.now, clocks.monotonic)
    found = {interval.id: interval for interval in await intervals()}
    assert (found[1].ended_at, found[1].closed_by) == (began + timedelta(seconds=4), "crash")
    assert (found[2].ended_at, found[2].closed_by) == (found[2].started_at, "crash")
    assert found[3].ended_at is None, "the other server lives"
    await journal.close()


CRASHING = """
import asyncio, os, sys
from vcs.store import Store
from vcs.store.journal import TalkJournal

async def main() -> None:
    store = await Store.open(sys.argv[1])
    journal = await TalkJournal.open(store, "v1")
    journal.opened(
        desk_id=int(sys.argv[2]), booth_id=int(sys.argv[3]), officer_id=0, occupant=9, kind="talk"
    )
    while journal.pending:
        await asyncio.sleep(0.005)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_after_a_real_kill_the_interval_is_there_and_marked(
    store: Store, place: BoothPlace, database_url: str, intervals: Intervals
) -> None:
    crashed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", CRASHING, database_url, str(place.desk_id), str(place.id)],
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert crashed.returncode == -9
    (interval,) = await intervals()
    assert interval.ended_at is None
    await (await TalkJournal.open(store, "v1")).close()
    (interval,) = await intervals()
    assert interval.closed_by == "crash"
    assert interval.ended_at is not None
    assert timedelta(0) <= interval.ended_at - interval.started_at < timedelta(seconds=30)
